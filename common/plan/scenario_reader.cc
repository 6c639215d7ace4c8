#include "common/plan/scenario_reader.h"

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kLoadKeys[] = {"rate",          "vus",          "duration",
                                           "max_in_flight", "pacing",       "on_overflow",
                                           "max_lateness",  "graceful_stop"};
constexpr absl::string_view kOpenKeys[] = {"rate", "max_in_flight", "pacing", "on_overflow",
                                           "max_lateness"};
constexpr absl::string_view kLaterScenarioKeys[] = {
    "stages", "start_rate", "start_vus", "arrival", "iterations", "start_time", "pace", "flows"};

constexpr uint32_t kMaxInFlight = 20'000;
constexpr Nanos kGracefulStop = 10 * kSecond;

enum class Executor { kNone, kConstantArrivalRate, kConstantVus };

absl::StatusOr<v1::Rate> CheckedRate(absl::string_view text) {
  absl::StatusOr<v1::Rate> rate = ParseRate(text);
  if (!rate.ok()) return rate;
  const double per_second = static_cast<double>(rate->count()) /
                            (static_cast<double>(rate->period_ns()) / static_cast<double>(kSecond));
  if (per_second <= limits::kRatePerSecond) return rate;
  return absl::InvalidArgumentError(absl::StrCat(
      "the limit is ", static_cast<uint64_t>(limits::kRatePerSecond), "/s, got ", Quoted(text)));
}

int64_t ReadDuration(MapReader& map) {
  map.Require("duration", "duration: 30s");
  return map.Duration("duration", kMillisecond, limits::kDuration).value_or(0);
}

void ReadOpenModel(MapReader& map, Nanos max_lateness, v1::OpenModel* open) {
  static constexpr Choice<v1::Pacing> kPacing[] = {{"precise", v1::PACING_PRECISE},
                                                   {"batched", v1::PACING_BATCHED}};
  static constexpr Choice<v1::OnOverflow> kOverflow[] = {{"queue", v1::ON_OVERFLOW_QUEUE},
                                                         {"drop", v1::ON_OVERFLOW_DROP}};
  open->set_max_in_flight(static_cast<uint32_t>(
      map.Count("max_in_flight", 1, limits::kInFlight).value_or(kMaxInFlight)));
  open->set_pacing(map.OneOf<v1::Pacing>("pacing", kPacing).value_or(v1::PACING_PRECISE));
  open->set_on_overflow(
      map.OneOf<v1::OnOverflow>("on_overflow", kOverflow).value_or(v1::ON_OVERFLOW_QUEUE));
  open->set_max_lateness_ns(
      map.Duration("max_lateness", kMillisecond, limits::kTimeout).value_or(max_lateness));
}

void ReadConstantArrivalRate(MapReader& map, Nanos max_lateness, v1::ConstantArrivalRate* load) {
  map.Require("rate", "rate: 1000/s");
  if (const auto rate = map.Read<v1::Rate>("rate", "a rate such as 1000/s", CheckedRate)) {
    *load->mutable_rate() = *rate;
  }
  load->set_duration_ns(ReadDuration(map));
  ReadOpenModel(map, max_lateness, load->mutable_open());
  map.Refuse({"vus"}, "does not go with `rate`: a scenario is an open model or a closed one");
}

void ReadConstantVus(MapReader& map, v1::ConstantVus* load) {
  map.Require("vus", "vus: 50");
  load->set_vus(static_cast<uint32_t>(map.Count("vus", 1, limits::kVus).value_or(0)));
  load->set_duration_ns(ReadDuration(map));
  map.Refuse(kOpenKeys, "does not go with `vus`: only an open model (`rate`) has it");
}

Executor ReadExecutor(MapReader& map) {
  static constexpr Choice<Executor> kExecutors[] = {
      {"constant-arrival-rate", Executor::kConstantArrivalRate},
      {"constant-vus", Executor::kConstantVus},
      {"ramping-arrival-rate", Executor::kNone, false},
      {"ramping-vus", Executor::kNone, false},
      {"per-vu-iterations", Executor::kNone, false},
      {"shared-iterations", Executor::kNone, false},
  };
  map.Require("executor", "executor: constant-arrival-rate");
  return map.OneOf<Executor>("executor", kExecutors).value_or(Executor::kNone);
}

v1::Scenario ReadLoad(MapReader& map, Executor executor, Nanos max_lateness) {
  v1::Scenario scenario;
  scenario.set_graceful_stop_ns(
      map.Duration("graceful_stop", 0, limits::kTimeout).value_or(kGracefulStop));
  switch (executor) {
    case Executor::kConstantArrivalRate:
      ReadConstantArrivalRate(map, max_lateness, scenario.mutable_constant_arrival_rate());
      break;
    case Executor::kConstantVus:
      ReadConstantVus(map, scenario.mutable_constant_vus());
      break;
    case Executor::kNone:
      // Which keys belong there nobody knows: those that exist are at least not unknown, and every
      // executor has a duration.
      map.Know(kLoadKeys);
      if (map.Has("duration")) ReadDuration(map);
      break;
  }
  return scenario;
}

}  // namespace

v1::Scenario ReadScenario(MapReader& map, Nanos max_lateness) {
  return ReadLoad(map, ReadExecutor(map), max_lateness);
}

v1::Scenario ReadShortScenario(MapReader& map, Nanos max_lateness) {
  if (!map.Has("rate") && !map.Has("vus")) {
    map.problems()->Add(map.place(),
                        "`rate` or `vus` is missing, such as `rate: 1000/s` or `vus: 50`");
    map.Require("duration", "duration: 30s");
    return ReadLoad(map, Executor::kNone, max_lateness);
  }
  return ReadLoad(map, map.Has("rate") ? Executor::kConstantArrivalRate : Executor::kConstantVus,
                  max_lateness);
}

absl::Span<const absl::string_view> LoadKeys() {
  return kLoadKeys;
}

absl::Span<const absl::string_view> LaterScenarioKeys() {
  return kLaterScenarioKeys;
}

}  // namespace loadfleet
