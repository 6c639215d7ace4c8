#include "common/plan/flow_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/template_text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kStepKinds[] = {"request", "think", "group", "repeat", "if"};

// Whether it can only be meant as a request, be its name forgotten.
bool HasARequestKey(MapReader& step) {
  const absl::Span<const absl::string_view> keys = RequestKeys();
  return std::any_of(keys.begin(), keys.end(),
                     [&step](absl::string_view key) { return step.Has(key); });
}

void ReadRandomThink(MapReader map, v1::Think* out) {
  static constexpr Choice<v1::Think::Distribution> kDistributions[] = {
      {"normal", v1::Think::DISTRIBUTION_NORMAL},
      {"exponential", v1::Think::DISTRIBUTION_EXPONENTIAL},
  };
  const auto read = [&map](absl::string_view key) {
    return map.Duration(key, 0, limits::kThink).value_or(0);
  };
  if (map.Has("mean")) {
    out->set_distribution(map.OneOf<v1::Think::Distribution>("distribution", kDistributions)
                              .value_or(v1::Think::DISTRIBUTION_NORMAL));
    out->set_mean_ns(read("mean"));
    if (out->distribution() == v1::Think::DISTRIBUTION_NORMAL) {
      map.Require("sd", "sd: 200ms` or `distribution: exponential");
      out->set_sd_ns(read("sd"));
    } else {
      map.Refuse({"sd"}, "does not go with `exponential`");
    }
    map.Refuse({"min", "max"}, "does not go with `mean`");
  } else {
    out->set_distribution(v1::Think::DISTRIBUTION_UNIFORM);
    map.Require("min", "min: 100ms");
    map.Require("max", "max: 400ms");
    out->set_min_ns(read("min"));
    out->set_max_ns(read("max"));
    if (map.Has("min") && map.Has("max") && out->max_ns() < out->min_ns()) {
      map.Refuse({"max"}, "is below `min`");
    }
    map.Refuse({"sd", "distribution"}, "does not go without `mean`");
  }
  map.Finish();
}

// `{{ name }}`, alone or with == or != and a text.
bool ParseCondition(absl::string_view text, v1::If* out) {
  text = absl::StripAsciiWhitespace(text);
  const size_t end = text.find("}}");
  if (!absl::StartsWith(text, "{{") || end == text.npos) return false;
  out->set_value(std::string(text.substr(0, end + 2)));
  text = absl::StripAsciiWhitespace(text.substr(end + 2));
  out->set_test(v1::If::TEST_PRESENT);
  if (text.empty()) return true;
  const bool equal = absl::ConsumePrefix(&text, "==");
  if (!equal && !absl::ConsumePrefix(&text, "!=")) return false;
  out->set_test(equal ? v1::If::TEST_EQUAL : v1::If::TEST_NOT_EQUAL);
  out->set_literal(std::string(absl::StripAsciiWhitespace(text)));
  return !IsTemplate(text);
}

void ReadThink(MapReader& step, v1::Think* out) {
  const Entry* think = step.Find("think");
  if (think == nullptr) return;
  if (think->value.kind == Node::Kind::kMap) return ReadRandomThink(step.Map("think"), out);
  const Nanos fixed = step.Duration("think", 0, limits::kThink).value_or(0);
  out->set_distribution(v1::Think::DISTRIBUTION_UNIFORM);
  out->set_min_ns(fixed);
  out->set_max_ns(fixed);
}

}  // namespace

v1::Flow FlowReader::Read(const Entry& entry, const v1::Plan& plan, FeederReader* feeders) {
  static constexpr Choice<v1::Flow::OnError> kOnError[] = {
      {"next_iteration", v1::Flow::ON_ERROR_NEXT_ITERATION},
      {"continue", v1::Flow::ON_ERROR_CONTINUE},
      {"stop_vu", v1::Flow::ON_ERROR_STOP_VU},
  };
  v1::Flow flow;
  flow.set_name(entry.key);
  const std::string what = absl::StrCat("flow `", Shown(entry.key), "`");
  CheckName(what, entry.key, entry.place, problems_);
  MapReader map(&entry.value, what, entry.place, problems_);
  flow.set_on_error(map.OneOf<v1::Flow::OnError>("on_error", kOnError)
                        .value_or(v1::Flow::ON_ERROR_NEXT_ITERATION));
  feeders->ReadFeed(map, plan, &flow);
  uses_ = VariableUses();
  ReadSteps(map, "steps: [{request: home, get: /}]", flow.mutable_steps());
  setup_uses_.push_back(uses_.TakeSetup());
  uses_.Check(flow, plan, problems_);
  map.Finish();
  CheckCaptures(flow, map);
  if (problems_->empty()) CheckSize(flow, map);
  return flow;
}

void FlowReader::CheckCaptures(const v1::Flow& flow, const MapReader& map) {
  const size_t names = CapturedIn(flow).size();
  if (names <= limits::kCaptures) return;
  problems_->Add(map.place(), absl::StrCat("flow `", Shown(flow.name()), "` captures ", names,
                                           " different names, the limit is ", limits::kCaptures));
}

