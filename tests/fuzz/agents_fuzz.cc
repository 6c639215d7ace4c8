#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/slots.h"
#include "loadfleet/v1/fleet.pb.h"
#include "master/fleet/registry.h"
#include "master/results/run_results.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/require.h"
#include "tests/support/manual_clock.h"

namespace loadfleet {
namespace {

constexpr char kRun[] = "r";
constexpr int kAgents = 2;  // "a" and "b", incarnation 1

v1::Plan SmallPlan() {
  v1::Plan plan;
  plan.set_name("fuzz");
  v1::Scenario& staged = *plan.add_scenarios();
  staged.set_name("staged");
  v1::RampingArrivalRate& load = *staged.mutable_ramping_arrival_rate();
  load.mutable_start_rate()->set_count(100);
  load.mutable_start_rate()->set_period_ns(kSecond);
  for (const bool unmeasured : {true, false}) {
    v1::RateStage& stage = *load.add_stages();
    stage.set_duration_ns(5 * kSecond);
    stage.set_unmeasured(unmeasured);
    *stage.mutable_target() = load.start_rate();
  }
  v1::Scenario& users = *plan.add_scenarios();
  users.set_name("users");
  users.mutable_constant_vus()->set_vus(1);
  users.mutable_constant_vus()->set_duration_ns(10 * kSecond);
  v1::Group& group = *plan.add_flows()->add_steps()->mutable_group();
  for (uint32_t i = 0; i < 2; ++i) group.add_steps()->mutable_request()->set_index(i);
  v1::Threshold& threshold = *plan.add_thresholds();
  threshold.set_measured(v1::THRESHOLD_RESPONSE_TIME);
  threshold.set_aggregate(v1::THRESHOLD_QUANTILE);
  threshold.set_quantile(0.99);
  threshold.set_comparison(v1::COMPARISON_LESS);
  threshold.set_limit(100);
  threshold.set_unit("ms");
  threshold.set_over_ns(2 * kSecond);
  return plan;
}

// Every counter and bucket, by what it belongs to; kept by adding what messages say, without the
// master's own arithmetic.
class Expected {
 public:
  void Add(const v1::Window& window) {
    for (const v1::ArrivalStats& stats : window.arrivals()) {
      intended_ += stats.intended();
      started_ += stats.started();
    }
    for (const v1::RequestStats& stats : window.requests()) {
      for (const v1::OutcomeCount& entry : stats.outcomes()) outcomes_ += entry.count();
      uint64_t end = 0;
      for (int i = 0; i < stats.response_time().count_size(); ++i) {
        end += stats.response_time().index_gap(i);
        buckets_[{stats.request(), stats.scenario(), stats.stage(), end - 1}] +=
            stats.response_time().count(i);
      }
    }
  }

  void Check(const Sums& sums) const {
    const ArrivalCounts arrivals = sums.AllArrivals();
    Require(arrivals.intended == intended_ && arrivals.started == started_,
            "arrivals are the sum of what was applied");
    uint64_t outcomes = 0;
    std::map<Bucket, uint64_t> buckets;
    for (const auto& [id, stats] : sums.requests()) {
      for (const uint64_t count : stats.outcomes) outcomes += count;
      stats.response_time.ForEach([&buckets, series = id](uint32_t index, uint64_t count) {
        buckets[{series.request, series.scenario, series.stage, index}] = count;
      });
    }
    Require(outcomes == outcomes_, "outcomes are the sum of what was applied");
    for (const auto& [bucket, count] : buckets_) {
      const auto found = buckets.find(bucket);
      Require((found == buckets.end() ? 0 : found->second) == count,
              "every bucket is the sum of what was applied");
    }
  }

 private:
  using Bucket = std::tuple<uint32_t, uint32_t, uint32_t, uint64_t>;
  uint64_t intended_ = 0;
  uint64_t started_ = 0;
  uint64_t outcomes_ = 0;
  std::map<Bucket, uint64_t> buckets_;
};

class FuzzedRun {
 public:
  FuzzedRun() : results_(kRun, SmallPlan()) {
    const auto dealt = Deal(SlotSet::All(), std::vector<uint32_t>(kAgents, 1));
    for (int i = 0; i < kAgents; ++i) results_.AddAgent(std::string(1, "ab"[i]), 1, dealt[i]);
  }

