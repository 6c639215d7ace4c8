// Thresholds against made-up seconds: what they look at, when they fail, when they end the run.
#include "master/results/thresholds/thresholds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/threshold_text.h"

namespace loadfleet {
namespace {

// For each scenario a flow of its own, with the request of its number.
void AddFlows(v1::Plan* plan) {
  for (int i = 0; i < plan->scenarios_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    plan->mutable_scenarios(i)->set_flow(index);
    plan->add_flows()->add_steps()->mutable_request()->set_index(index);
  }
}

// 60 s at 100/s: ten of them a warm-up that is not measured, then `ramp` and, from 30 s on,
// `steady`. Request 0 is the scenario's, request 1 another one's, which has VUs and no stages.
v1::Plan StagedPlan() {
  v1::Plan plan;
  v1::Scenario& shop = *plan.add_scenarios();
  shop.set_name("shop");
  const auto add = [&](const char* name, Nanos duration, bool unmeasured) {
    v1::RateStage& stage = *shop.mutable_ramping_arrival_rate()->add_stages();
    stage.set_name(name);
    stage.set_duration_ns(duration);
    stage.set_unmeasured(unmeasured);
    stage.mutable_target()->set_count(100);
    stage.mutable_target()->set_period_ns(kSecond);
  };
  add("warmup", 10 * kSecond, true);
  add("ramp", 20 * kSecond, false);
  add("steady", 30 * kSecond, false);
  v1::Scenario& look = *plan.add_scenarios();
  look.set_name("look");
  look.mutable_constant_vus()->set_duration_ns(60 * kSecond);
  AddFlows(&plan);
  return plan;
}

// p(99) < 250ms of the response time, until the test says otherwise.
v1::Threshold P99() {
  v1::Threshold threshold;
  threshold.set_metric("response_time");
  threshold.set_expr("p(99) < 250ms");
  threshold.set_measured(v1::THRESHOLD_RESPONSE_TIME);
  threshold.set_aggregate(v1::THRESHOLD_QUANTILE);
  threshold.set_quantile(0.99);
  threshold.set_comparison(v1::COMPARISON_LESS);
  threshold.set_limit(250);
  threshold.set_unit("ms");
  return threshold;
}

v1::Threshold Counting(v1::ThresholdMetric metric, v1::ThresholdAggregate aggregate,
                       v1::Comparison comparison, double limit, const char* unit) {
  v1::Threshold threshold;
  threshold.set_measured(metric);
  threshold.set_aggregate(aggregate);
  threshold.set_comparison(comparison);
  threshold.set_limit(limit);
  threshold.set_unit(unit);
  return threshold;
}

// One second, or a part of it, as agents report it.
class SecondOf {
 public:
  explicit SecondOf(uint32_t scenario = 1, uint32_t stage = 0)
      : scenario_(scenario), stage_(stage), request_(scenario) {}

  SecondOf& Ok(uint64_t count, uint64_t millis) {
    stats_.started += count;
    stats_.outcomes[static_cast<size_t>(Outcome::kOk)] += count;
    stats_.statuses.Add(200, count);
    stats_.response_time.RecordMany(millis * 1000, count);
    stats_.service_time.RecordMany(millis * 500, count);
    return *this;
  }
  SecondOf& Failed(Outcome outcome, uint64_t count, uint64_t millis) {
    stats_.started += count;
    stats_.outcomes[static_cast<size_t>(outcome)] += count;
    stats_.response_time_censored.RecordMany(millis * 1000, count);
    return *this;
  }
  SecondOf& Status(uint16_t status, uint64_t count) {
    stats_.outcomes[static_cast<size_t>(Outcome::kBadStatus)] += count;
    stats_.statuses.Add(status, count);
    return *this;
  }
  SecondOf& Connected(uint64_t millis) {
    stats_.connect_time.Record(millis * 1000);
    return *this;
  }
  SecondOf& Checked(uint64_t passed, uint64_t failed) {
    stats_.checks_passed += passed;
    stats_.checks_failed += failed;
    return *this;
  }
  SecondOf& Iterated(uint64_t millis) {
    iterations_.duration.Record(millis * 1000);
    ++iterations_.completed;
    return *this;
  }
  SecondOf& GaveUpIterating(uint64_t millis) {
    iterations_.duration_censored.Record(millis * 1000);
    ++iterations_.failed;
    return *this;
  }
  SecondOf& Grouped(uint32_t group, uint64_t millis) {
    GroupTimes& times = iterations_.groups.emplace_back();
    times.group = group;
    times.duration.Record(millis * 1000);
    return *this;
  }
  SecondOf& Request(uint32_t request) {
    request_ = request;
    return *this;
  }
  SecondOf& Arrivals(uint64_t intended, uint64_t dropped) {
    arrivals_.intended = intended;
    arrivals_.started = intended - dropped;
    arrivals_.dropped_late = dropped;
    return *this;
  }

  operator Sums() const {
    v1::Window window;
    v1::RequestStats* requests = window.add_requests();
    stats_.ToProto(requests);
    requests->set_scenario(scenario_);
    requests->set_stage(stage_);
    requests->set_request(request_);
    v1::ArrivalStats* arrivals = window.add_arrivals();
    arrivals_.ToProto(arrivals);
    arrivals->set_scenario(scenario_);
    arrivals->set_stage(stage_);
    if (!iterations_.empty()) {
      v1::IterationStats* iterations = window.add_iterations();
      iterations_.ToProto(iterations);
      iterations->set_scenario(scenario_);
    }
    Sums sums;
    EXPECT_TRUE(Sums::Check(window.requests(), window.iterations()).ok());
    sums.Add(window.arrivals(), window.requests(), window.iterations());
    return sums;
  }

