#include "common/plan/thresholds_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/limits.h"
#include "common/nearest_word.h"
#include "common/plan/threshold_expr.h"
#include "common/plan_shape.h"
#include "common/request_selection.h"
#include "common/stages.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// What of the plan a selector can name beside scenarios, requests and stages.
struct Selectable {
  std::map<std::string, uint32_t> groups;
  std::map<std::string, std::set<std::string>> tags;  // the values of each name
};

void AddGroups(const google::protobuf::RepeatedPtrField<v1::Step>& steps, Selectable* out) {
  for (const v1::Step& step : steps) {
    if (step.has_group()) out->groups.emplace(step.group().name(), step.group().index());
    if (const auto* inner = InnerSteps(step)) AddGroups(*inner, out);
  }
}

Selectable SelectableOf(const v1::Plan& plan) {
  Selectable selectable;
  for (const v1::Flow& flow : plan.flows()) AddGroups(flow.steps(), &selectable);
  for (const v1::Request* request : RequestsOf(plan)) {
    for (const auto& [name, value] : request->tags()) selectable.tags[name].insert(value);
  }
  return selectable;
}

constexpr absl::string_view kTagPrefix = "tag.";
constexpr size_t kNamesCompared = 100;  // with a wrong one, to suggest another: bounds the time

class ThresholdReader {
 public:
  ThresholdReader(const Node& node, const v1::Plan& plan, const Selectable& selectable,
                  Problems* problems)
      : map_(&node, "threshold", node.place, problems), plan_(plan), selectable_(selectable) {}

  v1::Threshold Read() {
    map_.Require("metric", "metric: response_time");
    map_.Require("expr", "expr: p(99) < 250ms");
    const bool known = ReadMetric();
    if (const Node* expr = map_.Text("expr", "a comparison such as p(99) < 250ms")) {
      ReadExpr(*expr, known);
    }
    ReadStageKey();
    ReadWindow();
    ReadConsequences();
    map_.Finish();
    return std::move(made_);
  }

 private:
  bool ReadMetric();
  void ReadExpr(const Node& expr, bool known);
  bool TooLong(absl::string_view key, const Node& text);
  void AddForeign(absl::string_view metric, std::vector<std::string> allowed,
                  const std::string& key, const std::string& value, Place place);
  void Select(const std::string& key, const std::string& value, Place place);
  void SelectStage(const std::string& name, absl::string_view key, Place place);
  void SelectStatus(const std::string& text, Place place);
  void SelectGroup(const std::string& name, Place place);
  void SelectTag(const std::string& tag, const std::string& value, Place place);
  void CheckSelected(Place place);
  void ReadStageKey();
  void ReadWindow();
  void ReadConsequences();
  std::optional<Nanos> WholeSeconds(absl::string_view key);
  void AddUnknown(absl::string_view key, Place place, absl::string_view what,
                  const std::string& name, const std::vector<std::string>& known);

  MapReader map_;
  const v1::Plan& plan_;
  const Selectable& selectable_;
  v1::Threshold made_;
};

bool ThresholdReader::TooLong(absl::string_view key, const Node& text) {
  if (text.text.size() <= limits::kThresholdBytes) return false;
  map_.Add(key, text.place,
           absl::StrCat(text.text.size(), " bytes, the limit is ", limits::kThresholdBytes));
  return true;
}

// `known`: whether there is a metric that it can be about.
void ThresholdReader::ReadExpr(const Node& expr, bool known) {
  if (TooLong("expr", expr)) return;
  made_.set_expr(expr.text);
  if (!known) return;
  const absl::Status status = ParseThresholdExpr(expr.text, &made_);
  if (!status.ok()) map_.Add("expr", expr.place, status.message());
}

bool ThresholdReader::ReadMetric() {
  const Node* metric = map_.Text("metric", "a metric such as response_time");
  if (metric == nullptr) return false;
  if (TooLong("metric", *metric)) return false;
  made_.set_metric(metric->text);
  const absl::StatusOr<MetricText> split = SplitMetric(metric->text);
  if (!split.ok()) {
    map_.Add("metric", metric->place, split.status().message());
    return false;
  }
  const absl::StatusOr<v1::ThresholdMetric> measured = MetricOf(split->name);
  if (!measured.ok()) {
    map_.Add("metric", metric->place, measured.status().message());
    return false;
  }
  made_.set_measured(*measured);
  const std::vector<std::string> allowed = SelectorsOf(*measured);
  std::vector<std::string> seen;
  for (const auto& [key, value] : split->selectors) {
    const std::string kind = absl::StartsWith(key, kTagPrefix) ? "tag" : key;
    if (std::find(allowed.begin(), allowed.end(), kind) == allowed.end() || key == "tag") {
      AddForeign(split->name, allowed, key, value, metric->place);
    } else if (std::find(seen.begin(), seen.end(), kind) != seen.end()) {
      map_.Add("metric", metric->place,
               kind == "tag" ? "selects by one tag, not by two"
                             : absl::StrCat("`", key, "` is there twice"));
    } else {
      seen.push_back(kind);
      Select(key, value, metric->place);
    }
  }
  CheckSelected(metric->place);
  return true;
}

