#include "loadctl/import/json_document.h"
#include "loadctl/import/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string JsonError(const std::string& text) {
  return std::string(ParseJson(text, "a.json").status().message());
}

std::string YamlError(const std::string& text) {
  return std::string(ParseYaml(text, "a.yaml").status().message());
}

TEST(ParseJson, KeepsTheOrderOfKeys) {
  EXPECT_EQ(CompactJson(*ParseJson(R"({"b": [1, null], "a": {}})", "")),
            R"({"b":[1,null],"a":{}})");
}

TEST(ParseJson, SaysWhereTheTextIsWrong) {
  EXPECT_THAT(JsonError("{\n  \"a\": x}"), StartsWith("a.json:2:8: no JSON: syntax error"));
  EXPECT_THAT(JsonError(""), StartsWith("a.json:1:1: no JSON: "));
  EXPECT_THAT(JsonError("\"\xff\""), StartsWith("a.json:1:2: no JSON: "));
}

TEST(ParseJson, RefusesWhatIsTooDeepOrTooLarge) {
  const std::string deep(1'000'000, '[');
  EXPECT_EQ(JsonError(deep), "a.json: more than 100 levels");
  std::string wide = "{";
  for (size_t i = 0; i <= limits::kImportKeys; ++i) absl::StrAppend(&wide, "\"", i, "\":1,");
  EXPECT_EQ(JsonError(wide), "a.json: more than 4000 keys in one object");
  std::string many = "[";
  for (size_t i = 0; i <= limits::kImportNodes; ++i) many += "1,";
  EXPECT_EQ(JsonError(many), "a.json: more than 4000000 nodes");
}

TEST(ParseYaml, MakesOfPlainScalarsWhatTheCoreSchemaSays) {
  EXPECT_EQ(
      CompactJson(*ParseYaml("{a: 1, b: -2.5, c: true, d: ~, e: '1', f: 1.2.3, g: x, 2: y}", "")),
      R"({"a":1,"b":-2.5,"c":true,"d":null,"e":"1","f":"1.2.3","g":"x","2":"y"})");
  EXPECT_EQ(CompactJson(*ParseYaml("- a\n- {b: [c]}\n", "")), R"(["a",{"b":["c"]}])");
}

TEST(ParseYaml, SaysWhereTheTextIsWrong) {
  EXPECT_THAT(YamlError("a: [1\nb: 2"), StartsWith("a.yaml:2:"));
  EXPECT_THAT(YamlError("a: 1\n---\nb: 2"), HasSubstr("a second document"));
  EXPECT_THAT(YamlError("a: \xff"), HasSubstr("not UTF-8"));
}

TEST(ParseYaml, RefusesAliasesAndWhatIsTooDeep) {
  EXPECT_THAT(YamlError("a: &a [1]\nb: *a\n"), HasSubstr("a.yaml:2:4: aliases"));
  EXPECT_THAT(YamlError(std::string(200, '[') + std::string(200, ']')),
              HasSubstr("more than 100 levels"));
}

TEST(JsonPointer, EscapesWhatItMust) {
  EXPECT_EQ(PointerTo("/paths", "/a~b/{c}"), "/paths/~1a~0b~1{c}");
}

}  // namespace
}  // namespace loadfleet
