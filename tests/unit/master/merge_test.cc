// The promise behind every figure: whatever the number of agents, the same samples give the same
// buckets, in total, of each request and of each stage, and the agents' parts sum to the whole.
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/clock.h"
#include "common/slots.h"
#include "master/results/run_results.h"

namespace loadfleet {
namespace {

constexpr char kRun[] = "r-0001";
constexpr uint32_t kSeconds = 6;
constexpr uint64_t kSamples = 12'000;
constexpr uint32_t kRequests = 3;
constexpr uint32_t kStages = 3;

// Two scenarios, the first with three stages of two seconds of which the first is not measured, and
// three requests in a group.
v1::Plan StagedPlan() {
  v1::Plan plan;
  plan.set_name("merge");
  const auto add_scenario = [&plan](const char* name) -> v1::Scenario& {
    v1::Scenario& scenario = *plan.add_scenarios();
    scenario.set_name(name);
    return scenario;
  };
  v1::RampingArrivalRate& load = *add_scenario("staged").mutable_ramping_arrival_rate();
  load.mutable_start_rate()->set_count(1000);
  load.mutable_start_rate()->set_period_ns(kSecond);
  for (uint32_t s = 0; s < kStages; ++s) {
    v1::RateStage& stage = *load.add_stages();
    stage.set_name("stage" + std::to_string(s));
    stage.set_duration_ns(2 * kSecond);
    *stage.mutable_target() = load.start_rate();
    stage.set_unmeasured(s == 0);
  }
  v1::ConstantVus& vus = *add_scenario("vus").mutable_constant_vus();
  vus.set_vus(5);
  vus.set_duration_ns(kSeconds * kSecond);
  v1::Group& group = *plan.add_flows()->add_steps()->mutable_group();
  group.set_name("all");
  for (uint32_t i = 0; i < kRequests; ++i) {
    v1::Request& request = *group.add_steps()->mutable_request();
    request.set_index(i);
    request.set_name("request" + std::to_string(i));
  }
  return plan;
}

// A user's request as the agents would record it, the same whoever does.
struct Sample {
  uint32_t second;
  uint32_t scenario;
  uint32_t stage;
  uint32_t request;
  uint64_t micros;
  bool answered;
};

std::vector<Sample> RecordedSamples() {
  std::mt19937_64 random(20'261'125);
  std::vector<Sample> samples;
  for (uint64_t n = 0; n < kSamples; ++n) {
    const auto second = static_cast<uint32_t>(n * kSeconds / kSamples);
    const uint32_t scenario = n % 5 == 0 ? 1 : 0;
    // From a microsecond to half a minute, so that pages of every kind are touched.
    const uint64_t micros = 1 + random() % (1ULL << (random() % 26));
    samples.push_back({second, scenario, scenario == 0 ? second / 2 : 0,
                       static_cast<uint32_t>(random() % kRequests), micros, random() % 50 != 0});
  }
  return samples;
}

void RecordInto(const Sample& sample, RequestStats* stats) {
  ++stats->started;
  stats->lateness.Record(sample.micros % 1000);
  stats->queue_wait.Record(sample.micros % 70);
  stats->bytes_sent += 100;
  if (sample.micros % 10 == 0) {
    stats->connect_time.Record(sample.micros % 300);
    stats->tls_time.Record(sample.micros % 900);
  }
  if (!sample.answered) {
    ++stats->outcomes[static_cast<size_t>(Outcome::kTotalTimeout)];
    stats->response_time_censored.Record(sample.micros);
    return;
  }
  ++stats->outcomes[static_cast<size_t>(Outcome::kOk)];
  stats->statuses.Add(sample.micros % 2 == 0 ? 200 : 204, 1);
  stats->bytes_received += sample.micros % 5000;
  stats->response_time.Record(sample.micros);
  stats->service_time.Record(sample.micros / 2);
  stats->first_byte_time.Record(sample.micros / 3);
  stats->body_time.Record(sample.micros / 6);
}

// What one agent records in a second, or over all of them.
struct Part {
  std::map<Sums::ArrivalsId, ArrivalCounts> arrivals;
  std::map<Sums::SeriesId, RequestStats> requests;
  std::map<uint32_t, IterationStats> iterations;

  void Record(const Sample& sample) {
    ArrivalCounts& counts = arrivals[{sample.scenario, sample.stage}];
    ++counts.intended;
    ++counts.started;
    RecordInto(sample, &requests[{sample.request, sample.scenario, sample.stage}]);
    IterationStats& stats = iterations[sample.scenario];
    ++(sample.answered ? stats.completed : stats.failed);
    (sample.answered ? stats.duration : stats.duration_censored).Record(sample.micros);
    if (stats.groups.empty()) stats.groups.emplace_back();
    stats.groups[0].duration.Record(sample.micros / 4);
  }

