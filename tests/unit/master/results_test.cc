// Counting exactly once, merging, finality and reconciliation of a run, whatever the order in which
// its windows come.
#include "master/results/run_results.h"

#include <algorithm>
#include <random>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

constexpr char kRun[] = "r-0001";
constexpr uint32_t kSeconds = 4;

v1::Plan OpenPlan() {
  v1::Plan plan;
  plan.set_name("results");
  v1::Scenario& scenario = *plan.add_scenarios();
  scenario.set_name("main");
  scenario.mutable_constant_arrival_rate()->mutable_rate()->set_count(1000);
  scenario.mutable_constant_arrival_rate()->mutable_rate()->set_period_ns(kSecond);
  scenario.mutable_constant_arrival_rate()->set_duration_ns(kSeconds * kSecond);
  v1::Group& group = *plan.add_flows()->add_steps()->mutable_group();
  group.set_name("all");
  group.add_steps()->mutable_request()->set_name("ping");
  plan.mutable_validity()->set_max_lateness_p99_ns(5 * kMillisecond);
  plan.mutable_validity()->set_max_worker_cpu(0.9);
  plan.mutable_validity()->set_min_coverage(0.99);
  plan.mutable_validity()->set_min_achieved(0.98);
  return plan;
}

// The same 4,000 samples for any number of agents: arrival n goes to agent n mod `agents`.
struct Recorded {
  std::vector<v1::Window> windows;
  std::vector<v1::FinalSummary> summaries;
};

std::string Name(size_t agent) {
  return "a" + std::to_string(agent);
}

v1::WindowKey Key(size_t agent, uint64_t first, uint64_t last) {
  v1::WindowKey key;
  key.set_run_id(kRun);
  key.set_agent_id(Name(agent));
  key.set_incarnation(7);
  key.set_first_seq(first);
  key.set_last_seq(last);
  return key;
}

Recorded Record(size_t agents) {
  std::mt19937_64 random(1);
  struct Part {
    ArrivalCounts arrivals;
    RequestStats requests;
    IterationStats iterations;
  };
  std::vector<std::vector<Part>> parts(agents);
  for (auto& seconds : parts) seconds.resize(kSeconds);
  for (uint64_t n = 0; n < kSeconds * 1000; ++n) {
    Part& part = parts[n % agents][n / 1000];
    const uint64_t micros = 50 + random() % 100'000;
    ++part.arrivals.intended;
    ++part.arrivals.started;
    ++part.requests.started;
    ++(n % 97 == 0 ? part.iterations.failed : part.iterations.completed);
    part.iterations.duration.Record(micros);
    if (part.iterations.groups.empty()) part.iterations.groups.emplace_back();
    part.iterations.groups[0].duration.Record(micros / 3);
    if (n % 97 == 0) {
      ++part.requests.outcomes[static_cast<size_t>(Outcome::kTotalTimeout)];
      part.requests.response_time_censored.Record(micros);
      continue;
    }
    ++part.requests.outcomes[static_cast<size_t>(Outcome::kOk)];
    part.requests.statuses.Add(n % 3 == 0 ? 204 : 200, 1);
    part.requests.response_time.Record(micros);
    part.requests.service_time.Record(micros / 2);
    part.requests.lateness.Record(micros % 100);
  }
  Recorded recorded;
  for (size_t agent = 0; agent < agents; ++agent) {
    Part sum;
    for (uint32_t s = 0; s < kSeconds; ++s) {
      v1::Window window;
      *window.mutable_key() = Key(agent, s + 1, s + 1);
      window.set_first_second(s);
      window.set_last_second(s);
      window.set_watermark(s + 1);
      parts[agent][s].arrivals.ToProto(window.add_arrivals());
      parts[agent][s].requests.ToProto(window.add_requests());
      parts[agent][s].iterations.ToProto(window.add_iterations());
      sum.arrivals.Merge(parts[agent][s].arrivals);
      sum.requests.Merge(parts[agent][s].requests);
      sum.iterations.Merge(parts[agent][s].iterations);
      recorded.windows.push_back(std::move(window));
    }
    v1::FinalSummary summary;
    *summary.mutable_key() = Key(agent, 1, kSeconds);
    sum.arrivals.ToProto(summary.add_arrivals());
    sum.requests.ToProto(summary.add_requests());
    sum.iterations.ToProto(summary.add_iterations());
    recorded.summaries.push_back(std::move(summary));
  }
  return recorded;
}

