// What the compiler makes of `thresholds`; what is wrong with one is in tests/golden/plans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/plan/threshold_expr.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::Pair;

// Of a plan with the scenarios `shop`, whose stages are `warmup` (not measured) and `steady`, and
// `look`; the requests are `order` (0), in the group `checkout`, and `home` (1).
v1::Threshold ThresholdOf(const std::string& text) {
  return PlanOf(absl::StrCat(R"(target: http://127.0.0.1:8080
scenarios:
  look: {executor: constant-vus, flow: look, vus: 1, duration: 10s}
  shop:
    executor: ramping-arrival-rate
    flow: buy
    stages:
      - {name: warmup, duration: 10s, target: 100/s, measure: false}
      - {name: steady, duration: 1m, target: 100/s}
flows:
  buy:
    steps:
      - group: checkout
        steps: [{request: order, get: /, tags: {kind: write, area: "a,b"}, expect: {status: 200}}]
  look: {steps: [{request: home, get: /, tags: {kind: read}}]}
thresholds: [{)",
                             text, "}]\n"))
      .thresholds(0);
}

v1::Threshold Parsed(const std::string& metric, const std::string& expr) {
  return ThresholdOf(absl::StrCat("metric: ", metric, ", expr: ", expr));
}

TEST(Thresholds, OfATimeHaveALimitInTheUnitThatThePlanWrites) {
  const v1::Threshold p99 = Parsed("response_time", "p(99) < 250ms");
  EXPECT_EQ(p99.metric(), "response_time");
  EXPECT_EQ(p99.expr(), "p(99) < 250ms");
  EXPECT_EQ(p99.measured(), v1::THRESHOLD_RESPONSE_TIME);
  EXPECT_EQ(p99.aggregate(), v1::THRESHOLD_QUANTILE);
  EXPECT_DOUBLE_EQ(p99.quantile(), 0.99);
  EXPECT_EQ(p99.comparison(), v1::COMPARISON_LESS);
  EXPECT_EQ(p99.limit(), 250);
  EXPECT_EQ(p99.unit(), "ms");
  EXPECT_EQ(Parsed("service_time", "avg<=1.5s").limit(), 1.5);
  EXPECT_EQ(Parsed("lateness", "max < 1m30s").limit(), 90);
  EXPECT_EQ(Parsed("lateness", "max < 1m30s").unit(), "s");
  EXPECT_EQ(Parsed("tls_time", "med < 5ms").quantile(), 0.5);
  EXPECT_EQ(Parsed("connect_time", "max < 5ms").quantile(), 1);
  EXPECT_EQ(Parsed("queue_wait", "min >= 1us").aggregate(), v1::THRESHOLD_MIN);
  EXPECT_DOUBLE_EQ(Parsed("first_byte_time", "p( 99.9 ) < 5ms").quantile(), 0.999);
}

TEST(Thresholds, OfWhatIsCountedAreACountARateOrAShare) {
  EXPECT_EQ(Parsed("dropped", "count == 0").aggregate(), v1::THRESHOLD_COUNT);
  EXPECT_EQ(Parsed("dropped", "count == 0").comparison(), v1::COMPARISON_EQUAL);
  const v1::Threshold share = Parsed("failed_requests", "rate < 0.1%");
  EXPECT_EQ(share.aggregate(), v1::THRESHOLD_SHARE);
  EXPECT_EQ(share.limit(), 0.1);
  EXPECT_EQ(share.unit(), "%");
  const v1::Threshold bare = Parsed("failed_requests", "rate != 0.01");
  EXPECT_EQ(bare.aggregate(), v1::THRESHOLD_SHARE);
  EXPECT_EQ(bare.unit(), "");
  EXPECT_EQ(bare.comparison(), v1::COMPARISON_NOT_EQUAL);
  const v1::Threshold failures = Parsed("failed_requests", "rate < 5/m");
  EXPECT_EQ(failures.aggregate(), v1::THRESHOLD_PER_SECOND);
  EXPECT_EQ(failures.limit(), 5);
  EXPECT_EQ(failures.unit(), "/m");
  EXPECT_EQ(Parsed("requests", "rate > 100/s").aggregate(), v1::THRESHOLD_PER_SECOND);
  EXPECT_EQ(Parsed("iterations", "rate > 100").unit(), "/s") << "a bare rate is per second";
}

TEST(Thresholds, SelectByNameWhatThePlanHas) {
  const v1::ThresholdSelector all = Parsed("response_time", "max < 1s").selector();
  EXPECT_FALSE(all.has_scenario());
  EXPECT_FALSE(all.has_request());
  const v1::ThresholdSelector some =
      Parsed("'requests{ scenario = shop, request=\"order\" ,stage=steady,status=5xx}'",
             "count < 1")
          .selector();
  EXPECT_EQ(some.scenario(), 1u);
  EXPECT_EQ(some.request(), 0u);
  EXPECT_EQ(some.stage(), "steady");
  EXPECT_EQ(some.min_status(), 500u);
  EXPECT_EQ(some.max_status(), 599u);
  EXPECT_EQ(Parsed("'requests{status=404}'", "count < 1").selector().max_status(), 404u);
}

TEST(Thresholds, SelectByTheGroupAndTheTagOfRequests) {
  const v1::ThresholdSelector group =
      Parsed("'response_time{group=checkout}'", "max < 1s").selector();
  EXPECT_TRUE(group.has_group());
  EXPECT_EQ(group.group(), 0u);
  const v1::ThresholdSelector tag = Parsed("'checks{tag.kind=write}'", "rate > 99.9%").selector();
  EXPECT_EQ(tag.tag(), "kind");
  EXPECT_EQ(tag.tag_value(), "write");
  EXPECT_EQ(Parsed("'connect_time{tag.area=\"a,b\"}'", "max < 1s").selector().tag_value(), "a,b");
}

TEST(Thresholds, OfChecksIterationsAndGroups) {
  const v1::Threshold checks = Parsed("checks", "rate > 99.9%");
  EXPECT_EQ(checks.measured(), v1::THRESHOLD_CHECKS);
  EXPECT_EQ(checks.aggregate(), v1::THRESHOLD_SHARE);
  EXPECT_EQ(Parsed("checks", "count > 5").aggregate(), v1::THRESHOLD_COUNT);
  const v1::Threshold iteration = Parsed("'iteration_duration{scenario=shop}'", "p(95) < 2s");
  EXPECT_EQ(iteration.measured(), v1::THRESHOLD_ITERATION_DURATION);
  EXPECT_EQ(iteration.selector().scenario(), 1u);
  const v1::Threshold group = Parsed("'group_duration{group=checkout}'", "avg < 2s");
  EXPECT_EQ(group.measured(), v1::THRESHOLD_GROUP_DURATION);
  EXPECT_EQ(group.selector().group(), 0u);
}

TEST(Thresholds, AreAboutEverythingAndAbortNothingUnlessAsked) {
  const v1::Threshold plain = Parsed("response_time", "max < 1s");
  EXPECT_EQ(plain.over_ns(), 0);
  EXPECT_EQ(plain.for_ns(), 0);
  EXPECT_FALSE(plain.no_data_passes());
  EXPECT_FALSE(plain.abort_on_fail());
  const v1::Threshold full = ThresholdOf(
      "metric: response_time, expr: max < 1s, over: 30s, for: 5s, stage: steady, no_data: pass, "
      "abort_on_fail: true, delay_abort_eval: 1m");
  EXPECT_EQ(full.over_ns(), 30 * kSecond);
  EXPECT_EQ(full.for_ns(), 5 * kSecond);
  EXPECT_EQ(full.selector().stage(), "steady");
  EXPECT_TRUE(full.no_data_passes());
  EXPECT_TRUE(full.abort_on_fail());
  EXPECT_EQ(full.delay_abort_eval_ns(), 60 * kSecond);
}

TEST(Thresholds, ForAloneIsAboutSingleSeconds) {
  EXPECT_EQ(ThresholdOf("metric: response_time, expr: max < 1s, for: 5s").over_ns(), kSecond);
}

TEST(MetricText, MayQuoteWhatHasACommaInIt) {
  const absl::StatusOr<MetricText> split = SplitMetric("requests{stage=\"a,b}\",status=200}");
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->name, "requests");
  EXPECT_THAT(split->selectors,
              ::testing::ElementsAre(Pair("stage", "a,b}"), Pair("status", "200")));
}

TEST(MetricText, IsRefusedWhenItIsCutShort) {
  for (const char* text : {"", "{a=b}", "m{", "m{}", "m{a}", "m{a=}", "m{=b}", "m{a=b", "m{a=b,}",
                           "m{a=\"b}", "m{a=\"b\"c}"}) {
    EXPECT_FALSE(SplitMetric(text).ok()) << text;
  }
}

}  // namespace
}  // namespace loadfleet
