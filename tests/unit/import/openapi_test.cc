#include "loadctl/import/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A document whose one operation is `post /x` with `operation`, in YAML's flow style.
std::string Document(absl::string_view operation, absl::string_view more = "") {
  return absl::StrCat("openapi: 3.0.0\nservers: [{url: 'http://a'}]\npaths: {/x: {post: {",
                      operation, "}}}\n", more);
}

// The same with a JSON body of this schema.
std::string WithSchema(absl::string_view schema, absl::string_view more = "") {
  return Document(
      absl::StrCat("requestBody: {content: {application/json: {schema: ", schema, "}}}"), more);
}

Imported Import(const std::string& text, const OpenApiOptions& options = {}) {
  absl::StatusOr<Imported> imported = ImportOpenApi(text, "a.yaml", options);
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok() ? *std::move(imported) : Imported{};
}

std::string BodyOf(const std::string& text) {
  const Imported imported = Import(text);
  return imported.requests.empty() ? "(none)" : imported.requests[0].body;
}

std::string ErrorOf(const std::string& text) {
  return std::string(ImportOpenApi(text, "a.yaml", {}).status().message());
}

TEST(ImportOpenApi, ValuesFitTheirSchemas) {
  EXPECT_EQ(BodyOf(WithSchema("{type: string}")), "\"text\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: string, maxLength: 2}")), "\"te\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: string, minLength: 6}")), "\"textxx\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: string, format: date}")), "\"2026-01-31\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: integer, minimum: 2.5}")), "3");
  EXPECT_EQ(BodyOf(WithSchema("{type: integer, minimum: 2, exclusiveMinimum: true}")), "3");
  EXPECT_EQ(BodyOf(WithSchema("{type: integer, maximum: -5}")), "-5");
  EXPECT_EQ(BodyOf(WithSchema("{type: number, minimum: 0.5}")), "0.5");
  EXPECT_EQ(BodyOf(WithSchema("{type: boolean}")), "true");
  EXPECT_EQ(BodyOf(WithSchema("{type: array, minItems: 2, items: {type: boolean}}")),
            "[true,true]");
  EXPECT_EQ(BodyOf(WithSchema("{properties: {b: {type: integer}, a: {}}}")),
            R"({"b":1,"a":"text"})");
}

TEST(ImportOpenApi, WhatTheAuthorWroteDownComesFirst) {
  EXPECT_EQ(BodyOf(WithSchema("{type: string, example: tea}")), "\"tea\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: string, enum: [b, a]}")), "\"b\"");
  EXPECT_EQ(BodyOf(WithSchema("{type: string, default: c}")), "\"c\"");
  EXPECT_EQ(BodyOf(Document("requestBody: {content: {application/json: {example: {b: 1, a: 2}}}}")),
            R"({"b":1,"a":2})");
  EXPECT_EQ(BodyOf(Document("requestBody: {content: {application/json: {examples: {one: {value: "
                            "[7]}}}}}")),
            "[7]");
  EXPECT_EQ(BodyOf(Document("requestBody: {content: {application/json: {example: '{\"a\": 1}'}}}")),
            R"({"a": 1})");
}

TEST(ImportOpenApi, SchemasAreCombined) {
  EXPECT_EQ(
      BodyOf(WithSchema("{allOf: [{properties: {a: {type: integer}}}, {properties: {b: {type: "
                        "boolean}}}]}")),
      R"({"a":1,"b":true})");
  EXPECT_EQ(BodyOf(WithSchema("{oneOf: [{type: integer}, {type: string}]}")), "1");
  EXPECT_EQ(BodyOf(WithSchema("{anyOf: [{type: boolean}]}")), "true");
}

TEST(ImportOpenApi, AReferenceIntoItselfEnds) {
  const std::string more =
      "components: {schemas: {Node: {type: object, required: [left], properties: {name: {type: "
      "string}, left: {$ref: '#/components/schemas/Node'}, right: {$ref: "
      "'#/components/schemas/Node'}, all: {type: array, items: {$ref: "
      "'#/components/schemas/Node'}}}}}}\n";
  EXPECT_EQ(BodyOf(WithSchema("{$ref: '#/components/schemas/Node'}", more)),
            R"({"name":"text","left":null,"all":[]})");
}

TEST(ImportOpenApi, AnExponentialDocumentEnds) {
  std::string more = "components:\n  schemas:\n";
  for (int i = 0; i < 15; ++i) {
    absl::StrAppend(&more, "    S", i, ": {properties: {");
    for (int k = 0; k < 20; ++k) {
      absl::StrAppend(&more, k == 0 ? "" : ", ", "p", k, ": {$ref: '#/components/schemas/S", i + 1,
                      "'}");
    }
    absl::StrAppend(&more, "}}\n");
  }
  absl::StrAppend(&more, "    S15: {type: string}\n");
  EXPECT_LT(BodyOf(WithSchema("{$ref: '#/components/schemas/S0'}", more)).size(), 4u << 20);
}