RunResults Empty(size_t agents) {
  RunResults results(kRun, OpenPlan());
  const std::vector<SlotSet> dealt = Deal(SlotSet::All(), std::vector<uint32_t>(agents, 1));
  for (size_t i = 0; i < agents; ++i) results.AddAgent(Name(i), 7, dealt[i]);
  return results;
}

WindowFate Fate(const absl::StatusOr<WindowFate>& fate) {
  EXPECT_TRUE(fate.ok()) << fate.status();
  return *fate;
}

v1::Report ReportOf(const RunResults& results) {
  RunEnding ending;
  ending.started_at_ms = 1;
  ending.duration = kSeconds * kSecond;
  return results.MakeReport(ending);
}

v1::Report ReportOf(size_t agents) {
  RunResults results = Empty(agents);
  const Recorded recorded = Record(agents);
  for (const v1::Window& window : recorded.windows) EXPECT_TRUE(results.Apply(window).ok());
  for (const auto& summary : recorded.summaries) EXPECT_TRUE(results.ApplySummary(summary).ok());
  return ReportOf(results);
}

TEST(RunResults, TheSameSamplesThroughOneAndEightAgentsGiveTheSameBytes) {
  const v1::Report one = ReportOf(1);
  const v1::Report eight = ReportOf(8);
  EXPECT_EQ(one.total().SerializeAsString(), eight.total().SerializeAsString());
  ASSERT_EQ(one.timeline_size(), static_cast<int>(kSeconds));
  for (int s = 0; s < one.timeline_size(); ++s) {
    EXPECT_EQ(one.timeline(s).SerializeAsString(), eight.timeline(s).SerializeAsString());
  }
  ASSERT_EQ(eight.groups_size(), 1);
  EXPECT_EQ(eight.groups(0).group(), "all");
  EXPECT_EQ(one.groups(0).SerializeAsString(), eight.groups(0).SerializeAsString());
  EXPECT_EQ(one.total().iterations().completed(), 3'958u);
  EXPECT_TRUE(one.reconciled());
  EXPECT_TRUE(eight.reconciled());
  EXPECT_EQ(eight.verdict(), v1::VERDICT_PASSED);
}

TEST(RunResults, ShuffledAndRepeatedWindowsGiveTheSameReport) {
  const Recorded recorded = Record(3);
  const std::string expected = ReportOf(3).total().SerializeAsString();
  for (int round = 0; round < 10; ++round) {
    std::vector<v1::Window> thrice;
    for (int i = 0; i < 3; ++i) {
      thrice.insert(thrice.end(), recorded.windows.begin(), recorded.windows.end());
    }
    std::shuffle(thrice.begin(), thrice.end(), std::mt19937(static_cast<uint32_t>(round)));
    RunResults results = Empty(3);
    for (const v1::Window& window : thrice) Fate(results.Apply(window));
    for (const auto& summary : recorded.summaries) Fate(results.ApplySummary(summary));
    const v1::Report report = ReportOf(results);
    EXPECT_EQ(report.total().SerializeAsString(), expected);
    EXPECT_TRUE(report.reconciled());
    EXPECT_EQ(results.windows_applied(), recorded.windows.size());
    EXPECT_EQ(results.windows_duplicate(), 2 * recorded.windows.size());
  }
}

TEST(RunResults, AKnownKeyWithOtherContentIsAConflictAndChangesNothing) {
  const Recorded recorded = Record(1);
  RunResults results = Empty(1);
  EXPECT_EQ(Fate(results.Apply(recorded.windows[0])), WindowFate::kApplied);
  const std::string before = results.sums().ToTotals({}).SerializeAsString();
  v1::Window other = recorded.windows[0];
  other.mutable_arrivals(0)->set_intended(1);
  EXPECT_EQ(Fate(results.Apply(other)), WindowFate::kConflict);
  v1::Window overlapping = recorded.windows[1];
  *overlapping.mutable_key() = Key(0, 1, 2);
  EXPECT_EQ(Fate(results.Apply(overlapping)), WindowFate::kConflict);
  EXPECT_EQ(results.sums().ToTotals({}).SerializeAsString(), before);
}

// Whatever is different in a window, its checksum sees it.
TEST(RunResults, AWindowWithoutOneOfItsFieldsHasOtherContent) {
  v1::Window whole = Record(1).windows[1];
  whole.set_epoch(3);
  whole.set_first_second(1);
  whole.add_levels()->set_in_flight(5);
  whole.mutable_generator()->set_cpu_us(7);
  whole.add_failures()->set_outcome(v1::OUTCOME_RESET);
  v1::TracedRequest& trace = *whole.add_traces();
  trace.set_outcome(v1::OUTCOME_OK);
  trace.set_trace_id(std::string(16, 'x'));
  const auto fields = v1::Window::descriptor()->field_count();
  RunResults results = Empty(1);
  EXPECT_EQ(Fate(results.Apply(whole)), WindowFate::kApplied);
  for (int i = 0; i < fields; ++i) {
    const auto* field = v1::Window::descriptor()->field(i);
    if (field->name() == "key") continue;
    v1::Window other = whole;
    ASSERT_TRUE(field->is_repeated() ? other.GetReflection()->FieldSize(other, field) > 0
                                     : other.GetReflection()->HasField(other, field))
        << field->name();
    other.GetReflection()->ClearField(&other, field);
    // Without it nothing is left of the window's time.
    if (field->name() == "last_second") other.set_last_second(2);
    EXPECT_EQ(Fate(results.Apply(other)), WindowFate::kConflict) << field->name();
  }
  v1::Window swapped = whole;  // the same numbers under another id
  swapped.mutable_requests(0)->mutable_response_time()->Swap(
      swapped.mutable_requests(0)->mutable_service_time());
  EXPECT_EQ(Fate(results.Apply(swapped)), WindowFate::kConflict);
  EXPECT_EQ(Fate(results.Apply(whole)), WindowFate::kDuplicate);
}

TEST(RunResults, ACommitHasASecondAndAnAgentOnceHoweverManyWindowsCame) {
  RunResults results = Empty(2);
  const Recorded recorded = Record(2);
  for (const v1::Window& window : recorded.windows) Fate(results.Apply(window));
  const WindowsCommit commit = results.TakeCommit();
  EXPECT_EQ(commit.entries.size(), recorded.windows.size());
  ASSERT_EQ(commit.seconds.size(), kSeconds);
  ASSERT_EQ(commit.totals.size(), 2U);
  EXPECT_TRUE(results.TakeCommit().seconds.empty());
  Sums sum;
  for (const WindowsCommit::Second& second : commit.seconds) {
    v1::Window merged;
    ASSERT_TRUE(merged.ParseFromString(second.merged));
    sum.Add(merged.arrivals(), merged.requests(), merged.iterations());
  }
  EXPECT_EQ(sum.ToTotals({}).SerializeAsString(), results.sums().ToTotals({}).SerializeAsString());
  // Too late for its second: an addition to it.
  RunResults late = Empty(2);
  late.MarkLost(Name(1), 7, 0, "its heartbeats stopped");
  for (uint32_t i = 0; i < kSeconds; ++i) Fate(late.Apply(recorded.windows[i]));
  late.TakeCommit();
  Fate(late.Apply(recorded.windows[kSeconds]));
  const WindowsCommit addition = late.TakeCommit();
  ASSERT_EQ(addition.seconds.size(), 1U);
  EXPECT_EQ(addition.seconds[0].addition, 1U);
}

TEST(RunResults, ASecondIsFinalWhenEveryLivingAgentHasPassedIt) {
  const Recorded recorded = Record(2);  // windows 0-3 are the first agent's
  RunResults results = Empty(2);
  Fate(results.Apply(recorded.windows[0]));
  Fate(results.Apply(recorded.windows[1]));
  EXPECT_EQ(results.FinalBelow(), 0U);
  v1::RunSnapshot snapshot;
  results.FillSnapshot(&snapshot);
  EXPECT_TRUE(snapshot.provisional());
  Fate(results.Apply(recorded.windows[4]));
  EXPECT_EQ(results.FinalBelow(), 1U);
  results.MarkLost(Name(1), 7, 1, "its heartbeats stopped");
  EXPECT_EQ(results.FinalBelow(), 2U);
}

TEST(RunResults, WhatALostAgentBringsLaterStillCounts) {
  const Recorded recorded = Record(2);
  RunResults results = Empty(2);
  results.MarkLost(Name(1), 7, 0, "its heartbeats stopped");
  for (const v1::Window& window : recorded.windows) Fate(results.Apply(window));
  EXPECT_EQ(results.sums().AllArrivals().intended, kSeconds * 1000U);
}

TEST(RunResults, MissingWindowsAreNamedAndNothingIsReconciled) {
  const Recorded recorded = Record(1);
  RunResults results = Empty(1);
  Fate(results.Apply(recorded.windows[0]));
  Fate(results.Apply(recorded.windows[3]));
  Fate(results.ApplySummary(recorded.summaries[0]));
  const v1::Report report = ReportOf(results);
  EXPECT_FALSE(report.reconciled());
  EXPECT_THAT(report.agents(0).note(), HasSubstr("windows 2-3 never came"));
  EXPECT_EQ(report.coverage(), 0.5);
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID);
}