 private:
  uint32_t scenario_;
  uint32_t stage_;
  uint32_t request_;
  RequestStats stats_;
  ArrivalCounts arrivals_;
  IterationStats iterations_;
};

// One threshold and the seconds that it has seen.
class Watched {
 public:
  explicit Watched(v1::Threshold threshold) : Watched(StagedPlan(), std::move(threshold)) {}
  Watched(const v1::Plan& plan, v1::Threshold threshold) : watch_(plan, std::move(threshold)) {}

  Watched& Sees(const Sums& sums) {
    watch_.AddSecond(next_++, sums);
    return *this;
  }
  Watched& Sees(int seconds, const Sums& each) {
    for (int i = 0; i < seconds; ++i) Sees(each);
    return *this;
  }
  Watched& SkipsTo(uint32_t second) {
    while (next_ < second) Sees(Sums());
    return *this;
  }
  v1::ThresholdResult Final(Nanos duration = 60 * kSecond) const { return watch_.Final(duration); }
  std::string Value(Nanos duration = 60 * kSecond) const {
    return FormatThresholdValue(Final(duration));
  }
  bool Ok(Nanos duration = 60 * kSecond) const { return Final(duration).ok(); }
  ThresholdWatch& watch() { return watch_; }
  bool aborts() const { return watch_.aborts(); }