// A selector that does not go with the metric, or that is a tag's name without its beginning.
void ThresholdReader::AddForeign(absl::string_view metric, std::vector<std::string> allowed,
                                 const std::string& key, const std::string& value, Place place) {
  const bool by_tags = std::find(allowed.begin(), allowed.end(), "tag") != allowed.end();
  std::replace(allowed.begin(), allowed.end(), std::string("tag"), std::string("tag.NAME"));
  std::string message = absl::StrCat("`", metric, "` is selected by ", absl::StrJoin(allowed, ", "),
                                     ", not by ", Quoted(key));
  if (by_tags && key == "tag") {
    const std::vector<std::string> written = absl::StrSplit(value, absl::MaxSplits(':', 1));
    absl::StrAppend(&message, ": write `tag.",
                    written.size() == 2 ? absl::StrCat(Shown(written[0]), "=", Shown(written[1]))
                                        : absl::StrCat(Shown(value), "=VALUE"),
                    "`");
  } else if (by_tags && selectable_.tags.count(key) > 0) {
    absl::StrAppend(&message, ": the tag is `tag.", key, "`");
  }
  map_.Add("metric", place, message);
}

void ThresholdReader::Select(const std::string& key, const std::string& value, Place place) {
  if (key == "status") return SelectStatus(value, place);
  if (key == "stage") return SelectStage(value, "metric", place);
  std::vector<std::string> known;
  if (key == "scenario") {
    for (int i = 0; i < plan_.scenarios_size(); ++i) {
      known.push_back(plan_.scenarios(i).name());
      if (known.back() != value) continue;
      return made_.mutable_selector()->set_scenario(static_cast<uint32_t>(i));
    }
    return AddUnknown("metric", place, "scenario", value, known);
  }
  if (key == "group") return SelectGroup(value, place);
  if (absl::StartsWith(key, kTagPrefix)) {
    return SelectTag(key.substr(kTagPrefix.size()), value, place);
  }
  for (const v1::Request* request : RequestsOf(plan_)) {
    known.push_back(request->name());
    if (known.back() != value) continue;
    return made_.mutable_selector()->set_request(request->index());
  }
  AddUnknown("metric", place, "request", value, known);
}

void ThresholdReader::SelectGroup(const std::string& name, Place place) {
  const auto found = selectable_.groups.find(name);
  if (found != selectable_.groups.end()) {
    return made_.mutable_selector()->set_group(found->second);
  }
  std::vector<std::string> known;
  for (const auto& [group, index] : selectable_.groups) known.push_back(group);
  AddUnknown("metric", place, "group", name, known);
}

void ThresholdReader::SelectTag(const std::string& tag, const std::string& value, Place place) {
  const auto found = selectable_.tags.find(tag);
  std::vector<std::string> known;
  if (found == selectable_.tags.end()) {
    for (const auto& [name, values] : selectable_.tags) known.push_back(name);
    return AddUnknown("metric", place, "tag", tag, known);
  }
  if (found->second.count(value) == 0) {
    for (const std::string& one : found->second) {
      if (known.size() < kNamesCompared) known.push_back(one);
    }
    return AddUnknown("metric", place, absl::StrCat("request whose tag `", tag, "` is"), value,
                      known);
  }
  made_.mutable_selector()->set_tag(tag);
  made_.mutable_selector()->set_tag_value(value);
}

// Names that are there, and that have nothing in common.
void ThresholdReader::CheckSelected(Place place) {
  if (!map_.problems()->empty()) return;
  const v1::ThresholdSelector& selector = made_.selector();
  if (!SelectsRequests(selector)) return;
  const std::vector<bool> selected = FlowsWithSelected(plan_, made_);
  for (int i = 0; i < plan_.scenarios_size(); ++i) {
    if (selector.has_scenario() && selector.scenario() != static_cast<uint32_t>(i)) continue;
    for (const v1::WeightedFlow& flow : FlowsOf(plan_.scenarios(i))) {
      if (selected[flow.flow()]) return;
    }
  }
  map_.Add("metric", place, "selects nothing: no scenario has anything that is all of these");
}

void ThresholdReader::SelectStage(const std::string& name, absl::string_view key, Place place) {
  v1::ThresholdSelector& selector = *made_.mutable_selector();
  if (!selector.stage().empty()) {
    return map_.Add(key, place, "the stage is named in the metric already");
  }
  std::vector<std::string> known;
  bool found = false;
  for (int i = 0; i < plan_.scenarios_size(); ++i) {
    if (selector.has_scenario() && selector.scenario() != static_cast<uint32_t>(i)) continue;
    for (const Stage& stage : StagesOf(plan_.scenarios(i))) {
      if (stage.name.empty()) continue;
      known.push_back(stage.name);
      if (stage.name != name) continue;
      found = true;
      if (stage.measured) continue;
      return map_.Add(key, place, absl::StrCat("the stage ", Quoted(name), " is not measured"));
    }
  }
  if (!found) return AddUnknown(key, place, "stage", name, known);
  selector.set_stage(name);
}

