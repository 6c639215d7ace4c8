#include <string>

#include "absl/strings/string_view.h"
#include "common/limits.h"
#include "common/plan/compile.h"
#include "common/plan/threshold_expr.h"
#include "common/plan_shape.h"
#include "common/template_text.h"
#include "common/text.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/require.h"

namespace loadfleet {
namespace {

void CheckProblems(const CompiledPlan& compiled) {
  Require(compiled.problems.size() <= static_cast<size_t>(limits::kPlanProblems) + 1,
          "a plan has at most so many problems, and a line that counts the others");
  for (const v1::Problem& problem : compiled.problems) {
    Require(!problem.message().empty(), "a problem says what it is");
    Require(problem.message().size() < 1'000, "a problem can be read at once");
    Require(ValidUtf8Prefix(problem.message()) == problem.message().size(), "it is UTF-8");
    Require((problem.line() == 0) == (problem.column() == 0), "a place has a line and a column");
  }
}

void CheckPlan(const v1::Plan& plan) {
  Require(plan.scenarios_size() > 0 && !RequestsOf(plan).empty(), "a plan sends something");
  for (const v1::Scenario& scenario : plan.scenarios()) {
    for (const v1::WeightedFlow& flow : FlowsOf(scenario)) {
      Require(static_cast<int>(flow.flow()) < plan.flows_size(), "a scenario has flows");
    }
  }
  for (const v1::Flow& flow : plan.flows()) {
    Require(UnrolledSteps(flow) <= limits::kFlowSteps, "a flow is no longer than allowed");
  }
  uint32_t index = 0;
  for (const v1::Request* request : RequestsOf(plan)) {
    Require(request->index() == index++, "requests are numbered without gaps");
    Require(request->has_origin() && !request->method().empty(), "a request goes somewhere");
    Require(!IsTemplate(request->target()) || ParseTemplate(request->target()).ok(),
            "what is to be filled in can be");
  }
}

// The two small languages, also without the YAML around them.
void CheckLanguages(const std::string& text) {
  const auto parts = ParseTemplate(text);
  Require(!parts.ok() || parts->size() <= text.size(), "a piece has a byte at least");
  const absl::StatusOr<MetricText> metric = SplitMetric(text);
  Require(!metric.ok() || !metric->name.empty(), "a metric has a name");
  for (const v1::ThresholdMetric measured :
       {v1::THRESHOLD_RESPONSE_TIME, v1::THRESHOLD_FAILED_REQUESTS, v1::THRESHOLD_REQUESTS}) {
    v1::Threshold threshold;
    threshold.set_measured(measured);
    if (!ParseThresholdExpr(text, &threshold).ok()) continue;
    Require(threshold.comparison() != v1::COMPARISON_UNSPECIFIED &&
                threshold.aggregate() != v1::THRESHOLD_AGGREGATE_UNSPECIFIED,
            "an expression compares something");
    Require(threshold.limit() >= 0, "with a number that is one");
  }
}

}  // namespace

void FuzzPlan(const uint8_t* data, size_t size) {
  v1::PlanSource source;
  source.set_name("plan.yaml");
  source.set_text(std::string(reinterpret_cast<const char*>(data), size));
  (*source.mutable_environment())["TARGET"] = "http://127.0.0.1:8080";
  const CompiledPlan compiled = CompilePlan(source);
  CheckProblems(compiled);
  if (compiled.problems.empty()) CheckPlan(compiled.plan);
  CheckLanguages(source.text());
}

}  // namespace loadfleet