  void Deliver(const v1::Window& window) {
    const std::string before = State();
    const auto fate = results_.Apply(window);
    if (fate.ok() && *fate == WindowFate::kApplied) {
      expected_.Add(window);
      ++applied_;
      const auto again = results_.Apply(window);
      Require(again.ok() && *again == WindowFate::kDuplicate, "a window counts once");
    } else {
      Require(State() == before, "what is not applied changes nothing");
    }
    expected_.Check(results_.sums());
    Require(results_.windows_applied() == applied_, "every applied window is in the ledger");
  }

  void Deliver(const v1::FinalSummary& summary) {
    const std::string before = State();
    (void)results_.ApplySummary(summary);
    Require(State() == before, "a summary counts nothing");
  }

  void CheckEnd() {
    v1::RunSnapshot snapshot;
    results_.FillSnapshot(&snapshot);
    const WindowsCommit commit = results_.TakeCommit();
    Require(commit.entries.size() >= applied_, "every window is committed");
    RunEnding ending;
    ending.duration = 10 * kSecond;
    const v1::Report report = results_.MakeReport(ending);
    uint64_t started = 0;
    for (const v1::AgentReport& agent : report.agents()) {
      started += agent.totals().requests().started();
    }
    Require(started == report.total().requests().started(), "the agents' totals sum to the total");
  }

 private:
  std::string State() const {
    v1::FinalSummary state;
    results_.sums().ToProto(state.mutable_arrivals(), state.mutable_requests(),
                            state.mutable_iterations());
    return state.SerializeAsString();
  }

  RunResults results_;
  Expected expected_;
  uint64_t applied_ = 0;
};

class SilentStream final : public ControlStream {
 public:
  void Send(v1::MasterMessage) override {}
  void End() override {}
};

class FuzzedRegistry {
 public:
  FuzzedRegistry() : registry_(clock_) {}

  void Deliver(const v1::Register& registration) {
    const size_t before = registry_.agents().size();
    const AgentRecord* known = registry_.Find(registration.agent_id());
    const uint64_t incarnation = known == nullptr ? 0 : known->incarnation();
    auto stream = std::make_shared<SilentStream>();
    const absl::Status status = registry_.Register(registration, "peer", stream);
    const AgentRecord* agent = registry_.Find(registration.agent_id());
    if (status.ok()) {
      Require(agent != nullptr && agent->incarnation() == registration.incarnation(),
              "whoever is registered is known");
      Require(registry_.FindByStream(stream.get()) == agent, "and found by its stream");
      (void)registry_.Entry(*agent);
    } else {
      Require(registry_.agents().size() == before, "whoever is refused is not known");
      Require(agent == nullptr || agent->incarnation() == incarnation, "nor in another's place");
    }
    clock_.Advance(100 * kMillisecond);
    registry_.Judge();
  }

 private:
  ManualClock clock_;
  Registry registry_;
};

template <typename Message, typename Recipient>
void Decode(absl::string_view bytes, Recipient* recipient) {
  Message message;
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    recipient->Deliver(message);
  }
}

}  // namespace

void FuzzAgents(const uint8_t* data, size_t size) {
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  FuzzedRun run;
  FuzzedRegistry registry;
  for (int messages = 0; rest.size() >= 3 && messages < 16; ++messages) {
    const char kind = rest[0];
    const size_t length = static_cast<uint8_t>(rest[1]) + 256U * static_cast<uint8_t>(rest[2]);
    rest.remove_prefix(3);
    const absl::string_view bytes = rest.substr(0, length);
    rest.remove_prefix(bytes.size());
    if (kind == 'w') Decode<v1::Window>(bytes, &run);
    if (kind == 's') Decode<v1::FinalSummary>(bytes, &run);
    if (kind == 'r') Decode<v1::Register>(bytes, &registry);
  }
  run.CheckEnd();
}

}  // namespace loadfleet
