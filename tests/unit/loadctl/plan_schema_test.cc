// docs/plan.schema.json says what the plan compiler reads: neither more nor less. The maps of a
// plan are the schema's $defs of the same name (the plan itself is the schema), so a new key is one
// line among its map's properties.
#include "loadctl/schema/plan_schema.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/plan/read_keys.h"
#include "loadctl/import/input_file.h"
#include "loadctl/import/yaml_document.h"
#include "tests/unit/loadctl/schema_checker.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Keys = std::set<std::string>;

const Json& Schema() {
  static const Json& schema = *new Json(ParseJson(PlanSchema(), "plan.schema.json").value());
  return schema;
}

std::vector<std::string> Examples() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    if (entry.path().extension() != ".yaml") continue;
    texts.push_back(ReadInput(entry.path()).value());
  }
  return texts;
}

// Every key that is read in any plan: the examples, and one for each key that is only asked for
// when it is there.
const ReadKeys& Read() {
  static const ReadKeys& read = [] {
    auto* keys = new ReadKeys;
    std::vector<std::string> plans = Examples();
    for (const char* method : {"get", "post", "put", "patch", "delete", "head", "options"}) {
      plans.push_back(absl::StrCat(method, ": /\nrate: 1/s\n"));
      plans.push_back(absl::StrCat("flows: {f: {steps: [{request: r, ", method, ": /}]}}\n"));
    }
    plans.push_back("get: /\nvus: 1\nexpect: {status: 200}\n");
    plans.push_back("get: /\nvus: 1\ndefaults: {trace: {sample: 1%}}\n");
    plans.push_back("flows: {f: {feed: [a], steps: [{request: r, get: /}]}}\nfeeders: {a: {}}\n");
    for (const char* body : {"body: a", "json: {}", "form: {a: b}", "body_file: a",
                             "multipart: [{name: a, text: b}]", "multipart: [{name: a, file: b}]",
                             "auth: {bearer: a}", "auth: {basic: {user: a, password: b}}"}) {
      plans.push_back(absl::StrCat("post: /\nrate: 1/s\n", body, "\n"));
      plans.push_back(absl::StrCat("flows: {f: {steps: [{request: r, post: /, ", body, "}]}}\n"));
    }
    for (const char* source :
         {"json: $.a", "regex: a", "header: a", "cookie: a", "status: true", "body_size: true"}) {
      plans.push_back(absl::StrCat("get: /\nrate: 1/s\ncapture: {a: {", source, "}}\n"));
    }
    for (const std::string& plan : plans) AddKeysReadIn(SourceOf(plan), keys);
    return std::cref(*keys);
  }();
  return read;
}

Keys NamesOf(const Json* properties) {
  Keys names;
  if (properties == nullptr) return names;
  for (const auto& [name, property] : properties->items()) names.insert(name);
  return names;
}

// The sub-schema of a kind of map; null when there is none.
const Json* SchemaOf(const std::string& map) {
  return map.empty() ? &Schema() : Member(Schema().at("$defs"), map);
}

// The words that a property allows, its $ref followed; none when it is not of a closed set.
Keys WordsOf(const Json& property) {
  if (const std::string* reference = TextMember(property, "$ref")) {
    return WordsOf(Schema().at("$defs").at(reference->substr(sizeof("#/$defs/") - 1)));
  }
  Keys words;
  if (const Json* list = Member(property, "enum")) {
    for (const Json& word : *list) {
      words.insert(word.is_string() ? word.get<std::string>() : word.dump());
    }
  }
  return words;
}

TEST(PlanSchema, IsTheDocumentedOne) {
  EXPECT_EQ(PlanSchema(), ReadInput(PLAN_SCHEMA).value());
}

TEST(PlanSchema, HasTheKeysThatThePlanCompilerReads) {
  for (const auto& [map, keys] : Read().maps()) {
    const Json* schema = SchemaOf(map);
    ASSERT_NE(schema, nullptr) << "docs/plan.schema.json has no $defs/" << map;
    Keys read;
    for (const auto& [key, words] : keys) read.insert(key);
    EXPECT_EQ(NamesOf(Member(*schema, "properties")), read)
        << "in docs/plan.schema.json " << (map.empty() ? "at the top" : "$defs/" + map);
  }
}

TEST(PlanSchema, HasNoMapThatThePlanCompilerDoesNotRead) {
  for (const auto& [name, schema] : Schema().at("$defs").items()) {
    if (!schema.contains("properties")) continue;
    EXPECT_EQ(Read().maps().count(name), 1u) << "$defs/" << name;
  }
}

TEST(PlanSchema, HasTheWordsThatThePlanCompilerTakes) {
  for (const auto& [map, keys] : Read().maps()) {
    for (const auto& [key, words] : keys) {
      const Json* schema = SchemaOf(map);
      const Json* property = schema == nullptr ? nullptr : Member(schema->at("properties"), key);
      if (property == nullptr || words == Keys{"false", "true"}) continue;
      EXPECT_EQ(WordsOf(*property), words) << map << "." << key;
    }
  }
}

TEST(PlanSchema, TakesEveryExample) {
  for (const std::string& text : Examples()) {
    const absl::StatusOr<Json> plan = ParseYaml(text, "plan.yaml");
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(ViolationsOf(Schema(), Schema(), *plan), IsEmpty()) << text;
  }
}

TEST(PlanSchema, TakesWhatIsWrittenInManyWays) {
  const Json plan = ParseYaml(R"(
target: ${TARGET:-http://a}
get: https://b/x
rate: 5
duration: ${LONG}
seed: ${SEED}
validity: {min_coverage: 0.9, max_worker_cpu: 90%}
defaults: {http: {version: 2, tls: {insecure: true, min_version: 1.2}, headers: {X-Count: 7}}}
)",
                              "plan.yaml")
                        .value();
  EXPECT_THAT(ViolationsOf(Schema(), Schema(), plan), IsEmpty());
}

TEST(PlanSchema, RefusesWhatAnEditorShouldMark) {
  const Json plan = ParseYaml(R"(
target: shop.test
duration: soon
rat: 5
agents: {on_loss: cry}
scenarios: {a: {flow: f, stages: [{duration: 1s}]}}
)",
                              "plan.yaml")
                        .value();
  EXPECT_THAT(
      ViolationsOf(Schema(), Schema(), plan),
      ElementsAre(HasSubstr("/target: not of the form"), HasSubstr("/duration: not of the form"),
                  ": unknown key `rat`", "/agents/on_loss: not a word of the enum",
                  "/scenarios/a/stages/0: `target` is missing",
                  "/scenarios/a: `executor` is missing"));
}

TEST(PlanSchema, UsesOnlyKeywordsThatThisTestChecks) {
  EXPECT_THAT(UnknownKeywords(Schema()), IsEmpty());
}

}  // namespace
}  // namespace loadfleet