// `200`, or `5xx` for all of a class.
void ThresholdReader::SelectStatus(const std::string& text, Place place) {
  uint32_t status = 0;
  const bool digit = text.size() == 3 && text[0] >= '1' && text[0] <= '9';
  v1::ThresholdSelector& selector = *made_.mutable_selector();
  if (digit && text.substr(1) == "xx") {
    selector.set_min_status(static_cast<uint32_t>(text[0] - '0') * 100);
    selector.set_max_status(selector.min_status() + 99);
  } else if (digit && absl::SimpleAtoi(text, &status)) {
    selector.set_min_status(status);
    selector.set_max_status(status);
  } else {
    map_.Add("metric", place,
             absl::StrCat("expected a status such as 200 or 5xx, got ", Quoted(text)));
  }
}

void ThresholdReader::ReadStageKey() {
  const Node* stage = map_.Text("stage", "a stage's name");
  if (stage == nullptr) return;
  const bool known = made_.measured() != v1::THRESHOLD_METRIC_UNSPECIFIED;
  const std::vector<std::string> allowed =
      known ? SelectorsOf(made_.measured()) : std::vector<std::string>{"stage"};
  if (std::find(allowed.begin(), allowed.end(), "stage") == allowed.end()) {
    map_.Add("stage", stage->place,
             "does not go with a metric of connections, iterations or groups, which have none");
    return;
  }
  SelectStage(stage->text, "stage", stage->place);
}

std::optional<Nanos> ThresholdReader::WholeSeconds(absl::string_view key) {
  const std::optional<Nanos> value = map_.Duration(key, kSecond, limits::kThresholdWindow);
  if (!value || *value % kSecond == 0) return value;
  map_.Refuse({key}, "is a number of whole seconds, in which everything is judged");
  return std::nullopt;
}

// `for` alone is about single seconds.
void ThresholdReader::ReadWindow() {
  const std::optional<Nanos> over = WholeSeconds("over");
  const std::optional<Nanos> violated_for = WholeSeconds("for");
  made_.set_for_ns(violated_for.value_or(0));
  made_.set_over_ns(over.value_or(violated_for ? kSecond : 0));
}

void ThresholdReader::ReadConsequences() {
  static constexpr Choice<bool> kNoData[] = {{"fail", false}, {"pass", true}};
  made_.set_no_data_passes(map_.OneOf<bool>("no_data", kNoData).value_or(false));
  made_.set_abort_on_fail(map_.Bool("abort_on_fail").value_or(false));
  made_.set_delay_abort_eval_ns(
      map_.Duration("delay_abort_eval", 0, limits::kDuration).value_or(0));
  if (!made_.abort_on_fail()) {
    map_.Refuse({"delay_abort_eval"}, "goes with `abort_on_fail: true`");
  }
}

void ThresholdReader::AddUnknown(absl::string_view key, Place place, absl::string_view what,
                                 const std::string& name, const std::vector<std::string>& known) {
  const size_t compared = std::min(known.size(), kNamesCompared);
  const std::string nearest =
      map_.problems()->WouldKeep(place)
          ? DidYouMean(name, {known.begin(), known.begin() + static_cast<std::ptrdiff_t>(compared)})
          : "";
  map_.Add(key, place, absl::StrCat("there is no ", what, " ", Quoted(name), nearest));
}

}  // namespace

void ReadThresholds(MapReader& root, v1::Plan* plan) {
  const Entry* entry = root.Find("thresholds");
  if (entry == nullptr) return;
  const Node& list = entry->value;
  if (list.kind != Node::Kind::kSequence) {
    root.Add("thresholds", list.place,
             absl::StrCat("expected a list of thresholds, each with `metric` and `expr`, got ",
                          KindName(list.kind)));
    return;
  }
  if (list.items.size() > limits::kThresholds) {
    root.Add("thresholds", list.place,
             absl::StrCat(list.items.size(), " thresholds, the limit is ", limits::kThresholds));
    return;
  }
  Nanos windows = 0;
  const Selectable selectable = SelectableOf(*plan);
  for (const Node& item : list.items) {
    *plan->add_thresholds() = ThresholdReader(item, *plan, selectable, root.problems()).Read();
    windows += plan->thresholds().rbegin()->over_ns();
  }
  if (windows > limits::kThresholdWindow) {
    root.Add("thresholds", list.place,
             absl::StrCat("their windows (`over`) last ", FormatDuration(windows),
                          " together, the limit is ", FormatDuration(limits::kThresholdWindow)));
  }
}

}  // namespace loadfleet