void FlowReader::CheckSize(const v1::Flow& flow, const MapReader& map) {
  if (RequestsOf(flow).empty()) {
    problems_->Add(map.place(),
                   absl::StrCat("flow `", Shown(flow.name()), "` has no request in its steps"));
  }
  if (const uint64_t steps = UnrolledSteps(flow); steps > limits::kFlowSteps) {
    problems_->Add(map.place(),
                   absl::StrCat("flow `", Shown(flow.name()), "` has ", steps,
                                " steps with its repetitions, the limit is ", limits::kFlowSteps));
  }
}

void FlowReader::ReadSteps(MapReader& map, absl::string_view example, Steps* out) {
  map.Require("steps", example);
  const Entry* steps = map.Find("steps");
  if (steps == nullptr) return;
  if (steps->value.kind != Node::Kind::kSequence || steps->value.items.empty()) {
    map.Add("steps", steps->value.place, "expected a list of steps");
    return;
  }
  for (const Node& item : steps->value.items) ReadStep(item, out);
}

void FlowReader::ReadStep(const Node& node, Steps* out) {
  MapReader step(&node, "step", node.place, problems_);
  absl::string_view kind;
  for (const absl::string_view key : kStepKinds) {
    if (!step.Has(key)) continue;
    if (kind.empty()) {
      kind = key;
    } else {
      step.Refuse({key}, absl::StrCat("excludes `", kind, "`: a step is one of them"));
    }
  }
  if (kind.empty() && !HasARequestKey(step)) {
    // What is no map has been told already.
    if (node.kind == Node::Kind::kMap || node.kind == Node::Kind::kNull) {
      problems_->Add(step.place(), "a step is `request`, `think`, `group`, `repeat` or `if`");
    }
    step.Know({"steps"});
    step.Finish();
    return;
  }
  v1::Step& made = *out->Add();
  if (kind == "think") {
    ReadThink(step, made.mutable_think());
    step.Finish();
  } else if (kind == "group") {
    ReadGroup(step, made.mutable_group());
  } else if (kind == "repeat") {
    ReadRepeat(step, made.mutable_repeat());
  } else if (kind == "if") {
    ReadIf(step, made.mutable_condition());
  } else {
    ReadRequestStep(step, made.mutable_request());
  }
}

void FlowReader::ReadGroup(MapReader& step, v1::Group* out) {
  if (const Node* name = step.Text("group", "the group's name")) {
    if (CheckName("`group`", name->text, name->place, problems_)) out->set_name(name->text);
    // The same name is the same group, wherever it stands.
    const auto next = static_cast<uint32_t>(groups_.size());
    out->set_index(groups_.try_emplace(name->text, next).first->second);
    if (groups_.size() == limits::kGroups + 1) {
      step.Add("group", name->place, absl::StrCat("the limit is ", limits::kGroups, " groups"));
    }
  }
  ReadSteps(step, "steps: [{request: home, get: /}]", out->mutable_steps());
  step.Finish();
}

void FlowReader::ReadRepeat(MapReader& step, v1::Repeat* out) {
  out->set_times(static_cast<uint32_t>(step.Count("repeat", 1, limits::kRepeats).value_or(1)));
  ReadSteps(step, "steps: [{request: home, get: /}]", out->mutable_steps());
  step.Finish();
}

void FlowReader::ReadIf(MapReader& step, v1::If* out) {
  constexpr absl::string_view kForm = "a condition such as \"{{ next }}\"";
  if (const Node* text = step.Text("if", kForm)) {
    if (!ParseCondition(text->text, out)) {
      step.Add("if", text->place,
               "expected \"{{ name }}\", \"{{ name }} == text\" or \"{{ name }} != text\"");
    } else {
      uses_.Add(out->value(), "`if`", text->place, problems_);
    }
  }
  ReadSteps(step, "steps: [{request: home, get: /}]", out->mutable_steps());
  step.Finish();
}

void FlowReader::ReadRequestStep(MapReader& step, v1::Request* out) {
  step.Require("request", "request: home");
  const Node* name = step.Text("request", "the request's name");
  const uint32_t index = requests_++;
  if (requests_ == limits::kRequests + 1) {
    problems_->Add(step.place(), absl::StrCat("the limit is ", limits::kRequests, " requests"));
  }
  // What is beyond the limits is not looked at: each inherits as much as the defaults have.
  if (requests_ > limits::kRequests || request_bytes_ > limits::kRequestBytes) return;
  if (name != nullptr) CheckRequestName(*name);
  *out = ReadRequest(step, defaults_, files_, &uses_);
  out->set_index(index);
  if (name != nullptr) out->set_name(name->text);
  request_bytes_ += out->ByteSizeLong();
  if (request_bytes_ > limits::kRequestBytes) {
    problems_->Add(step.place(),
                   absl::StrCat("the requests have more than ", FormatSize(limits::kRequestBytes),
                                " together, with what each inherits and its files"));
  }
  step.Finish();
}

void FlowReader::CheckRequestName(const Node& node) {
  if (!CheckName("`request`", node.text, node.place, problems_)) return;
  const auto [first, fresh] = request_names_.try_emplace(node.text, node.place);
  if (fresh) return;
  problems_->Add(node.place,
                 absl::StrCat("`request`: the name ", Quoted(node.text), " is taken on line ",
                              first->second.line, "; results are told apart by it"));
}

}  // namespace loadfleet
