#include "common/plan/scenario_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// Every key that says how much load there is, whatever the executor.
constexpr absl::string_view kLoadKeys[] = {
    "rate",         "vus",           "duration",   "start_rate",    "start_vus", "stages",
    "iterations",   "max_duration",  "arrival",    "max_in_flight", "pacing",    "on_overflow",
    "max_lateness", "graceful_stop", "start_time", "pace"};
constexpr absl::string_view kOpenKeys[] = {"rate",   "start_rate",  "arrival",     "max_in_flight",
                                           "pacing", "on_overflow", "max_lateness"};

constexpr uint32_t kMaxInFlight = 20'000;
constexpr Nanos kGracefulStop = 10 * kSecond;
constexpr Nanos kMaxDuration = 600 * kSecond;  // as k6 has it

enum class Executor {
  kNone,
  kConstantArrivalRate,
  kRampingArrivalRate,
  kConstantVus,
  kRampingVus,
  kPerVuIterations,
  kSharedIterations,
};

double PerSecond(const v1::Rate& rate) {
  return static_cast<double>(rate.count()) /
         (static_cast<double>(rate.period_ns()) / static_cast<double>(kSecond));
}

absl::StatusOr<v1::Rate> CheckedRate(absl::string_view text) {
  absl::StatusOr<v1::Rate> rate = ParseRate(text);
  if (!rate.ok() || PerSecond(*rate) <= limits::kRatePerSecond) return rate;
  return absl::InvalidArgumentError(absl::StrCat(
      "the limit is ", static_cast<uint64_t>(limits::kRatePerSecond), "/s, got ", Quoted(text)));
}

// Where a ramp begins or ends: there may be nothing.
absl::StatusOr<v1::Rate> CheckedRateOrNone(absl::string_view text) {
  if (text != "0" && text != "0/s") return CheckedRate(text);
  v1::Rate none;
  none.set_period_ns(kSecond);
  return none;
}

int64_t ReadDuration(MapReader& map) {
  map.Require("duration", "duration: 30s");
  return map.Duration("duration", kMillisecond, limits::kDuration).value_or(0);
}

void ReadVus(MapReader& map, auto* load) {
  map.Require("vus", "vus: 50");
  load->set_vus(static_cast<uint32_t>(map.Count("vus", 1, limits::kVus).value_or(0)));
}

// `most` is the highest rate of the scenario, a second.
void ReadOpenModel(MapReader& map, Nanos max_lateness, double most, v1::OpenModel* open) {
  static constexpr Choice<v1::Pacing> kPacing[] = {{"precise", v1::PACING_PRECISE},
                                                   {"batched", v1::PACING_BATCHED}};
  static constexpr Choice<v1::OnOverflow> kOverflow[] = {{"queue", v1::ON_OVERFLOW_QUEUE},
                                                         {"drop", v1::ON_OVERFLOW_DROP}};
  static constexpr Choice<v1::ArrivalPattern> kArrival[] = {{"uniform", v1::ARRIVAL_UNIFORM},
                                                            {"poisson", v1::ARRIVAL_POISSON}};
  open->set_max_in_flight(static_cast<uint32_t>(
      map.Count("max_in_flight", 1, limits::kInFlight).value_or(kMaxInFlight)));
  open->set_pacing(map.OneOf<v1::Pacing>("pacing", kPacing).value_or(v1::PACING_PRECISE));
  open->set_on_overflow(
      map.OneOf<v1::OnOverflow>("on_overflow", kOverflow).value_or(v1::ON_OVERFLOW_QUEUE));
  open->set_max_lateness_ns(
      map.Duration("max_lateness", kMillisecond, limits::kTimeout).value_or(max_lateness));
  open->set_arrival(
      map.OneOf<v1::ArrivalPattern>("arrival", kArrival).value_or(v1::ARRIVAL_UNIFORM));
  if (open->arrival() == v1::ARRIVAL_POISSON && most > limits::kPoissonPerSecond) {
    map.Refuse({"arrival"}, absl::StrCat("can be poisson up to ",
                                         static_cast<uint64_t>(limits::kPoissonPerSecond), "/s"));
  }
}