// The run lasted a moment longer than its last full second, and one agent was done before.
TEST(RunResults, WhoHasToldAllHasToldThatNothingCameAfterIt) {
  Recorded recorded = Record(2);
  v1::Window& later = recorded.windows.emplace_back();
  *later.mutable_key() = Key(0, kSeconds + 1, kSeconds + 1);
  later.set_first_second(kSeconds);
  later.set_last_second(kSeconds);
  later.set_watermark(kSeconds + 1);
  recorded.summaries[0].mutable_key()->set_last_seq(kSeconds + 1);
  RunEnding ending;
  ending.duration = kSeconds * kSecond + kMillisecond;

  RunResults results = Empty(2);
  for (const v1::Window& window : recorded.windows) Fate(results.Apply(window));
  Fate(results.ApplySummary(recorded.summaries[0]));
  EXPECT_EQ(results.MakeReport(ending).coverage(), 0.9)
      << "nobody knows of the other's last second";
  Fate(results.ApplySummary(recorded.summaries[1]));
  EXPECT_EQ(results.MakeReport(ending).coverage(), 1);
  results.MarkGap(Name(1), 7);
  EXPECT_EQ(results.MakeReport(ending).coverage(), 0.9) << "it stood still, or left";
}

TEST(RunResults, ASummaryThatDiffersFromItsWindowsIsSaid) {
  Recorded recorded = Record(1);
  RunResults results = Empty(1);
  for (const v1::Window& window : recorded.windows) Fate(results.Apply(window));
  recorded.summaries[0].mutable_arrivals(0)->set_intended(1);
  Fate(results.ApplySummary(recorded.summaries[0]));
  EXPECT_FALSE(ReportOf(results).reconciled());
  EXPECT_THAT(ReportOf(results).agents(0).note(), HasSubstr("differs"));
}

