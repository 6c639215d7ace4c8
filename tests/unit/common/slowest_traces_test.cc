// Which traced requests are told of: a few of each minute and request, the same ones whoever had
// them.
#include "common/stats/slowest_traces.h"

#include <random>

#include <gtest/gtest.h>

#include "common/limits.h"

namespace loadfleet {
namespace {

TraceSample Sample(uint32_t request, uint32_t second, uint64_t micros) {
  TraceSample sample;
  sample.request = request;
  sample.second = second;
  sample.response_time_us = micros;
  sample.id[0] = 1;
  return sample;
}

std::vector<uint64_t> Times(const SlowestTraces& traces) {
  std::vector<uint64_t> times;
  for (const TraceSample& sample : traces.Sorted()) times.push_back(sample.response_time_us);
  return times;
}

TEST(SlowestTraces, AreAFewOfEachMinuteTheSlowestFirst) {
  SlowestTraces traces(100);
  for (const uint64_t micros : {3, 9, 1, 7, 5, 8, 2}) traces.Add(Sample(0, 59, micros));
  traces.Add(Sample(0, 60, 4));
  EXPECT_EQ(Times(traces), (std::vector<uint64_t>{9, 8, 7, 5, 3, 4}));
}

TEST(SlowestTraces, EachRequestAndScenarioHasItsOwn) {
  SlowestTraces traces(100);
  for (uint64_t micros = 1; micros <= 20; ++micros) traces.Add(Sample(0, 1, 1'000 + micros));
  traces.Add(Sample(1, 1, 2));
  TraceSample other = Sample(0, 1, 3);
  other.scenario = 1;
  traces.Add(other);
  EXPECT_EQ(Times(traces), (std::vector<uint64_t>{1'020, 1'019, 1'018, 1'017, 1'016, 3, 2}));
}

TEST(SlowestTraces, BeyondTheMostTheFastestGo) {
  SlowestTraces traces(3);
  for (uint32_t minute = 0; minute < 10; ++minute) traces.Add(Sample(0, minute * 60, minute + 1));
  EXPECT_EQ(Times(traces), (std::vector<uint64_t>{8, 9, 10}));
}

TEST(SlowestTraces, AreTheSameInAnyOrderAndHoweverDivided) {
  std::mt19937_64 random(1);
  std::vector<TraceSample> samples;
  for (int i = 0; i < 2'000; ++i) {
    samples.push_back(Sample(static_cast<uint32_t>(random() % 3),
                             static_cast<uint32_t>(random() % 600), random() % 500));
    samples.back().id[1] = static_cast<uint8_t>(i);
    samples.back().id[2] = static_cast<uint8_t>(i >> 8);
  }
  SlowestTraces expected(40);
  for (const TraceSample& sample : samples) expected.Add(sample);
  ASSERT_EQ(expected.Sorted().size(), 40u);
  for (const size_t agents : {1, 2, 8}) {
    std::shuffle(samples.begin(), samples.end(), random);
    std::vector<SlowestTraces> parts(agents, SlowestTraces(40));
    for (size_t i = 0; i < samples.size(); ++i) parts[i % agents].Add(samples[i]);
    SlowestTraces merged(40);
    for (const SlowestTraces& part : parts) merged.Merge(part);
    const auto got = merged.Sorted();
    const auto want = expected.Sorted();
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i].id, want[i].id) << i;
  }
}

TEST(SlowestTraces, ClearedTheyBeginAnew) {
  SlowestTraces traces(1);
  traces.Add(Sample(0, 0, 9));
  traces.Add(Sample(0, 60, 8));
  traces.Clear();
  EXPECT_TRUE(traces.empty());
  traces.Add(Sample(0, 0, 1));
  EXPECT_EQ(Times(traces), (std::vector<uint64_t>{1}));
}

TEST(SlowestTraces, TravelWhole) {
  TraceSample sample = Sample(7, 61, 1'234);
  sample.scenario = 2;
  sample.outcome = Outcome::kTotalTimeout;
  sample.agent_id = "a1";
  v1::TracedRequest message;
  ToProto(sample, &message);
  const auto back = TraceSampleOf(message);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->request, 7u);
  EXPECT_EQ(back->scenario, 2u);
  EXPECT_EQ(back->second, 61u);
  EXPECT_EQ(back->response_time_us, 1'234u);
  EXPECT_EQ(back->outcome, Outcome::kTotalTimeout);
  EXPECT_EQ(back->id, sample.id);
  EXPECT_EQ(back->agent_id, "a1");
}

TEST(SlowestTraces, OneWithoutAnIdOrAnOutcomeIsRefused) {
  v1::TracedRequest message;
  ToProto(Sample(0, 0, 1), &message);
  message.set_outcome(v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(TraceSampleOf(message).ok());
  message.set_outcome(v1::OUTCOME_OK);
  EXPECT_TRUE(TraceSampleOf(message).ok());
  message.set_trace_id("short");
  EXPECT_FALSE(TraceSampleOf(message).ok());
}

}  // namespace
}  // namespace loadfleet