void ReadConstantArrivalRate(MapReader& map, Nanos max_lateness, v1::ConstantArrivalRate* load) {
  map.Require("rate", "rate: 1000/s");
  if (const auto rate = map.Read<v1::Rate>("rate", "a rate such as 1000/s", CheckedRate)) {
    *load->mutable_rate() = *rate;
  }
  load->set_duration_ns(ReadDuration(map));
  const double most = load->has_rate() ? PerSecond(load->rate()) : 0;
  ReadOpenModel(map, max_lateness, most, load->mutable_open());
  map.Refuse({"vus"}, "does not go with `rate`: a scenario is an open model or a closed one");
}

// The stages of a ramp, each read by `read(stage, problems' map)`, which answers its duration.
template <typename Stages, typename ReadTarget>
void ReadStages(MapReader& map, Stages* stages, const ReadTarget& read_target) {
  map.Require("stages", "stages: [{duration: 1m, target: ...}]");
  const Entry* entry = map.Find("stages");
  if (entry == nullptr) return;
  const Node& list = entry->value;
  if (list.kind != Node::Kind::kSequence || list.items.empty()) {
    map.Add("stages", list.place, "expected a list of stages, each with `duration` and `target`");
    return;
  }
  if (list.items.size() > limits::kStages) {
    map.Add("stages", list.place,
            absl::StrCat(list.items.size(), " stages, the limit is ", limits::kStages));
    return;
  }
  Nanos sum = 0;
  for (const Node& item : list.items) {
    MapReader stage(&item, "stage", item.place, map.problems());
    auto& made = *stages->Add();
    if (const Node* name = stage.Text("name", "a text")) {
      if (CheckName("`name`", name->text, name->place, map.problems())) made.set_name(name->text);
    }
    stage.Require("duration", "duration: 1m");
    made.set_duration_ns(stage.Duration("duration", 0, limits::kDuration).value_or(0));
    sum += made.duration_ns();
    read_target(stage, &made);
    made.set_unmeasured(!stage.Bool("measure").value_or(true));
    stage.Finish();
  }
  if (sum > limits::kDuration) {
    map.Add("stages", list.place, "together they last longer than the limit of 720h");
  } else if (sum == 0 && map.problems()->empty()) {
    map.Add("stages", list.place, "together they last no time");
  } else if (std::all_of(stages->begin(), stages->end(), [](const auto& stage) {
               return stage.unmeasured() || stage.duration_ns() == 0;
             })) {
    map.Add("stages", list.place, "with `measure: false` on every one nothing is measured");
  }
}

void ReadRampingArrivalRate(MapReader& map, Nanos max_lateness, v1::RampingArrivalRate* load) {
  load->mutable_start_rate()->set_period_ns(kSecond);
  if (const auto start =
          map.Read<v1::Rate>("start_rate", "a rate such as 100/s", CheckedRateOrNone)) {
    *load->mutable_start_rate() = *start;
  }
  double most = PerSecond(load->start_rate());
  ReadStages(map, load->mutable_stages(), [&most](MapReader& stage, v1::RateStage* made) {
    stage.Require("target", "target: 1000/s");
    made->mutable_target()->set_period_ns(kSecond);
    if (const auto target =
            stage.Read<v1::Rate>("target", "a rate such as 1000/s", CheckedRateOrNone)) {
      *made->mutable_target() = *target;
    }
    most = std::max(most, PerSecond(made->target()));
  });
  if (most == 0 && load->stages_size() > 0 && map.problems()->empty()) {
    map.Refuse({"stages"}, "never reach a rate above 0");
  }
  ReadOpenModel(map, max_lateness, most, load->mutable_open());
}