 private:
  ThresholdWatch watch_;
  uint32_t next_ = 0;
};

// --- values ---

TEST(ThresholdValues, OfATimeAreInTheUnitOfTheLimit) {
  v1::Threshold threshold = P99();
  EXPECT_EQ(Watched(threshold).Sees(SecondOf().Ok(100, 249)).Value(), "249ms");
  EXPECT_TRUE(Watched(threshold).Sees(SecondOf().Ok(100, 249)).Ok());
  EXPECT_FALSE(Watched(threshold).Sees(SecondOf().Ok(100, 250)).Ok()) << "not below";
  threshold.set_comparison(v1::COMPARISON_LESS_OR_EQUAL);
  EXPECT_TRUE(Watched(threshold).Sees(SecondOf().Ok(100, 250)).Ok());
  threshold.set_unit("s");
  EXPECT_EQ(Watched(threshold).Sees(SecondOf().Ok(100, 1'500)).Value(), "1.5s");
}

TEST(ThresholdValues, KnowAverageAndMinimumOfCompleteResponses) {
  const Sums second = SecondOf().Ok(1, 100).Ok(1, 300).Failed(Outcome::kTotalTimeout, 5, 9'000);
  v1::Threshold threshold = P99();
  threshold.set_aggregate(v1::THRESHOLD_AVG);
  EXPECT_EQ(Watched(threshold).Sees(second).Value(), "200ms");
  threshold.set_aggregate(v1::THRESHOLD_MIN);
  EXPECT_EQ(Watched(threshold).Sees(second).Value(), "100ms");
}

TEST(ThresholdValues, AmongCensoredSamplesAreLowerBoundsAndFailWhateverAsksForLess) {
  v1::Threshold threshold = P99();
  threshold.set_limit(60'000);
  const Sums second = SecondOf().Ok(90, 100).Failed(Outcome::kTotalTimeout, 10, 10'000);
  Watched watched(threshold);
  watched.Sees(second);
  EXPECT_EQ(watched.Value(), ">= 10000ms");
  EXPECT_FALSE(watched.Ok()) << "10 s is less than a minute, but what is above it nobody knows";
  threshold.set_comparison(v1::COMPARISON_GREATER);
  EXPECT_FALSE(Watched(threshold).Sees(second).Ok());
  threshold.set_limit(9'000);
  EXPECT_TRUE(Watched(threshold).Sees(second).Ok()) << "at least 10 s is more than 9 s";
  threshold.set_quantile(0.5);
  EXPECT_EQ(Watched(threshold).Sees(second).Value(), "100ms") << "the median is not among them";
}

TEST(ThresholdValues, OfFailuresAreAShareOfWhatTheTargetAnsweredOrFailed) {
  const v1::Threshold share = Counting(v1::THRESHOLD_FAILED_REQUESTS, v1::THRESHOLD_SHARE,
                                       v1::COMPARISON_LESS_OR_EQUAL, 0.1, "%");
  EXPECT_EQ(Watched(share).Sees(SecondOf().Ok(999, 1).Failed(Outcome::kReset, 1, 1)).Value(),
            "0.1%");
  EXPECT_TRUE(Watched(share).Sees(SecondOf().Ok(999, 1).Failed(Outcome::kReset, 1, 1)).Ok());
  EXPECT_FALSE(Watched(share).Sees(SecondOf().Ok(999, 1).Status(503, 2)).Ok());
  EXPECT_EQ(Watched(share).Sees(SecondOf().Ok(9, 1).Failed(Outcome::kOutOfPorts, 9, 1)).Value(),
            "0%")
      << "the generator's own fault";
  const v1::Threshold rate = Counting(v1::THRESHOLD_FAILED_REQUESTS, v1::THRESHOLD_PER_SECOND,
                                      v1::COMPARISON_LESS, 1, "/m");
  EXPECT_EQ(Watched(rate).Sees(SecondOf().Failed(Outcome::kReset, 2, 1)).Value(), "2/m");
}

TEST(ThresholdValues, OfRequestsAreCountsAndRates) {
  const Sums second = SecondOf().Ok(50, 1).Status(503, 4).Status(500, 2).Arrivals(60, 3);
  const auto value = [&](v1::Threshold threshold) {
    return Watched(std::move(threshold)).Sees(60, second).Value();
  };
  v1::Threshold requests =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 1, "/s");
  EXPECT_EQ(value(requests), "56/s");
  requests.mutable_selector()->set_min_status(500);
  requests.mutable_selector()->set_max_status(599);
  EXPECT_EQ(value(requests), "6/s");
  requests.mutable_selector()->set_max_status(500);
  requests.set_aggregate(v1::THRESHOLD_COUNT);
  requests.set_unit("");
  EXPECT_EQ(value(requests), "120");
  EXPECT_EQ(
      value(Counting(v1::THRESHOLD_DROPPED, v1::THRESHOLD_SHARE, v1::COMPARISON_LESS, 1, "%")),
      "5%");
  EXPECT_EQ(
      value(Counting(v1::THRESHOLD_DROPPED, v1::THRESHOLD_COUNT, v1::COMPARISON_EQUAL, 0, "")),
      "180");
  EXPECT_EQ(value(Counting(v1::THRESHOLD_ITERATIONS, v1::THRESHOLD_PER_SECOND,
                           v1::COMPARISON_GREATER, 1, "/s")),
            "57/s");
}

TEST(ThresholdValues, OfChecksAreThosePassedAndTheirShareOfThoseMade) {
  const Sums second = SecondOf().Ok(10, 1).Checked(999, 1);
  const v1::Threshold share =
      Counting(v1::THRESHOLD_CHECKS, v1::THRESHOLD_SHARE, v1::COMPARISON_GREATER, 99.9, "%");
  EXPECT_EQ(Watched(share).Sees(second).Value(), "99.9%");
  EXPECT_FALSE(Watched(share).Sees(second).Ok());
  EXPECT_TRUE(Watched(share).Sees(SecondOf().Ok(10, 1).Checked(1'000, 0)).Ok());
  EXPECT_EQ(Watched(share).Sees(SecondOf().Ok(10, 1)).Value(), "no data") << "none was made";
  const v1::Threshold count =
      Counting(v1::THRESHOLD_CHECKS, v1::THRESHOLD_COUNT, v1::COMPARISON_GREATER, 0, "");
  EXPECT_EQ(Watched(count).Sees(second).Value(), "999");
}

v1::Threshold Duration(v1::ThresholdMetric metric) {
  v1::Threshold threshold = P99();
  threshold.set_measured(metric);
  return threshold;
}

TEST(ThresholdValues, OfIterationsRankThoseThatFailedAboveAllOthers) {
  const v1::Threshold threshold = Duration(v1::THRESHOLD_ITERATION_DURATION);
  EXPECT_EQ(Watched(threshold).Sees(SecondOf().Iterated(100)).Value(), "100ms");
  const Sums failing = SecondOf().Iterated(100).GaveUpIterating(10);
  EXPECT_EQ(Watched(threshold).Sees(failing).Value(), ">= 100ms");
  EXPECT_FALSE(Watched(threshold).Sees(failing).Ok());
}

TEST(ThresholdValues, OfGroupsAreOfOneOrOfAll) {
  v1::Threshold threshold = Duration(v1::THRESHOLD_GROUP_DURATION);
  v1::Plan plan = StagedPlan();
  for (uint32_t group : {0u, 1u}) {
    plan.mutable_flows(1)->add_steps()->mutable_group()->set_index(group);
  }
  const Sums second = SecondOf().Grouped(0, 100).Grouped(1, 200);
  EXPECT_EQ(Watched(plan, threshold).Sees(second).Value(), "200ms");
  threshold.mutable_selector()->set_group(0);
  EXPECT_EQ(Watched(plan, threshold).Sees(second).Value(), "100ms");
}

// --- what is selected ---

TEST(ThresholdSelection, IsByTheGroupAroundARequestAndByItsTag) {
  v1::Plan plan = StagedPlan();
  v1::Group& outer = *plan.mutable_flows(1)->add_steps()->mutable_group();
  outer.set_index(0);
  v1::Group& inner = *outer.add_steps()->mutable_repeat()->add_steps()->mutable_group();
  inner.set_index(1);
  v1::Request& request = *inner.add_steps()->mutable_request();
  request.set_index(2);
  (*request.mutable_tags())["kind"] = "write";
  const auto value = [&](const auto& select) {
    v1::Threshold threshold = P99();
    select(*threshold.mutable_selector());
    Watched watched(plan, threshold);
    watched.Sees(SecondOf().Ok(10, 300)).Sees(SecondOf().Request(2).Ok(10, 100));
    return watched.Value();
  };
  using Selector = v1::ThresholdSelector;
  EXPECT_EQ(value([](Selector&) {}), "300ms");
  EXPECT_EQ(value([](Selector& selector) { selector.set_group(0); }), "100ms") << "however deep";
  EXPECT_EQ(value([](Selector& selector) { selector.set_group(1); }), "100ms");
  const auto tagged = [](const char* tag_value) {
    return [tag_value](Selector& selector) {
      selector.set_tag("kind");
      selector.set_tag_value(tag_value);
    };
  };
  EXPECT_EQ(value(tagged("write")), "100ms");
  EXPECT_EQ(value(tagged("read")), "no data");
}

TEST(ThresholdSelection, LeavesOutWhatIsNotMeasured) {
  Watched watched(P99());
  watched.Sees(SecondOf(0, 0).Ok(1'000, 5'000)).Sees(SecondOf(0, 1).Ok(10, 100));
  EXPECT_EQ(watched.Value(), "100ms");
}

TEST(ThresholdSelection, IsByScenarioRequestAndStage) {
  const auto value = [](const v1::ThresholdSelector& selector) {
    v1::Threshold threshold = P99();
    *threshold.mutable_selector() = selector;
    Watched watched(threshold);
    watched.Sees(SecondOf(0, 1).Ok(10, 100)).Sees(SecondOf(0, 2).Ok(10, 200));
    return watched.Sees(SecondOf(1, 0).Ok(10, 300)).Value();
  };
  v1::ThresholdSelector selector;
  EXPECT_EQ(value(selector), "300ms");
  selector.set_scenario(0);
  EXPECT_EQ(value(selector), "200ms");
  selector.set_stage("ramp");
  EXPECT_EQ(value(selector), "100ms");
  selector.set_request(1);
  EXPECT_EQ(value(selector), "no data");
  selector.Clear();
  selector.set_request(1);
  EXPECT_EQ(value(selector), "300ms");
}

TEST(ThresholdSelection, OfConnectionsKnowsNoStages) {
  v1::Threshold threshold = P99();
  threshold.set_measured(v1::THRESHOLD_CONNECT_TIME);
  EXPECT_EQ(Watched(threshold).Sees(SecondOf(0, 0).Connected(3)).Value(), "3ms");
}

TEST(ThresholdSelection, RatesAreOverTheTimeInWhichThereIsAnythingToSelect) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 1, "/s");
  threshold.mutable_selector()->set_scenario(0);
  Watched watched(threshold);
  watched.Sees(10, SecondOf(0, 0).Ok(1'000, 1)).Sees(50, SecondOf(0, 1).Ok(20, 1));
  EXPECT_EQ(watched.Value(), "20/s") << "the warm-up is no part of it";
  EXPECT_EQ(watched.Value(35 * kSecond), "40/s") << "as long as the load was";
}

// --- no data ---

TEST(ThresholdWithoutData, FailsUnlessToldToPass) {
  v1::Threshold threshold = P99();
  EXPECT_EQ(Watched(threshold).Sees(Sums()).Value(), "no data");
  EXPECT_FALSE(Watched(threshold).Sees(Sums()).Ok());
  EXPECT_TRUE(Watched(threshold).Sees(Sums()).watch().Standing().ok()) << "it may still come";
  threshold.set_no_data_passes(true);
  EXPECT_TRUE(Watched(threshold).Sees(Sums()).Ok());
}

TEST(ThresholdWithoutData, ARateBeforeTheFirstSecondIsNotKnownYet) {
  const v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 1, "/s");
  EXPECT_TRUE(Watched(threshold).watch().Standing().ok());
  EXPECT_FALSE(Watched(threshold).Sees(Sums()).watch().Standing().ok());
}

TEST(ThresholdWithoutData, ACountOfNothingIsNought) {
  EXPECT_TRUE(
      Watched(Counting(v1::THRESHOLD_DROPPED, v1::THRESHOLD_COUNT, v1::COMPARISON_EQUAL, 0, ""))
          .Ok());
}

// --- the worst value ---

TEST(ThresholdValues, TheWorstIsWhateverIsFarthestFromTheLimit) {
  const ThresholdValue none{true, 0, false};
  const auto exact = [](double value) { return ThresholdValue{false, value, false}; };
  const auto at_least = [](double value) { return ThresholdValue{false, value, true}; };
  const v1::Threshold less = P99();  // than 250 ms
  EXPECT_TRUE(Worse(less, at_least(300), exact(900))) << "it may have been any more";
  EXPECT_FALSE(Worse(less, exact(900), at_least(300)));
  EXPECT_TRUE(Worse(less, at_least(400), at_least(300)));
  EXPECT_TRUE(Worse(less, exact(300), none)) << "that nothing came says less";
  EXPECT_FALSE(Worse(less, none, exact(300)));
  EXPECT_FALSE(Worse(less, none, none));
  const v1::Threshold equal =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_COUNT, v1::COMPARISON_EQUAL, 100, "");
  EXPECT_TRUE(Worse(equal, exact(10), exact(101)));
  EXPECT_FALSE(Worse(equal, exact(101), exact(10)));
}

// --- windows ---

v1::Threshold Windowed(int over, int violated_for = 0) {
  v1::Threshold threshold = P99();
  threshold.set_over_ns(over * kSecond);
  threshold.set_for_ns(violated_for * kSecond);
  return threshold;
}

TEST(ThresholdWindows, AreForgivenNothingThatThePlanForbids) {
  Watched watched(Windowed(3));
  watched.Sees(10, SecondOf().Ok(100, 100)).Sees(SecondOf().Ok(100, 400));
  watched.Sees(49, SecondOf().Ok(100, 100));
  EXPECT_FALSE(watched.Ok()) << "though it came right again";
  EXPECT_EQ(watched.Value(), "400ms") << "the worst window";
  EXPECT_TRUE(Watched(P99()).Sees(10, SecondOf().Ok(1'000, 100)).Sees(SecondOf().Ok(50, 400)).Ok())
      << "without windows the end counts";
}

TEST(ThresholdWindows, SlideSoThatWhatIsOlderIsForgotten) {
  Watched watched(Windowed(2));
  // In each window 1 of 200 is slow; over all of them it would be more than one in a hundred only
  // if a window forgot to forget.
  for (int i = 0; i < 20; ++i) {
    watched.Sees(SecondOf().Ok(99, 100).Ok(1, 400)).Sees(SecondOf().Ok(100, 100));
  }
  EXPECT_TRUE(watched.Ok());
  EXPECT_NEAR(watched.Final().value(), 100, 0.1);
}

TEST(ThresholdWindows, AreNotJudgedBeforeTheyAreWhole) {
  v1::Threshold threshold = Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_COUNT,
                                     v1::COMPARISON_GREATER_OR_EQUAL, 30, "");
  threshold.set_over_ns(3 * kSecond);
  Watched watched(threshold);
  watched.Sees(60, SecondOf().Ok(10, 1));
  EXPECT_TRUE(watched.Ok());
  EXPECT_EQ(watched.Value(), "30");
}

TEST(ThresholdWindows, OfARunThatIsShorterAreWhatThereIs) {
  Watched watched(Windowed(30));
  watched.Sees(5, SecondOf().Ok(100, 300));
  EXPECT_TRUE(watched.watch().Standing().ok());
  EXPECT_FALSE(watched.Ok(5 * kSecond));
  EXPECT_EQ(watched.Value(5 * kSecond), "300ms");
}

TEST(ThresholdWindows, TheLastOneHasWhatCameAfterTheLoad) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 9, "/s");
  threshold.set_over_ns(5 * kSecond);
  Watched watched(threshold);
  // The last second's answers come three seconds later; windows of their own they are not.
  watched.Sees(59, SecondOf().Ok(10, 1)).Sees(3, Sums()).Sees(SecondOf().Ok(10, 3'000));
  EXPECT_TRUE(watched.Ok());
  EXPECT_EQ(watched.Value(), "10/s");
}

TEST(ThresholdWindows, TheLastSecondOfALoadThatEndsOfItselfIsHeldAgainstNobody) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 9, "/s");
  threshold.set_over_ns(kSecond);
  Watched watched(threshold);
  watched.Sees(5, SecondOf().Ok(10, 1)).Sees(SecondOf().Ok(2, 1));
  EXPECT_TRUE(watched.Ok(5'200 * kMillisecond)) << "all iterations were done";
  EXPECT_EQ(watched.Value(5'200 * kMillisecond), "10/s");
  watched.Sees(SecondOf().Ok(10, 1));
  EXPECT_FALSE(watched.Ok(6'500 * kMillisecond)) << "the load went on: that second was a poor one";
}

TEST(ThresholdWindows, OfALoadThatIsEndedAreAsLongAsItWas) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 9, "/s");
  threshold.set_over_ns(kSecond);
  Watched watched(threshold);
  watched.Sees(5, SecondOf().Ok(10, 1));
  watched.watch().EndLoad(5'500 * kMillisecond);
  watched.Sees(SecondOf().Ok(4, 1)).Sees(3, Sums()).Sees(SecondOf().Ok(1, 3'000));
  EXPECT_TRUE(watched.Ok(5'500 * kMillisecond));
  EXPECT_EQ(watched.Value(5'500 * kMillisecond), "10/s") << "five in half a second";
}

TEST(ThresholdWindows, OfCountsAreJudgedWhole) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_COUNT, v1::COMPARISON_GREATER, 19, "");
  threshold.set_over_ns(2 * kSecond);
  Watched watched(threshold);
  watched.Sees(5, SecondOf().Ok(10, 1));
  watched.watch().EndLoad(5'500 * kMillisecond);
  watched.Sees(SecondOf().Ok(4, 1)).Sees(2, Sums());
  EXPECT_TRUE(watched.Ok(5'500 * kMillisecond)) << "half a second has half";
}

TEST(ThresholdWindows, OfAStageBeginAndEndWithIt) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND, v1::COMPARISON_GREATER, 9, "/s");
  threshold.set_over_ns(5 * kSecond);
  threshold.mutable_selector()->set_stage("ramp");
  Watched watched(threshold);
  watched.Sees(10, SecondOf(0, 0).Ok(1, 1)).Sees(20, SecondOf(0, 1).Ok(10, 1));
  watched.Sees(30, SecondOf(0, 2).Ok(1, 1));
  EXPECT_TRUE(watched.Ok());
  EXPECT_EQ(watched.Value(), "10/s");
}

TEST(ThresholdWindows, MustBeViolatedLongEnough) {
  Watched watched(Windowed(1, 3));
  const Sums good = SecondOf().Ok(10, 100);
  const Sums bad = SecondOf().Ok(10, 400);
  watched.Sees(2, bad).Sees(good).Sees(2, bad).Sees(good);
  EXPECT_TRUE(watched.Ok());
  watched.Sees(3, bad);
  EXPECT_FALSE(watched.watch().Standing().ok());
  EXPECT_FALSE(watched.Ok());
}

TEST(ThresholdWindows, WithNothingInThemFailUnlessToldToPass) {
  Watched failing(Windowed(2));
  failing.Sees(2, SecondOf().Ok(1, 1)).Sees(2, Sums()).Sees(56, SecondOf().Ok(1, 1));
  EXPECT_FALSE(failing.Ok());
  EXPECT_EQ(failing.Value(), "no data");
  v1::Threshold threshold = Windowed(2);
  threshold.set_no_data_passes(true);
  Watched passing(threshold);
  passing.Sees(2, SecondOf().Ok(1, 1)).Sees(2, Sums()).Sees(56, SecondOf().Ok(1, 1));
  EXPECT_TRUE(passing.Ok());
  EXPECT_EQ(passing.Value(), "1ms");
}

// --- what is over, or has not begun ---

// `once` has iterations that may take ten minutes and take 20 s, `later` is at a constant rate in
// the minute from 300 s on.
v1::Plan OncePlan() {
  v1::Plan plan;
  v1::Scenario& once = *plan.add_scenarios();
  once.set_name("once");
  once.mutable_per_vu_iterations()->set_max_duration_ns(600 * kSecond);
  v1::Scenario& later = *plan.add_scenarios();
  later.set_name("later");
  later.set_start_time_ns(300 * kSecond);
  later.mutable_constant_arrival_rate()->set_duration_ns(60 * kSecond);
  AddFlows(&plan);
  return plan;
}

v1::Threshold Rate(double least, int over) {
  v1::Threshold threshold = Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_PER_SECOND,
                                     v1::COMPARISON_GREATER, least, "/s");
  threshold.set_over_ns(over * kSecond);
  return threshold;
}

v1::Threshold Of(uint32_t scenario, v1::Threshold threshold) {
  threshold.mutable_selector()->set_scenario(scenario);
  return threshold;
}

constexpr Nanos kOnceDuration = 360 * kSecond;

TEST(ThresholdOfWhatIsOver, JudgesNoWindowAfterIt) {
  v1::Threshold count = Of(0, Rate(99, 5));
  count.set_aggregate(v1::THRESHOLD_COUNT);
  count.set_limit(49);
  for (const v1::Threshold& threshold : {Of(0, Windowed(5)), Of(0, Rate(9, 5)), count}) {
    Watched watched(OncePlan(), threshold);
    watched.Sees(20, SecondOf(0).Ok(10, 100)).Sees(SecondOf(0).Ok(2, 100)).SkipsTo(300);
    watched.Sees(60, SecondOf(1).Ok(1, 100));
    EXPECT_TRUE(watched.Ok(kOnceDuration)) << watched.Value(kOnceDuration);
    EXPECT_TRUE(watched.watch().Standing().ok());
  }
}

TEST(ThresholdOfWhatIsOver, JudgesASilenceThatWasNone) {
  Watched times(OncePlan(), Of(0, Windowed(5)));
  times.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(26).Sees(SecondOf(0).Ok(10, 100));
  EXPECT_FALSE(times.Ok(kOnceDuration)) << "it was slow, not over";
  EXPECT_EQ(times.Value(kOnceDuration), "no data");
  Watched rate(OncePlan(), Of(0, Rate(9, 5)));
  rate.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(22).Sees(5, SecondOf(0).Ok(10, 100));
  EXPECT_FALSE(rate.Ok(kOnceDuration));
  EXPECT_EQ(rate.Value(kOnceDuration), "6/s") << "30 in 5 s";
}

TEST(ThresholdOfWhatIsOver, JudgesASilenceOfAnHourAtOnce) {
  v1::Plan plan = OncePlan();
  plan.mutable_scenarios(0)->mutable_per_vu_iterations()->set_max_duration_ns(7200 * kSecond);
  v1::Threshold threshold = Of(0, Windowed(5, 60));
  Watched watched(plan, threshold);
  watched.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(3'600);
  EXPECT_TRUE(watched.watch().Standing().ok());
  watched.Sees(SecondOf(0).Ok(10, 100));
  EXPECT_FALSE(watched.watch().Standing().ok());
}

// Merging an hour's window for each second of an hour would take the control thread minutes.
TEST(ThresholdOfWhatIsOver, JudgesTheLongestWindowsOfALongSilence) {
  v1::Plan plan = OncePlan();
  plan.mutable_scenarios(0)->mutable_per_vu_iterations()->set_max_duration_ns(20'000 * kSecond);
  SecondOf busy(0);
  for (uint64_t millis = 1; millis < 2'000; ++millis) busy.Ok(1, millis);
  v1::Threshold threshold = Of(0, Windowed(3'600, 3'600));
  threshold.set_limit(10'000);
  for (const auto& [silence, ok] : {std::pair(7'198, true), std::pair(7'199, false)}) {
    Watched watched(plan, threshold);
    watched.Sees(3'600, busy).SkipsTo(static_cast<uint32_t>(3'600 + silence));
    EXPECT_TRUE(watched.watch().Standing().ok());
    watched.Sees(busy);
    EXPECT_EQ(watched.watch().Standing().ok(), ok) << silence;
  }
}

TEST(ThresholdOfWhatIsOver, JudgesEveryWindowThatHasAPartOfASilence) {
  Watched rate(OncePlan(), Of(0, Rate(1, 5)));
  rate.Sees(6, SecondOf(0).Ok(10, 100)).Sees(SecondOf(0).Ok(20, 100)).SkipsTo(11);
  rate.Sees(SecondOf(0).Ok(100, 100)).Sees(6, SecondOf(0).Ok(10, 100));
  EXPECT_TRUE(rate.Ok(kOnceDuration));
  EXPECT_EQ(rate.Value(kOnceDuration), "4/s") << "20 in the window of four quiet seconds";
}

TEST(ThresholdOfWhatIsOver, JudgesWhatCameLateAllTheSame) {
  // Both begin at once; the one at a constant rate is over last, and its slow answers come later.
  v1::Plan plan = OncePlan();
  plan.mutable_scenarios(1)->clear_start_time_ns();
  Watched watched(plan, Windowed(5));
  watched.Sees(60, SecondOf(1).Ok(10, 100)).SkipsTo(65);
  EXPECT_TRUE(watched.Ok(kOnceDuration));
  watched.Sees(SecondOf(1).Failed(Outcome::kTotalTimeout, 10, 5'000));
  EXPECT_FALSE(watched.Ok(kOnceDuration));
}

TEST(ThresholdOfWhatIsOver, TakesWhatThereIsWhenNoWindowWasWhole) {
  Watched rate(OncePlan(), Of(0, Rate(9, 30)));
  rate.Sees(20, SecondOf(0).Ok(10, 100)).Sees(SecondOf(0).Ok(2, 100)).SkipsTo(360);
  EXPECT_EQ(rate.Value(kOnceDuration), "10/s") << "of its whole seconds";
  EXPECT_TRUE(rate.Ok(kOnceDuration));
}

TEST(ThresholdOfWhatIsOver, CountsItsRateOverItsOwnTime) {
  Watched rate(OncePlan(), Of(0, Rate(9, 0)));
  rate.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(360);
  EXPECT_EQ(rate.Value(kOnceDuration), "10/s");
}

TEST(ThresholdOfWhatIsOver, GoesOnWithWhatBeginsLater) {
  Watched watched(OncePlan(), Rate(9, 5));
  watched.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(300).Sees(60, SecondOf(1).Ok(10, 100));
  EXPECT_TRUE(watched.Ok(kOnceDuration));
  EXPECT_EQ(watched.Value(kOnceDuration), "10/s");
  Watched slower(OncePlan(), Rate(9, 5));
  slower.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(300).Sees(60, SecondOf(1).Ok(8, 100));
  EXPECT_FALSE(slower.Ok(kOnceDuration));
  EXPECT_EQ(slower.Value(kOnceDuration), "8/s");
}

TEST(ThresholdOfWhatIsOver, IsAlsoOfVusThatMayStop) {
  v1::Plan plan = StagedPlan();
  Watched strict(plan, Of(1, Windowed(5)));
  strict.Sees(20, SecondOf(1).Ok(10, 100)).SkipsTo(60);
  EXPECT_FALSE(strict.Ok());
  plan.mutable_flows(1)->set_on_error(v1::Flow::ON_ERROR_STOP_VU);
  Watched lenient(plan, Of(1, Windowed(5)));
  lenient.Sees(20, SecondOf(1).Ok(10, 100)).SkipsTo(60);
  EXPECT_TRUE(lenient.Ok());
}

TEST(ThresholdOfWhatBeginsLater, JudgesNothingBeforeIt) {
  for (const v1::Threshold& threshold : {Of(1, Windowed(5)), Of(1, Rate(9, 5))}) {
    Watched watched(OncePlan(), threshold);
    watched.SkipsTo(300);
    EXPECT_TRUE(watched.watch().Standing().ok());
    watched.Sees(60, SecondOf(1).Ok(10, 100));
    EXPECT_TRUE(watched.Ok(kOnceDuration)) << watched.Value(kOnceDuration);
  }
  v1::Threshold by_request = Windowed(5);
  by_request.mutable_selector()->set_request(1);
  Watched watched(OncePlan(), by_request);
  watched.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(300).Sees(60, SecondOf(1).Ok(10, 100));
  EXPECT_TRUE(watched.Ok(kOnceDuration)) << "the other scenario has no such request";
}

TEST(ThresholdOfTwoScenarios, JudgesNothingBetweenThem) {
  v1::Plan plan = OncePlan();
  plan.mutable_scenarios(0)->mutable_constant_vus()->set_duration_ns(20 * kSecond);
  for (const v1::Threshold& threshold : {Windowed(5), Rate(9, 5)}) {
    Watched watched(plan, threshold);
    watched.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(300).Sees(60, SecondOf(1).Ok(10, 100));
    EXPECT_TRUE(watched.Ok(kOnceDuration)) << watched.Value(kOnceDuration);
  }
  Watched slow_end(plan, Windowed(5));
  slow_end.Sees(20, SecondOf(0).Ok(10, 100)).Sees(SecondOf(0).Ok(10, 900)).SkipsTo(300);
  slow_end.Sees(60, SecondOf(1).Ok(10, 100));
  EXPECT_FALSE(slow_end.Ok(kOnceDuration)) << "what came after the first belongs to it";
}

TEST(ThresholdOfTwoScenarios, DoesNotAbortInTheTimeBetween) {
  v1::Plan plan = OncePlan();
  plan.mutable_scenarios(0)->mutable_constant_vus()->set_duration_ns(20 * kSecond);
  for (int over : {0, 5}) {
    v1::Threshold threshold = Rate(9, over);
    threshold.set_abort_on_fail(true);
    Watched watched(plan, threshold);
    watched.Sees(20, SecondOf(0).Ok(10, 100)).SkipsTo(300);
    EXPECT_FALSE(watched.aborts());
  }
}

TEST(ThresholdOfAPause, JudgesNothingInIt) {
  v1::Plan plan = OncePlan();
  v1::RampingVus& vus = *plan.mutable_scenarios(0)->mutable_ramping_vus();
  vus.set_start_vus(5);
  const auto add = [&vus](Nanos duration, uint32_t target) {
    v1::VuStage& stage = *vus.add_stages();
    stage.set_duration_ns(duration);
    stage.set_target(target);
  };
  add(20 * kSecond, 5);
  add(0, 0);
  add(60 * kSecond, 0);
  add(0, 5);
  add(20 * kSecond, 5);
  Watched watched(plan, Of(0, Windowed(5)));
  watched.Sees(20, SecondOf(0, 0).Ok(10, 100)).SkipsTo(80).Sees(20, SecondOf(0, 4).Ok(10, 100));
  EXPECT_TRUE(watched.Ok(100 * kSecond)) << watched.Value(100 * kSecond);
}

// --- what ends a run ---

TEST(ThresholdThatAborts, EndsTheRunInTheSecondInWhichItFails) {
  v1::Threshold threshold = P99();
  threshold.set_abort_on_fail(true);
  Watched watched(threshold);
  watched.Sees(SecondOf().Ok(100, 100));
  EXPECT_FALSE(watched.aborts());
  watched.Sees(SecondOf().Ok(100, 400));
  EXPECT_TRUE(watched.aborts());
  watched.Sees(SecondOf().Ok(1'000'000, 100));
  EXPECT_FALSE(watched.Ok()) << "what came right afterwards came too late";
  EXPECT_TRUE(watched.Final().aborted());
  EXPECT_EQ(watched.Value(), "400ms");
}

TEST(ThresholdThatAborts, WaitsAsLongAsThePlanSays) {
  v1::Threshold threshold = P99();
  threshold.set_abort_on_fail(true);
  threshold.set_delay_abort_eval_ns(3 * kSecond);
  Watched watched(threshold);
  watched.Sees(2, SecondOf().Ok(100, 400));
  EXPECT_FALSE(watched.aborts());
  watched.Sees(SecondOf().Ok(100, 400));
  EXPECT_TRUE(watched.aborts());
}

TEST(ThresholdThatAborts, DoesNotForACountThatIsStillGrowing) {
  v1::Threshold threshold =
      Counting(v1::THRESHOLD_REQUESTS, v1::THRESHOLD_COUNT, v1::COMPARISON_EQUAL, 30, "");
  threshold.set_abort_on_fail(true);
  Watched watched(threshold);
  watched.Sees(3, SecondOf().Ok(10, 1));
  EXPECT_FALSE(watched.aborts());
  EXPECT_TRUE(watched.Ok());
  EXPECT_TRUE(watched.Sees(SecondOf().Ok(1, 1)).aborts()) << "it can only grow";
}

TEST(ThresholdThatAborts, DoesNotWithoutBeingAsked) {
  EXPECT_FALSE(Watched(P99()).Sees(SecondOf().Ok(100, 400)).aborts());
}

TEST(Thresholds, CountWhatComesLateButDoNotJudgeItsSecondAgain) {
  v1::Plan plan = StagedPlan();
  *plan.add_thresholds() = P99();
  *plan.add_thresholds() = Windowed(1);
  Thresholds thresholds(plan);
  thresholds.AddSecond(0, SecondOf().Ok(10, 100));
  thresholds.AddLate(SecondOf().Ok(10, 400));
  EXPECT_FALSE(thresholds.Final(kSecond)[0].ok());
  EXPECT_TRUE(thresholds.Final(kSecond)[1].ok());
  EXPECT_FALSE(thresholds.Aborting().has_value());
}

TEST(ThresholdText, IsAsThePlanWritesIt) {
  v1::ThresholdResult result;
  result.set_metric("dropped");
  result.set_expr("count == 0");
  result.set_value(1'234'567);
  EXPECT_EQ(ThresholdSentence(result), "dropped count == 0: 1234567");
  result.set_unit("%");
  result.set_value(100.0 / 3);
  EXPECT_EQ(FormatThresholdValue(result), "33.3333%");
  result.set_lower_bound(true);
  EXPECT_EQ(FormatThresholdValue(result), ">= 33.3333%");
  result.set_lower_bound(false);
  result.set_unit("s");
  result.set_value(0.0002255);
  EXPECT_EQ(FormatThresholdValue(result), "225.5us") << "readable, however far below its limit";
  result.set_no_data(true);
  EXPECT_EQ(FormatThresholdValue(result), "no data");
}

}  // namespace
}  // namespace loadfleet
