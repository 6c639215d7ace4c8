#include <benchmark/benchmark.h>

#include "agent/schedule/stripe.h"
#include "common/schedule/arrival_schedule.h"
#include "common/slots.h"

namespace loadfleet {
namespace {

ArrivalSchedule Month() {
  v1::Rate rate;
  rate.set_count(99'991);
  rate.set_period_ns(kSecond);
  return ArrivalSchedule::Constant(rate, 30LL * 86'400 * kSecond);
}

void ScheduleTimeOf(benchmark::State& state) {
  const ArrivalSchedule schedule = Month();
  uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(schedule.TimeOf(n++));
}
BENCHMARK(ScheduleTimeOf);

// The next arrival of one worker, out of so many.
void StripeTake(benchmark::State& state) {
  const auto workers = static_cast<size_t>(state.range(0));
  Stripe stripe(Month(), Deal(SlotSet::All(), std::vector<uint32_t>(workers, 1)).front());
  for (auto _ : state) {
    benchmark::DoNotOptimize(stripe.NextTime());
    stripe.Take();
  }
}
BENCHMARK(StripeTake)->Arg(1)->Arg(8)->Arg(64);

}  // namespace
}  // namespace loadfleet
