#include "master/results/stage_reports.h"

#include <algorithm>

#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"
#include "common/stages.h"

namespace loadfleet {
namespace {

v1::Totals TotalsOfStage(const Sums& sums, uint32_t scenario, uint32_t stage) {
  RequestStats requests;
  for (const auto& [id, stats] : sums.requests()) {
    if (id.scenario == scenario && id.stage == stage) requests.Merge(stats);
  }
  v1::Totals totals = TotalsOf(requests);
  const auto found = sums.arrivals().find({scenario, stage});
  const ArrivalCounts arrivals = found == sums.arrivals().end() ? ArrivalCounts() : found->second;
  arrivals.ToProto(totals.mutable_arrivals());
  return totals;
}

// Requests a second, of the schedule between the two.
double RateBetween(const v1::Plan& plan, const v1::Scenario& scenario, Nanos begin, Nanos end) {
  if (OpenModelOf(scenario) == nullptr || end <= begin) return 0;
  const ArrivalSchedule schedule = ArrivalSchedule::Of(scenario);
  const long double arrivals =
      MeanArrivalsBefore(schedule, end) - MeanArrivalsBefore(schedule, begin);
  return RequestsPerIteration(plan, scenario) *
         static_cast<double>(arrivals * kSecond / static_cast<long double>(end - begin));
}

}  // namespace

void FillStages(const v1::Plan& plan, const Sums& sums, Nanos duration, v1::Report* report) {
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    const v1::Scenario& scenario = plan.scenarios(i);
    const std::vector<Stage> stages = StagesOf(scenario);
    for (size_t s = 0; s < stages.size(); ++s) {
      const Stage& stage = stages[s];
      const Nanos end = std::clamp(duration - scenario.start_time_ns(), stage.begin, stage.end);
      v1::StageReport* made = report->add_stages();
      made->set_scenario(scenario.name());
      made->set_stage(stage.name);
      made->set_index(static_cast<uint32_t>(s));
      made->set_duration_ns(end - stage.begin);
      made->set_planned_rate(RateBetween(plan, scenario, stage.begin, end));
      made->set_measured(stage.measured);
      *made->mutable_totals() =
          TotalsOfStage(sums, static_cast<uint32_t>(i), static_cast<uint32_t>(s));
    }
  }
}

}  // namespace loadfleet