void ReadConstantVus(MapReader& map, v1::ConstantVus* load) {
  ReadVus(map, load);
  load->set_duration_ns(ReadDuration(map));
  map.Refuse(kOpenKeys, "does not go with `vus`: only an open model (`rate`) has it");
}

void ReadRampingVus(MapReader& map, v1::RampingVus* load) {
  load->set_start_vus(static_cast<uint32_t>(map.Count("start_vus", 0, limits::kVus).value_or(0)));
  uint64_t most = load->start_vus();
  ReadStages(map, load->mutable_stages(), [&most](MapReader& stage, v1::VuStage* made) {
    stage.Require("target", "target: 50");
    made->set_target(static_cast<uint32_t>(stage.Count("target", 0, limits::kVus).value_or(0)));
    most = std::max<uint64_t>(most, made->target());
  });
  if (most == 0 && load->stages_size() > 0 && map.problems()->empty()) {
    map.Refuse({"stages"}, "never reach a VU");
  }
}

void ReadIterations(MapReader& map, auto* load) {
  ReadVus(map, load);
  map.Require("iterations", "iterations: 1000");
  load->set_iterations(map.Count("iterations", 1, limits::kIterations).value_or(0));
  load->set_max_duration_ns(
      map.Duration("max_duration", kMillisecond, limits::kDuration).value_or(kMaxDuration));
}

constexpr Choice<Executor> kExecutors[] = {
    {"constant-arrival-rate", Executor::kConstantArrivalRate},
    {"ramping-arrival-rate", Executor::kRampingArrivalRate},
    {"constant-vus", Executor::kConstantVus},
    {"ramping-vus", Executor::kRampingVus},
    {"per-vu-iterations", Executor::kPerVuIterations},
    {"shared-iterations", Executor::kSharedIterations},
};

Executor ReadExecutor(MapReader& map) {
  map.Require("executor", "executor: constant-arrival-rate");
  return map.OneOf<Executor>("executor", kExecutors).value_or(Executor::kNone);
}

// What is left of the load's keys belongs to another executor.
void RefuseOthers(MapReader& map, Executor executor) {
  for (const Choice<Executor>& choice : kExecutors) {
    if (choice.value != executor) continue;
    map.RefuseUnread(kLoadKeys, absl::StrCat("does not go with `", choice.word, "`"));
  }
}

v1::Scenario ReadLoad(MapReader& map, Executor executor, Nanos max_lateness) {
  v1::Scenario scenario;
  scenario.set_graceful_stop_ns(
      map.Duration("graceful_stop", 0, limits::kTimeout).value_or(kGracefulStop));
  scenario.set_start_time_ns(map.Duration("start_time", 0, limits::kDuration).value_or(0));
  const bool open =
      executor == Executor::kConstantArrivalRate || executor == Executor::kRampingArrivalRate;
  if (!open) scenario.set_pace_ns(map.Duration("pace", 0, limits::kThink).value_or(0));
  switch (executor) {
    case Executor::kConstantArrivalRate:
      ReadConstantArrivalRate(map, max_lateness, scenario.mutable_constant_arrival_rate());
      break;
    case Executor::kRampingArrivalRate:
      ReadRampingArrivalRate(map, max_lateness, scenario.mutable_ramping_arrival_rate());
      break;
    case Executor::kConstantVus:
      ReadConstantVus(map, scenario.mutable_constant_vus());
      break;
    case Executor::kRampingVus:
      ReadRampingVus(map, scenario.mutable_ramping_vus());
      break;
    case Executor::kPerVuIterations:
      ReadIterations(map, scenario.mutable_per_vu_iterations());
      break;
    case Executor::kSharedIterations:
      ReadIterations(map, scenario.mutable_shared_iterations());
      break;
    case Executor::kNone:
      // Which keys belong there nobody knows: those that exist are at least not unknown.
      map.Know(kLoadKeys);
      if (map.Has("duration")) ReadDuration(map);
      break;
  }
  RefuseOthers(map, executor);
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

}  // namespace loadfleet
