// docs/plan.md shows every key of a plan in an example, and every example is right.
#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/plan/compile.h"
#include "loadctl/import/input_file.h"
#include "loadctl/import/yaml_document.h"
#include "loadctl/schema/plan_schema.h"
#include "tests/unit/loadctl/page_examples.h"
#include "tests/unit/loadctl/schema_checker.h"

namespace loadfleet {
namespace {

using testing::IsEmpty;

// A kind of map, "" being the plan itself, and one of its keys.
using Keys = std::set<std::pair<std::string, std::string>>;

const Json& Schema() {
  static const Json& schema = *new Json(ParseJson(PlanSchema(), "plan.schema.json").value());
  return schema;
}

const std::vector<PageExample>& Examples() {
  static const auto& examples =
      *new std::vector<PageExample>(ExamplesOf(ReadInput(PLAN_PAGE).value()));
  return examples;
}

// Adds the keys of `value`, which is of this kind, that stand in the example's own text: what
// completes an example shows nothing.
void AddKeys(const std::string& kind, const Json& schema, const Json& value,
             const std::string& text, Keys* keys) {
  if (const std::string* reference = TextMember(schema, "$ref")) {
    const std::string name(absl::StripPrefix(*reference, "#/$defs/"));
    return AddKeys(name, Schema().at("$defs").at(name), value, text, keys);
  }
  if (value.is_array()) {
    if (const Json* items = Member(schema, "items")) {
      for (const Json& item : value) AddKeys(kind, *items, item, text, keys);
    }
  }
  if (!value.is_object()) return;
  const Json* properties = Member(schema, "properties");
  const Json* others = Member(schema, "additionalProperties");
  for (const auto& [key, member] : value.items()) {
    const Json* property = properties == nullptr ? nullptr : Member(*properties, key);
    if (property != nullptr) {
      if (absl::StrContains(text, absl::StrCat(key, ":"))) keys->insert({kind, key});
      AddKeys(absl::StrCat(kind, ".", key), *property, member, text, keys);
    } else if (others != nullptr && others->is_object()) {
      AddKeys(kind, *others, member, text, keys);
    }
  }
}

Keys ShownKeys() {
  Keys shown;
  for (const PageExample& example : Examples()) {
    const absl::StatusOr<v1::PlanSource> plan = WholePlanOf(example, Schema());
    if (!plan.ok()) continue;  // told by the test below
    AddKeys("", Schema(), ParseYaml(plan->text(), "plan").value(), example.text, &shown);
  }
  return shown;
}

// The short form has the keys of a request and of a scenario: they need no example of their own.
bool IsShown(const Keys& shown, const std::string& map, const std::string& key) {
  if (shown.count({map, key}) != 0) return true;
  return map.empty() && (shown.count({"step", key}) != 0 || shown.count({"scenario", key}) != 0);
}

void ExpectAllShown(const Keys& shown, const std::string& map, const Json& schema) {
  const Json* properties = Member(schema, "properties");
  if (properties == nullptr) return;
  for (const auto& [key, property] : properties->items()) {
    EXPECT_TRUE(IsShown(shown, map, key))
        << "docs/plan.md has no example of `" << key << "`"
        << (map.empty() ? " at the top" : absl::StrCat(" in a map of the kind `", map, "`"))
        << ": add it to a ```yaml block, or write one (docs/plan.schema.json knows the key)";
  }
}

TEST(PlanPage, EveryExampleIsValid) {
  for (const PageExample& example : Examples()) {
    const std::string place = absl::StrCat("docs/plan.md:", example.line, ": this example ");
    const absl::StatusOr<v1::PlanSource> plan = WholePlanOf(example, Schema());
    if (!plan.ok()) {
      ADD_FAILURE() << place << "cannot be placed in a plan: " << plan.status().message();
      continue;
    }
    for (const v1::Problem& problem : CompilePlan(*plan).problems) {
      ADD_FAILURE() << place << "is no valid plan, made whole as follows.\n"
                    << FormatProblem(problem) << "\n\n"
                    << plan->text();
    }
    EXPECT_THAT(ViolationsOf(Schema(), Schema(), ParseYaml(plan->text(), "plan").value()),
                IsEmpty())
        << place << "is not of docs/plan.schema.json";
  }
}

TEST(PlanPage, ShowsEveryKeyInAnExample) {
  const Keys shown = ShownKeys();
  ExpectAllShown(shown, "", Schema());
  for (const auto& [map, schema] : Schema().at("$defs").items()) {
    ExpectAllShown(shown, map, schema);
  }
}

}  // namespace
}  // namespace loadfleet
