#include "tests/unit/loadctl/page_examples.h"

#include <algorithm>
#include <set>
#include <utility>

#include <re2/re2.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/plan/compile.h"
#include "loadctl/import/yaml_document.h"
#include "tests/support/test_certificate.h"

namespace loadfleet {
namespace {

// Where a part of a plan stands: what is written above it, and how far below that it is indented.
struct Place {
  const char* map;  // whose keys it has, a name among the schema's $defs; "" is the plan itself
  bool list;        // of such maps
  const char* above;
  int indent;
};

// The first that knows all outermost keys is meant.
constexpr Place kPlaces[] = {
    {"", false, "", 0},
    {"scenario", false, "scenarios:\n  example:\n", 4},
    {"flow", false, "flows:\n  example:\n", 4},
    {"step", false, "flows:\n  example:\n    steps:\n    -\n", 6},
    {"step", true, "flows:\n  example:\n    steps:\n", 4},
    {"threshold", true, "thresholds:\n", 2},
    {"defaults", false, "defaults:\n", 2},
    {"http", false, "defaults:\n  http:\n", 4},
};

bool HasOnlyKeysOf(const Json& map, const Json& schema, const char* kind) {
  const Json* keys = Member(*kind == '\0' ? schema : schema.at("$defs").at(kind), "properties");
  if (keys == nullptr || !map.is_object()) return false;
  for (const auto& [key, value] : map.items()) {
    if (!keys->contains(key)) return false;
  }
  return true;
}

bool Stands(const Json& example, const Json& schema, const Place& place) {
  if (!place.list) return HasOnlyKeysOf(example, schema, place.map);
  if (!example.is_array() || example.empty()) return false;
  for (const Json& one : example) {
    if (!HasOnlyKeysOf(one, schema, place.map)) return false;
  }
  return true;
}

std::string Indented(const std::string& text, int by) {
  std::string indented;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&indented, std::string(static_cast<size_t>(by), ' '), line, "\n");
  }
  return indented;
}

std::set<std::string> KeysOf(const Json* map) {
  std::set<std::string> keys;
  if (map == nullptr || !map->is_object()) return keys;
  for (const auto& [key, value] : map->items()) keys.insert(key);
  return keys;
}

// The flows that a map names anywhere within it.
void AddFlowsUsedBy(const Json& value, std::set<std::string>* flows) {
  if (!value.is_structured()) return;
  if (const std::string* flow = TextMember(value, "flow")) flows->insert(*flow);
  for (const Json& member : value) AddFlowsUsedBy(member, flows);
}

// Whether a step or one within it is a request: a flow needs one.
bool HasRequest(const Json& steps) {
  if (steps.is_object()) {
    const Json* within = Member(steps, "steps");
    return steps.contains("request") || (within != nullptr && HasRequest(*within));
  }
  for (const Json& step : steps) {
    if (step.is_object() && HasRequest(step)) return true;
  }
  return false;
}

bool HasMethod(const Json& plan) {
  static constexpr const char* kMethods[] = {"get",    "post", "put",    "patch",
                                             "delete", "head", "options"};
  return std::any_of(std::begin(kMethods), std::end(kMethods),
                     [&plan](const char* method) { return plan.contains(method); });
}

// What a plan with these keys of the top lacks, as further ones.
std::string Rest(const Json& plan) {
  std::string rest;
  const auto add_if_absent = [&](const char* key, absl::string_view line) {
    if (!plan.contains(key)) absl::StrAppend(&rest, line, "\n");
  };
  add_if_absent("target", "target: http://localhost:8080");
  std::set<std::string> used;
  AddFlowsUsedBy(plan, &used);
  const std::set<std::string> flows = KeysOf(Member(plan, "flows"));
  if (used.empty() && flows.empty()) {
    if (!HasMethod(plan)) absl::StrAppend(&rest, "get: /\n");
    if (!plan.contains("vus")) add_if_absent("rate", "rate: 1/s");
    add_if_absent("duration", "duration: 1s");
    return rest;
  }
  if (flows.empty()) {
    absl::StrAppend(&rest, "flows:\n");
    for (const std::string& flow : used) {
      absl::StrAppend(&rest, "  ", flow, ": {steps: [{request: ", flow, ", get: /}]}\n");
    }
  }
  if (plan.contains("scenarios")) return rest;
  absl::StrAppend(&rest, "scenarios:\n");
  for (const std::string& flow : flows.empty() ? used : flows) {
    absl::StrAppend(&rest, "  ", flow, ": {executor: constant-vus, flow: ", flow,
                    ", vus: 1, duration: 1s}\n");
  }
  return rest;
}