TEST(RunResults, HostileWindowsAreRefusedAndChangeNothing) {
  const v1::Window good = Record(1).windows[0];
  std::vector<v1::Window> hostile(7, good);
  hostile[0].mutable_key()->set_first_seq(0);
  hostile[1].mutable_key()->set_last_seq(0);
  hostile[2].set_last_second(UINT32_MAX);
  hostile[3].set_watermark(UINT32_MAX);
  hostile[4].mutable_requests(0)->set_request(9);
  hostile[5].mutable_arrivals(0)->set_scenario(9);
  hostile[6].mutable_requests(0)->mutable_response_time()->set_index_gap(0, UINT32_MAX);
  RunResults results = Empty(1);
  for (const v1::Window& window : hostile) {
    EXPECT_EQ(results.Apply(window).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(results.windows_applied(), 0U);
  EXPECT_EQ(results.sums().AllArrivals().intended, 0U);
  EXPECT_EQ(Fate(results.Apply(good)), WindowFate::kApplied);
}

TEST(RunResults, AnAgentWithoutAHandInTheRunIsRefused) {
  RunResults results = Empty(1);
  v1::Window window = Record(1).windows[0];
  window.mutable_key()->set_incarnation(8);
  EXPECT_EQ(results.Apply(window).status().code(), absl::StatusCode::kInvalidArgument);
}

// --- stages, and open beside closed scenarios ---

// 100/s and then up to 300/s, the first two seconds not measured; beside it, VUs.
v1::Plan StagedPlan() {
  v1::Plan plan = OpenPlan();
  v1::RampingArrivalRate& load = *plan.mutable_scenarios(0)->mutable_ramping_arrival_rate();
  const auto per_second = [](uint64_t count, v1::Rate* rate) {
    rate->set_count(count);
    rate->set_period_ns(kSecond);
  };
  per_second(100, load.mutable_start_rate());
  for (const auto& [name, rate, unmeasured] :
       {std::tuple{"warmup", 100, true}, std::tuple{"ramp", 300, false}}) {
    v1::RateStage& stage = *load.add_stages();
    stage.set_name(name);
    stage.set_duration_ns(2 * kSecond);
    per_second(static_cast<uint64_t>(rate), stage.mutable_target());
    stage.set_unmeasured(unmeasured);
  }
  v1::Scenario& vus = *plan.add_scenarios();
  vus.set_name("vus");
  vus.mutable_constant_vus()->set_vus(1);
  vus.mutable_constant_vus()->set_duration_ns(4 * kSecond);
  return plan;
}

void AddRequests(uint32_t scenario, uint32_t stage, uint64_t count, uint64_t micros,
                 v1::Window* window) {
  ArrivalCounts arrivals;
  arrivals.intended = arrivals.started = count;
  RequestStats stats;
  stats.started = count;
  stats.outcomes[static_cast<size_t>(Outcome::kOk)] = count;
  stats.statuses.Add(200, count);
  stats.response_time.RecordMany(micros, count);
  stats.service_time.RecordMany(micros, count);
  stats.lateness.RecordMany(micros, count);
  stats.connect_time.Record(50);
  v1::ArrivalStats* sent = window->add_arrivals();
  arrivals.ToProto(sent);
  sent->set_scenario(scenario);
  sent->set_stage(stage);
  v1::RequestStats* done = window->add_requests();
  stats.ToProto(done);
  done->set_scenario(scenario);
  done->set_stage(stage);
}

RunResults Staged() {
  RunResults results(kRun, StagedPlan());
  results.AddAgent(Name(0), 7, SlotSet::All());
  for (uint32_t s = 0; s < kSeconds; ++s) {
    v1::Window window;
    *window.mutable_key() = Key(0, s + 1, s + 1);
    window.set_first_second(s);
    window.set_last_second(s);
    window.set_watermark(s + 1);
    const bool warmup = s < 2;
    // The warm-up is slow, and late beyond `validity`.
    AddRequests(0, warmup ? 0 : 1, warmup ? 100 : 200, warmup ? 900'000 : 1'000, &window);
    AddRequests(1, 0, 50, 1'000, &window);
    Fate(results.Apply(window));
  }
  return results;
}

TEST(Stages, HaveTheirOwnFigures) {
  const v1::Report report = ReportOf(Staged());
  ASSERT_EQ(report.stages_size(), 2) << "one for each stage of the scenario that has stages";
  const v1::StageReport& warmup = report.stages(0);
  EXPECT_EQ(warmup.scenario(), "main");
  EXPECT_EQ(warmup.stage(), "warmup");
  EXPECT_FALSE(warmup.measured());
  EXPECT_EQ(warmup.duration_ns(), 2 * kSecond);
  EXPECT_DOUBLE_EQ(warmup.planned_rate(), 100);
  EXPECT_EQ(warmup.totals().arrivals().intended(), 200U);
  EXPECT_EQ(warmup.totals().requests().response_time().max_us(), 900'000U);
  const v1::StageReport& ramp = report.stages(1);
  EXPECT_TRUE(ramp.measured());
  EXPECT_EQ(ramp.index(), 1U);
  EXPECT_DOUBLE_EQ(ramp.planned_rate(), 200);
  EXPECT_EQ(ramp.totals().arrivals().intended(), 400U);
  EXPECT_EQ(ramp.totals().requests().response_time().max_us(), 1'000U);
}

TEST(Stages, OfARunThatWasCutShortLastAsLongAsTheyDid) {
  RunEnding ending;
  ending.duration = 3 * kSecond;
  const v1::Report report = Staged().MakeReport(ending);
  EXPECT_EQ(report.stages(0).duration_ns(), 2 * kSecond);
  EXPECT_EQ(report.stages(1).duration_ns(), kSecond);
  EXPECT_DOUBLE_EQ(report.stages(1).planned_rate(), 150) << "from 100/s to 200/s";
}

TEST(Stages, WhatIsNotMeasuredIsInTheCountsAndInNoTimeOfTheRun) {
  const v1::Report report = ReportOf(Staged());
  const v1::RequestStats& requests = report.total().requests();
  EXPECT_EQ(report.total().arrivals().intended(), 800U);
  EXPECT_EQ(requests.started(), 800U);
  EXPECT_EQ(requests.outcomes(0).count(), 800U);
  EXPECT_EQ(requests.response_time().max_us(), 1'000U);
  EXPECT_EQ(requests.service_time().max_us(), 1'000U);
  EXPECT_EQ(requests.lateness().max_us(), 1'000U);
  EXPECT_EQ(requests.connect_time().sum_us(), 8 * 50U) << "connections belong to no stage";
  EXPECT_EQ(report.agents(0).totals().requests().lateness().max_us(), 1'000U);
  ASSERT_EQ(report.requests_size(), 2) << "one for each request of a scenario, over its stages";
  EXPECT_EQ(report.requests(0).totals().requests().started(), 600U);
  EXPECT_EQ(report.requests(0).totals().requests().response_time().max_us(), 1'000U);
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << "that it was late there is nobody's concern";
  v1::RunSnapshot snapshot;
  Staged().FillSnapshot(&snapshot);
  EXPECT_EQ(snapshot.completed(), 800U);
  EXPECT_EQ(snapshot.response_time().count(), 600U);
}

TEST(Stages, ThatThePlanDoesNotHaveAreRefused) {
  RunResults results(kRun, StagedPlan());
  results.AddAgent(Name(0), 7, SlotSet::All());
  v1::Window window;
  *window.mutable_key() = Key(0, 1, 1);
  AddRequests(1, 1, 1, 1, &window);
  EXPECT_EQ(results.Apply(window).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Rates, OfOpenAndClosedScenariosAreToldApart) {
  const RunResults results = Staged();
  const v1::Report report = ReportOf(results);
  EXPECT_DOUBLE_EQ(report.planned_rate(), 150);
  EXPECT_DOUBLE_EQ(report.achieved_rate(), 200);
  EXPECT_DOUBLE_EQ(report.planned_achieved_rate(), 150);
  v1::RunSnapshot snapshot;
  results.FillSnapshot(&snapshot);
  EXPECT_EQ(snapshot.last_second().completed(), 250U);
  EXPECT_EQ(snapshot.planned_achieved_rate(), 200);
}

TEST(Rates, OfOneKindNeedNoTellingApart) {
  EXPECT_FALSE(ReportOf(1).has_planned_achieved_rate());
}

// --- the verdict ---

TEST(Verdict, NotOneSuccessHasFailed) {
  RunResults results = Empty(1);
  Recorded recorded = Record(1);
  for (v1::Window& window : recorded.windows) {
    v1::RequestStats& stats = *window.mutable_requests(0);
    stats.clear_outcomes();
    v1::OutcomeCount& refused = *stats.add_outcomes();
    refused.set_outcome(v1::OUTCOME_REFUSED);
    refused.set_count(stats.started());
    Fate(results.Apply(window));
  }
  EXPECT_EQ(ReportOf(results).verdict(), v1::VERDICT_FAILED);
  EXPECT_THAT(ReportOf(results).reasons(), ::testing::ElementsAre("not one request succeeded"));
}

TEST(Verdict, ASaturatedGeneratorIsInvalidAndNamed) {
  RunResults results = Empty(1);
  v1::Plan plan = OpenPlan();
  plan.mutable_scenarios(0)->mutable_constant_arrival_rate()->set_duration_ns(10 * kSecond);
  RunResults longer(kRun, plan);
  longer.AddAgent(Name(0), 7, SlotSet::All());
  for (uint32_t s = 0; s < 10; ++s) {
    v1::Window window = Record(1).windows[0];
    *window.mutable_key() = Key(0, s + 1, s + 1);
    window.set_first_second(s);
    window.set_last_second(s);
    window.set_watermark(s + 1);
    window.mutable_generator()->set_busiest_worker_cpu(s >= 3 ? 0.97 : 0.3);
    Fate(longer.Apply(window));
  }
  RunEnding ending;
  ending.duration = 10 * kSecond;
  const v1::Report report = longer.MakeReport(ending);
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID);
  EXPECT_THAT(report.reasons(0), HasSubstr("agent a0 was saturated"));
  EXPECT_THAT(report.reasons(0), HasSubstr("between seconds 7 and 9"));
}

TEST(Verdict, ALateGeneratorIsInvalidAndNamed) {
  RunResults results = Empty(1);
  Recorded recorded = Record(1);
  for (v1::Window& window : recorded.windows) {
    Histogram lateness;
    lateness.RecordMany(20'000, 1000);
    window.mutable_requests(0)->mutable_lateness()->Clear();
    lateness.ToProto(window.mutable_requests(0)->mutable_lateness());
    Fate(results.Apply(window));
  }
  const v1::Report report = ReportOf(results);
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID);
  EXPECT_THAT(report.reasons(0), HasSubstr("agent a0 was late"));
}

TEST(Verdict, WhatTheGeneratorDidNotSendCounts) {
  RunResults results = Empty(1);
  Recorded recorded = Record(1);
  for (v1::Window& window : recorded.windows) {
    window.mutable_arrivals(0)->set_intended(900);
    Fate(results.Apply(window));
  }
  EXPECT_EQ(ReportOf(results).verdict(), v1::VERDICT_INVALID);
  EXPECT_THAT(ReportOf(results).reasons(0), HasSubstr("sent only 90.00%"));
}

TEST(Verdict, AbortedComesFirst) {
  const RunResults results = Empty(1);
  RunEnding ending;
  ending.aborted = true;
  ending.reasons = {"Ctrl-C"};
  const v1::Report report = results.MakeReport(ending);
  EXPECT_EQ(report.verdict(), v1::VERDICT_ABORTED);
  EXPECT_THAT(report.reasons(), ::testing::ElementsAre("Ctrl-C"));
}

// --- traced requests ---

v1::Window WindowWithTrace(size_t agent, uint64_t seq, uint64_t micros) {
  v1::Window window;
  *window.mutable_key() = Key(agent, seq, seq);
  v1::TracedRequest& traced = *window.add_traces();
  traced.set_response_time_us(micros);
  traced.set_outcome(v1::OUTCOME_OK);
  traced.set_trace_id(std::string(15, 't') + static_cast<char>(seq));
  return window;
}

TEST(Traces, TheSlowestOfAllAgentsAreReported) {
  RunResults results = Empty(2);
  for (uint64_t seq = 1; seq <= 4; ++seq) {
    EXPECT_TRUE(results.Apply(WindowWithTrace(0, seq, 10 * seq)).ok());
    EXPECT_TRUE(results.Apply(WindowWithTrace(1, seq, 10 * seq + 5)).ok());
  }
  EXPECT_EQ(Fate(results.Apply(WindowWithTrace(1, 4, 45))), WindowFate::kDuplicate);
  const v1::Report report = ReportOf(results);
  std::vector<std::pair<std::string, uint64_t>> traces;
  for (const v1::TracedRequest& traced : report.traces()) {
    traces.emplace_back(traced.agent_id(), traced.response_time_us());
  }
  EXPECT_EQ(traces, (std::vector<std::pair<std::string, uint64_t>>{
                        {"a1", 45}, {"a0", 40}, {"a1", 35}, {"a0", 30}, {"a1", 25}}));
}

TEST(Traces, WhatThePlanDoesNotHaveIsRefused) {
  RunResults results = Empty(1);
  v1::Window window = WindowWithTrace(0, 1, 10);
  window.mutable_traces(0)->set_request(1);
  EXPECT_FALSE(results.Apply(window).ok());
  window = WindowWithTrace(0, 1, 10);
  window.mutable_traces(0)->set_scenario(1);
  EXPECT_FALSE(results.Apply(window).ok());
  window = WindowWithTrace(0, 1, 10);
  window.mutable_traces(0)->set_trace_id("");
  EXPECT_FALSE(results.Apply(window).ok());
  EXPECT_TRUE(ReportOf(results).traces().empty());
}

// --- failing exchanges ---

TEST(KeptExchanges, AreCountedOnceAndSayWhoHadThem) {
  RunResults results = Empty(2);
  for (const size_t agent : {1, 0}) {
    v1::Window window;
    *window.mutable_key() = Key(agent, 1, 1);
    v1::ExchangeRecord& record = *window.add_failures();
    record.set_outcome(v1::OUTCOME_REFUSED);
    record.set_intended_ns(static_cast<int64_t>(agent));
    record.set_agent_id("somebody else");
    EXPECT_EQ(Fate(results.Apply(window)), WindowFate::kApplied);
    EXPECT_EQ(Fate(results.Apply(window)), WindowFate::kDuplicate);
  }
  const v1::Report report = ReportOf(results);
  ASSERT_EQ(report.failures_size(), 2);
  EXPECT_EQ(report.failures(0).agent_id(), Name(0));
  EXPECT_EQ(report.failures(1).agent_id(), Name(1));
}

TEST(KeptExchanges, OfWhatThePlanDoesNotHaveAreRefused) {
  RunResults results = Empty(1);
  v1::Window window;
  *window.mutable_key() = Key(0, 1, 1);
  window.add_failures()->set_outcome(v1::OUTCOME_REFUSED);
  window.mutable_failures(0)->set_request(1);
  EXPECT_FALSE(results.Apply(window).ok());
  window.mutable_failures(0)->set_request(0);
  window.mutable_failures(0)->set_outcome(v1::OUTCOME_OK);
  EXPECT_FALSE(results.Apply(window).ok());
  EXPECT_TRUE(ReportOf(results).failures().empty());
}

}  // namespace
}  // namespace loadfleet
