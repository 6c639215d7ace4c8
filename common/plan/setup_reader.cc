#include "common/plan/setup_reader.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/plan/flow_name.h"
#include "common/plan_shape.h"
#include "common/text.h"

namespace loadfleet {
namespace {

void LeaveOutSetupHeaders(v1::Flow* flow) {
  for (v1::Request* request : MutableRequestsOf(flow)) {
    auto& headers = *request->mutable_headers();
    headers.erase(
        std::remove_if(headers.begin(), headers.end(),
                       [](const v1::Header& header) { return AsksForSetup(header.value()); }),
        headers.end());
  }
}

// `setup: {flow: login_once}`. It is done as a VU would do it.
std::optional<v1::OnceFlow> ReadOnce(MapReader& plan, absl::string_view key,
                                     const v1::Plan& flows) {
  if (!plan.Has(key)) return std::nullopt;
  MapReader map = plan.Map(key);
  map.Require("flow", "flow: login_once");
  const std::optional<uint32_t> flow = FindFlow(map, flows);
  map.Finish();
  if (!flow) return std::nullopt;
  if (AsksFor(flows.flows(static_cast<int>(*flow)), "arrival")) {
    map.Add("flow", map.Find("flow")->value.place,
            "its flow asks for {{ arrival }}, which only an open model has");
  }
  v1::OnceFlow once;
  once.set_flow(*flow);
  return once;
}

}  // namespace

void ReadSetupAndTeardown(MapReader& plan, const std::vector<VariableUses>& flow_uses,
                          const VariableUses& default_uses, v1::Plan* out) {
  const std::optional<v1::OnceFlow> setup = ReadOnce(plan, "setup", *out);
  const std::optional<v1::OnceFlow> teardown = ReadOnce(plan, "teardown", *out);
  if (setup) *out->mutable_setup() = *setup;
  if (teardown) *out->mutable_teardown() = *teardown;
  if (setup && teardown && setup->flow() == teardown->flow()) {
    plan.Refuse({"teardown"}, "has the flow of `setup`: each has one of its own");
  }
  // One that is wrong captures who knows what.
  if (plan.Has("setup") && !setup) return;
  v1::Flow* const flow = setup ? out->mutable_flows(static_cast<int>(setup->flow())) : nullptr;
  for (size_t i = 0; i < flow_uses.size(); ++i) {
    if (setup && setup->flow() == i) {
      flow_uses[i].RefuseSetup(plan.problems());
    } else {
      flow_uses[i].CheckSetup(flow, plan.problems());
    }
  }
  default_uses.CheckSetup(flow, plan.problems());
  if (flow != nullptr) LeaveOutSetupHeaders(flow);
}

void RefuseSetupAndTeardown(MapReader& plan, VariableUses uses, const VariableUses& default_uses) {
  plan.Refuse({"setup", "teardown"}, "needs the full form: it names one of the `flows`");
  if (plan.Has("setup")) return;
  uses.CheckSetup(nullptr, plan.problems());
  default_uses.CheckSetup(nullptr, plan.problems());
}

}  // namespace loadfleet