// The second word of each {{ feeder.column }} in the text.
std::set<std::string> ColumnsUsedIn(const std::string& text) {
  static const RE2& use = *new RE2(R"(\{\{\s*[\w-]+\.([\w-]+)\s*\}\})");
  std::set<std::string> columns = {"column"};
  re2::StringPiece rest(text);
  std::string column;
  while (RE2::FindAndConsume(&rest, use, &column)) columns.insert(column);
  return columns;
}

// A file of rows with all columns that are used stands for each that the text names.
void AddRows(const std::string& text, v1::PlanSource* source) {
  static const RE2& file = *new RE2(R"(([\w./-]+\.(?:csv|jsonl|ndjson)))");
  const std::set<std::string> columns = ColumnsUsedIn(text);
  re2::StringPiece rest(text);
  std::string name;
  while (RE2::FindAndConsume(&rest, file, &name)) {
    v1::DataSource* rows = source->add_data();
    rows->set_name(name);
    rows->mutable_columns()->Add(columns.begin(), columns.end());
    rows->set_rows(1'000);
  }
}

// What can be read in place of the file that the page's author keeps under this name.
std::string StandInFor(absl::string_view file, const TestCertificate& certificate) {
  if (absl::EndsWith(file, ".pem")) return certificate.CertificatePem();
  if (absl::EndsWith(file, ".key")) return certificate.KeyPem();
  return "anything";
}

}  // namespace

std::vector<PageExample> ExamplesOf(const std::string& page) {
  std::vector<PageExample> examples;
  bool within = false;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    ++number;
    if (absl::StartsWith(line, "```")) {
      within = !within && absl::StartsWith(line, "```yaml");
      if (within) examples.push_back({number + 1, ""});
    } else if (within) {
      absl::StrAppend(&examples.back().text, line, "\n");
    }
  }
  return examples;
}

absl::StatusOr<v1::PlanSource> WholePlanOf(const PageExample& example, const Json& schema) {
  const absl::StatusOr<Json> part = ParseYaml(example.text, "example");
  if (!part.ok()) return part.status();
  const Place* place = nullptr;
  for (const Place& one : kPlaces) {
    if (place == nullptr && Stands(*part, schema, one)) place = &one;
  }
  if (place == nullptr) {
    return absl::InvalidArgumentError(
        "its outermost keys are of no one place (the top, a scenario, a flow, a step, `defaults`, "
        "`defaults.http`, thresholds): write it with the keys that lead to it");
  }
  std::string text = absl::StrCat(place->above, Indented(example.text, place->indent));
  const bool is_step = absl::string_view(place->map) == "step";
  if (is_step && !HasRequest(*part)) {
    absl::StrAppend(&text, "    - {request: another, get: /}\n");
  }
  const absl::StatusOr<Json> plan = ParseYaml(text, "example");
  if (!plan.ok()) return plan.status();
  absl::StrAppend(&text, Rest(*plan));

  v1::PlanSource source;
  source.set_name("plan.yaml");
  source.set_text(text);
  for (const std::string& name : EnvironmentNames(source)) {
    if (absl::StrContains(text, absl::StrCat("${", name, "}"))) {
      source.mutable_environment()->insert({name, "12345"});
    }
  }
  AddRows(text, &source);
  const TestCertificate certificate;
  for (const std::string& file : CompilePlan(source).files) {
    (*source.mutable_files())[file] = StandInFor(file, certificate);
  }
  return source;
}

}  // namespace loadfleet