// Each use of an example is a copy of it.
TEST(ImportOpenApi, AnExampleThatIsUsedTooOftenIsRefused) {
  const auto used = [](int times, size_t bytes) {
    std::string schema = "{type: object, properties: {";
    for (int i = 0; i < times; ++i) {
      absl::StrAppend(&schema, "p", i, ": {$ref: '#/components/schemas/Big'}, ");
    }
    return WithSchema(schema + "}}",
                      absl::StrCat("components: {schemas: {Big: {example: {list: [1, ",
                                   std::string(bytes, 'x'), "]}}}}\n"));
  };
  EXPECT_EQ(BodyOf(used(2, 3)), R"({"p0":{"list":[1,"xxx"]},"p1":{"list":[1,"xxx"]}})");
  EXPECT_EQ(ErrorOf(used(100, 200'000)),
            "a.yaml: /components/schemas/Big: the examples written down have more than 16MiB "
            "together, with each as often as it is used");
}

// What JSON escapes is six times as long.
TEST(ImportOpenApi, ABodyBeyondTheLimitIsLeftOut) {
  std::string text =
      "{\"openapi\": \"3.0.0\", \"paths\": {\"/x\": {\"post\": {\"requestBody\": "
      "{\"content\": {\"application/json\": {\"example\": [\"";
  for (int i = 0; i < 3'000'000; ++i) text += "\\u0001";
  const Imported imported = Import(text + "\"]}}}}}}}");
  EXPECT_TRUE(imported.requests.empty());
  EXPECT_THAT(
      imported.notes,
      testing::Contains(HasSubstr("Left out: post /x, whose body would have 17.17MiB, the limit")));
}

TEST(ImportOpenApi, AnOperationsParameterTakesThePlaceOfThePathsOwn) {
  const Imported imported = Import(
      "openapi: 3.0.0\nservers: [{url: 'http://a'}]\npaths: {/x: {parameters: [{name: a, in: "
      "query, "
      "example: 1}, {name: b, in: query, example: 2}], get: {parameters: [{name: a, in: query, "
      "example: 3}, {name: a, in: header, example: 4}]}}}\n");
  ASSERT_EQ(imported.requests.size(), 1u);
  EXPECT_EQ(imported.requests[0].url, "http://a/x?a=3&b=2");
}

TEST(ImportOpenApi, MoreParametersThanAnyRequestHasAreRefused) {
  std::string list;
  for (int i = 0; i < 1'001; ++i) absl::StrAppend(&list, "{name: n", i, ", in: query}, ");
  EXPECT_EQ(ErrorOf(Document("parameters: [" + list + "]")),
            "a.yaml: /paths/~1x/post/parameters: more than 1000 parameters");
}

TEST(ImportOpenApi, AReferenceThatLeadsNowhereHasItsPlace) {
  EXPECT_EQ(ErrorOf(WithSchema("{$ref: '#/components/schemas/Gone'}")),
            "a.yaml: /paths/~1x/post/requestBody/content/application~1json/schema: `$ref` "
            "\"#/components/schemas/Gone\" leads nowhere");
  EXPECT_THAT(ErrorOf(WithSchema("{$ref: 'other.yaml#/A'}")),
              HasSubstr("leads into another document"));
  EXPECT_THAT(ErrorOf(WithSchema("{$ref: '#/a'}", "a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n")),
              HasSubstr("leads round in a circle"));
}

TEST(ImportOpenApi, TheNearestServerCounts) {
  EXPECT_EQ(Import(Document("")).requests[0].url, "http://a/x");
  EXPECT_EQ(Import(Document("servers: [{url: 'http://b/'}]")).requests[0].url, "http://b/x");
  EXPECT_EQ(Import(Document(""), {"http://c:1/base/"}).requests[0].url, "http://c:1/base/x");
  const Imported nowhere = Import("openapi: 3.1.0\npaths: {/x: {get: {}}}\n");
  EXPECT_EQ(nowhere.requests[0].url, "http://localhost:8080/x");
  EXPECT_THAT(nowhere.notes, ElementsAre(HasSubstr("names no host")));
}

TEST(ImportOpenApi, RequestsAreNamedByTheirOperation) {
  EXPECT_EQ(Import(Document("operationId: makeX")).requests[0].name, "makeX");
  EXPECT_EQ(Import(Document("")).requests[0].name, "post /x");
}

TEST(ImportOpenApi, ABodyThatAPlanCannotHaveIsNoted) {
  const char* png = "requestBody: {required: true, content: {image/png: {}}}";
  EXPECT_THAT(Import(Document(png)).requests, testing::IsEmpty());
  const Imported optional = Import(Document("requestBody: {content: {image/png: {}}}"));
  EXPECT_EQ(optional.requests.size(), 1u);
  EXPECT_THAT(optional.notes, ElementsAre("Without its body: post /x, whose body is image/png."));
}

TEST(ImportOpenApi, SaysWhatIsNoDocumentOfVersion3) {
  EXPECT_THAT(ErrorOf("swagger: '2.0'"), HasSubstr("a.yaml: /swagger: this is Swagger 2"));
  EXPECT_THAT(ErrorOf("a: b"), HasSubstr("a.yaml: /openapi: an OpenAPI document of version 3"));
  EXPECT_THAT(ErrorOf("openapi: 3.0.0"), HasSubstr("/paths: a map of paths"));
  EXPECT_THAT(ErrorOf("openapi: 3.0.0\npaths: {'/{a}': {get: {}}}\nservers: [{url: http://a}]"),
              HasSubstr("a.yaml: /paths/~1{a}/get: no parameter fills \"/{a}\""));
  EXPECT_THAT(ErrorOf(Document("parameters: [{name: a}]")),
              HasSubstr("/paths/~1x/post/parameters/0: a parameter with `name` and `in`"));
}

}  // namespace
}  // namespace loadfleet