  template <typename Message>
  void Write(Message* message) const {
    for (const auto& [id, counts] : arrivals) {
      v1::ArrivalStats* stats = message->add_arrivals();
      stats->set_scenario(id.scenario);
      stats->set_stage(id.stage);
      counts.ToProto(stats);
    }
    for (const auto& [id, numbers] : requests) {
      v1::RequestStats* stats = message->add_requests();
      stats->set_request(id.request);
      stats->set_scenario(id.scenario);
      stats->set_stage(id.stage);
      numbers.ToProto(stats);
    }
    for (const auto& [scenario, numbers] : iterations) {
      v1::IterationStats* stats = message->add_iterations();
      stats->set_scenario(scenario);
      numbers.ToProto(stats);
    }
  }
};

v1::WindowKey Key(size_t agent, uint64_t first, uint64_t last) {
  v1::WindowKey key;
  key.set_run_id(kRun);
  key.set_agent_id("a" + std::to_string(agent));
  key.set_incarnation(1);
  key.set_first_seq(first);
  key.set_last_seq(last);
  return key;
}

v1::Report ReportThrough(size_t agents) {
  std::vector<std::array<Part, kSeconds>> seconds(agents);
  std::vector<Part> whole(agents);
  size_t n = 0;
  for (const Sample& sample : RecordedSamples()) {
    const size_t agent = n++ % agents;
    seconds[agent][sample.second].Record(sample);
    whole[agent].Record(sample);
  }
  RunResults results(kRun, StagedPlan());
  const std::vector<SlotSet> dealt = Deal(SlotSet::All(), std::vector<uint32_t>(agents, 1));
  for (size_t a = 0; a < agents; ++a) {
    results.AddAgent("a" + std::to_string(a), 1, dealt[a]);
  }
  for (uint32_t s = 0; s < kSeconds; ++s) {
    for (size_t a = 0; a < agents; ++a) {
      v1::Window window;
      *window.mutable_key() = Key(a, s + 1, s + 1);
      window.set_first_second(s);
      window.set_last_second(s);
      window.set_watermark(s + 1);
      seconds[a][s].Write(&window);
      EXPECT_TRUE(results.Apply(window).ok());
    }
  }
  for (size_t a = 0; a < agents; ++a) {
    v1::FinalSummary summary;
    *summary.mutable_key() = Key(a, 1, kSeconds);
    whole[a].Write(&summary);
    EXPECT_TRUE(results.ApplySummary(summary).ok());
  }
  RunEnding ending;
  ending.started_at_ms = 1;
  ending.duration = kSeconds * kSecond;
  return results.MakeReport(ending);
}

std::string Bytes(const google::protobuf::MessageLite& message) {
  return message.SerializeAsString();
}

TEST(Merge, TheSameSamplesThroughOneAndThroughEightAgentsGiveIdenticalBuckets) {
  const v1::Report one = ReportThrough(1);
  for (const size_t agents : {2, 8}) {
    SCOPED_TRACE(agents);
    const v1::Report many = ReportThrough(agents);
    EXPECT_TRUE(many.total().requests().response_time().count_size() > 1000);
    EXPECT_EQ(Bytes(one.total()), Bytes(many.total()));
    ASSERT_EQ(one.requests_size(), static_cast<int>(2 * kRequests));
    ASSERT_EQ(many.requests_size(), one.requests_size());
    for (int i = 0; i < one.requests_size(); ++i) {
      EXPECT_EQ(Bytes(one.requests(i)), Bytes(many.requests(i))) << one.requests(i).request();
    }
    ASSERT_EQ(one.stages_size(), static_cast<int>(kStages));
    ASSERT_EQ(many.stages_size(), one.stages_size());
    for (int i = 0; i < one.stages_size(); ++i) {
      EXPECT_GT(one.stages(i).totals().requests().response_time().count_size(), 0);
      EXPECT_EQ(Bytes(one.stages(i)), Bytes(many.stages(i))) << one.stages(i).stage();
    }
    ASSERT_EQ(one.groups_size(), 2);
    ASSERT_EQ(many.groups_size(), one.groups_size());
    for (int i = 0; i < one.groups_size(); ++i) {
      EXPECT_EQ(Bytes(one.groups(i)), Bytes(many.groups(i)));
    }
    ASSERT_EQ(many.timeline_size(), one.timeline_size());
    for (int i = 0; i < one.timeline_size(); ++i) {
      EXPECT_EQ(Bytes(one.timeline(i)), Bytes(many.timeline(i)));
    }
  }
}

TEST(Merge, TheAgentsTotalsSumToTheTotalBucketByBucket) {
  const v1::Report report = ReportThrough(8);
  ASSERT_EQ(report.agents_size(), 8);
  Sums sum;
  for (const v1::AgentReport& agent : report.agents()) {
    EXPECT_TRUE(agent.reconciled());
    Sums::ArrivalList arrivals;
    Sums::RequestList requests;
    Sums::IterationList iterations;
    *arrivals.Add() = agent.totals().arrivals();
    *requests.Add() = agent.totals().requests();
    *iterations.Add() = agent.totals().iterations();
    ASSERT_TRUE(Sums::Check(requests, iterations).ok());
    sum.Add(arrivals, requests, iterations);
  }
  EXPECT_EQ(Bytes(sum.ToTotals({})), Bytes(report.total()));
  EXPECT_EQ(sum.AllArrivals().intended, kSamples);
  EXPECT_TRUE(report.reconciled());
}

}  // namespace
}  // namespace loadfleet
