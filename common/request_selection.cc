#include "common/request_selection.h"

#include <algorithm>

#include "common/plan_shape.h"

namespace loadfleet {
namespace {

using Steps = google::protobuf::RepeatedPtrField<v1::Step>;

bool Fits(const v1::Request& request, bool in_group, const v1::ThresholdSelector& selector) {
  if (selector.has_request() && selector.request() != request.index()) return false;
  if (selector.has_group() && !in_group) return false;
  if (selector.tag().empty()) return true;
  const auto tag = request.tags().find(selector.tag());
  return tag != request.tags().end() && tag->second == selector.tag_value();
}

void Select(const Steps& steps, bool in_group, const v1::ThresholdSelector& selector,
            std::set<uint32_t>* out) {
  for (const v1::Step& step : steps) {
    if (step.has_request() && Fits(step.request(), in_group, selector)) {
      out->insert(step.request().index());
    }
    const Steps* inner = InnerSteps(step);
    if (inner == nullptr) continue;
    const bool opens = step.has_group() && step.group().index() == selector.group();
    Select(*inner, in_group || opens, selector, out);
  }
}

bool HasGroup(const Steps& steps, uint32_t group) {
  return std::any_of(steps.begin(), steps.end(), [group](const v1::Step& step) {
    if (step.has_group() && step.group().index() == group) return true;
    const Steps* inner = InnerSteps(step);
    return inner != nullptr && HasGroup(*inner, group);
  });
}

}  // namespace

bool SelectsRequests(const v1::ThresholdSelector& selector) {
  return selector.has_request() || selector.has_group() || !selector.tag().empty();
}

std::set<uint32_t> SelectedRequests(const v1::Flow& flow, const v1::ThresholdSelector& selector) {
  std::set<uint32_t> selected;
  Select(flow.steps(), false, selector, &selected);
  return selected;
}

std::vector<bool> FlowsWithSelected(const v1::Plan& plan, const v1::Threshold& threshold) {
  const v1::ThresholdSelector& selector = threshold.selector();
  std::vector<bool> with;
  for (const v1::Flow& flow : plan.flows()) {
    if (threshold.measured() == v1::THRESHOLD_GROUP_DURATION) {
      with.push_back(!selector.has_group() || HasGroup(flow.steps(), selector.group()));
    } else {
      with.push_back(!SelectsRequests(selector) || !SelectedRequests(flow, selector).empty());
    }
  }
  return with;
}

}  // namespace loadfleet
