// Which requests carry a `traceparent`, what it says, and what is recorded of them.
#include "agent/scenario/tracer.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr char kParent[] = "00-[0-9a-f]{32}-[0-9a-f]{16}-01";

std::unique_ptr<RunPlan> Plan(const std::string& sample, const std::string& seed = "7") {
  return PreparedPlan(absl::StrCat("target: http://127.0.0.1:8080\nseed: ", seed,
                                   "\nrate: 1000/s\nduration: 10s\npost: /order\nbody: hello\n",
                                   "defaults: {trace: {sample: ", sample, "}}\n"));
}

// A scenario's tracer, asked by the test instead of a walker.
class Traced {
 public:
  explicit Traced(const RunPlan& plan)
      : plan_(plan), tracer_(Tracer::Of(plan.scenarios.front().flows)) {
    recorded_.recorder().Start(0, 0);
  }

  bool any() const { return tracer_ != nullptr; }
  // The arrival's n-th request, before it is sent. Empty: it carries none.
  std::string Parent(uint64_t arrival, uint32_t n = 0) {
    Begin(arrival, n);
    if (iteration_.traced == nullptr) return "";
    const std::string parent = iteration_.bytes().fields.back().value;
    tracer_->Release(iteration_);
    return parent;
  }
  Iteration& Begin(uint64_t arrival, uint32_t n = 0) {
    iteration_.request = &plan_.requests.front();
    iteration_.filled_in = nullptr;
    iteration_.first = arrival;
    iteration_.requests = n;
    tracer_->Begin(iteration_);
    return iteration_;
  }
  void End(Outcome outcome, Nanos now) {
    tracer_->End(iteration_, outcome, now, recorded_.recorder());
  }
  std::vector<TraceSample> recorded() { return recorded_.recorder().current().traces.Sorted(); }

 private:
  const RunPlan& plan_;
  std::unique_ptr<Tracer> tracer_;
  Recorded recorded_;
  Iteration iteration_;
};

TEST(Tracer, WritesATraceparentBehindTheRequestLine) {
  const auto plan = Plan("1");
  Traced traced(*plan);
  const Iteration& iteration = traced.Begin(3);
  ASSERT_NE(iteration.traced, nullptr);
  const RequestBytes& bytes = iteration.bytes();
  EXPECT_THAT(bytes.wire, MatchesRegex(absl::StrCat(
                              "POST /order HTTP/1.1\r\ntraceparent: ", kParent,
                              "\r\nHost: 127.0.0.1:8080\r\n[^\n]*\r\n[^\n]*\r\n\r\n", "hello")));
  EXPECT_EQ(bytes.body(), "hello");
  EXPECT_EQ(bytes.fields.size(), plan->requests.front().fields.size() + 1);
  EXPECT_EQ(bytes.fields.back().name, "traceparent");
  EXPECT_THAT(bytes.fields.back().value, MatchesRegex(kParent));
  EXPECT_THAT(bytes.wire, HasSubstr(bytes.fields.back().value)) << "HTTP/1.1 and HTTP/2 alike";
  EXPECT_THAT(plan->requests.front().wire, Not(HasSubstr("traceparent")));
}

TEST(Tracer, IsNotThereForAPlanThatTracesNothing) {
  EXPECT_FALSE(Traced(*Plan("0")).any());
  EXPECT_FALSE(Traced(*PreparedPlan("target: http://127.0.0.1:8080\nget: /\nvus: 1\n"
                                    "duration: 1s\n"))
                   .any());
}

TEST(Tracer, SamplesTheShareThatThePlanAsksFor) {
  const auto plan = Plan("5%");
  Traced traced(*plan);
  int sampled = 0;
  for (uint64_t arrival = 0; arrival < 20'000; ++arrival) {
    sampled += traced.Parent(arrival).empty() ? 0 : 1;
  }
  EXPECT_NEAR(sampled, 1'000, 100) << "more than three standard deviations away";
}

TEST(Tracer, TheSeedAndTheArrivalDecide) {
  const auto plan = Plan("50%");
  const auto same = Plan("50%");
  const auto other = Plan("50%", "8");
  Traced a(*plan);
  Traced b(*same);
  Traced c(*other);
  int differs = 0;
  for (uint64_t arrival = 0; arrival < 1'000; ++arrival) {
    const bool sampled = !a.Parent(arrival).empty();
    EXPECT_EQ(!b.Parent(arrival).empty(), sampled) << arrival;
    differs += !c.Parent(arrival).empty() != sampled ? 1 : 0;
  }
  EXPECT_GT(differs, 300);
}

TEST(Tracer, NoTwoRequestsHaveTheSameIds) {
  const auto plan = Plan("1");
  const auto again = Plan("1");  // another run, or another agent
  Traced a(*plan);
  Traced b(*again);
  std::set<std::string> traces;
  std::set<std::string> spans;
  for (uint64_t arrival = 0; arrival < 1'000; ++arrival) {
    for (uint32_t n = 0; n < 3; ++n) {
      for (const std::string& parent : {a.Parent(arrival, n), b.Parent(arrival, n)}) {
        traces.insert(parent.substr(3, 32));
        spans.insert(parent.substr(36, 16));
      }
    }
  }
  EXPECT_EQ(traces.size(), 6'000u);
  EXPECT_EQ(spans.size(), 6'000u);
}

TEST(Tracer, RecordsWhatWasSent) {
  const auto plan = Plan("1");
  Traced traced(*plan);
  Iteration& iteration = traced.Begin(3);
  const std::string parent = iteration.bytes().fields.back().value;
  iteration.intended = 61 * kSecond;
  iteration.sent = 61 * kSecond + kMillisecond;
  traced.End(Outcome::kTotalTimeout, 63 * kSecond);
  EXPECT_EQ(iteration.traced, nullptr);
  ASSERT_EQ(traced.recorded().size(), 1u);
  const TraceSample sample = traced.recorded().front();
  EXPECT_EQ(sample.second, 61u);
  EXPECT_EQ(sample.response_time_us, 2'000'000u);
  EXPECT_EQ(sample.outcome, Outcome::kTotalTimeout);
  const absl::string_view id(reinterpret_cast<const char*>(sample.id.data()), sample.id.size());
  EXPECT_EQ(absl::BytesToHexString(id), parent.substr(3, 32));
}

TEST(Tracer, RecordsNothingOfWhatGotNoConnection) {
  const auto plan = Plan("1");
  Traced traced(*plan);
  traced.Begin(3).sent = 0;
  traced.End(Outcome::kRefused, kSecond);
  EXPECT_TRUE(traced.recorded().empty());
}

}  // namespace
}  // namespace loadfleet
