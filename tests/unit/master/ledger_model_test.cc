// The ledger and what is counted by it against a model that knows nothing but sets of numbers:
// random windows in any order, twice, merged, overlapping, changed, and summaries.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/clock.h"
#include "common/slots.h"
#include "master/results/ledger.h"
#include "master/results/run_results.h"

namespace loadfleet {
namespace {

constexpr uint32_t kSeeds = 300;
constexpr int kOperations = 200;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  // From `low` to `high`, both of them too.
  uint64_t Between(uint64_t low, uint64_t high) { return low + engine_() % (high - low + 1); }
  bool Once(uint64_t in) { return Between(1, in) == 1; }

 private:
  std::mt19937_64 engine_;
};

// Numbers, each of which belongs to one window or to none.
class Model {
 public:
  struct Owner {
    uint64_t first;
    uint64_t last;
    uint64_t content;
    bool operator==(const Owner&) const = default;
  };

  WindowFate Judge(const Owner& window) const {
    std::vector<Owner> met;
    for (uint64_t seq = window.first; seq <= window.last; ++seq) {
      const auto owner = owners_.find(seq);
      if (owner != owners_.end()) met.push_back(owner->second);
    }
    if (met.empty()) return WindowFate::kApplied;
    return std::all_of(met.begin(), met.end(), [&](const Owner& o) { return o == window; })
               ? WindowFate::kDuplicate
               : WindowFate::kConflict;
  }

  void Enter(const Owner& window) {
    for (uint64_t seq = window.first; seq <= window.last; ++seq) owners_.emplace(seq, window);
    windows_.push_back(window);
  }

  bool Has(uint64_t seq) const { return owners_.count(seq) > 0; }
  const std::vector<Owner>& windows() const { return windows_; }

  std::string Missing(uint64_t last) const {
    std::string text;
    for (uint64_t seq = 1; seq <= last; ++seq) {
      if (Has(seq) || (seq > 1 && !Has(seq - 1))) continue;  // counted, or not the first of a gap
      uint64_t end = seq;
      while (end < last && !Has(end + 1)) ++end;
      text += (text.empty() ? "" : ", ") + std::to_string(seq);
      if (end > seq) text += "-" + std::to_string(end);
    }
    return text;
  }

 private:
  std::map<uint64_t, Owner> owners_;  // by sequence number
  std::vector<Owner> windows_;
};

// A window that was counted already, the same with something else in it, or any other.
Model::Owner NextWindow(const Model& model, uint64_t highest, Random* random) {
  if (!model.windows().empty() && random->Once(3)) {
    Model::Owner known = model.windows()[random->Between(0, model.windows().size() - 1)];
    if (random->Once(3)) ++known.content;
    if (random->Once(4)) known.last += random->Between(0, 2);
    return known;
  }
  const uint64_t first = random->Between(1, highest);
  const uint64_t last = random->Once(2) ? first : first + random->Between(0, 5);
  return {first, last, random->Between(1, 3)};
}

TEST(LedgerModel, JudgesAndMissesWhatASetOfNumbersDoes) {
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const uint64_t highest = random.Between(5, 120);
    Ledger ledger;
    Model model;
    for (int i = 0; i < kOperations; ++i) {
      const Model::Owner window = NextWindow(model, highest, &random);
      const WindowFate fate = ledger.Judge(window.first, window.last, window.content);
      ASSERT_EQ(fate, model.Judge(window)) << window.first << ".." << window.last;
      if (fate == WindowFate::kApplied) {
        ledger.Enter(window.first, window.last, window.content);
        model.Enter(window);
      }
      ASSERT_EQ(ledger.size(), model.windows().size());
      const uint64_t last = random.Between(0, highest + 10);
      ASSERT_EQ(ledger.Missing(last), model.Missing(last)) << "of 1.." << last;
    }
  }
}

TEST(Ledger, AWindowUpToTheHighestNumberHidesNothingThatIsMissing) {
  Ledger ledger;
  ledger.Enter(3, UINT64_MAX, 1);
  EXPECT_EQ(ledger.Missing(UINT64_MAX), "1-2");
  EXPECT_EQ(ledger.Judge(UINT64_MAX, UINT64_MAX, 1), WindowFate::kConflict);
}

// --- what is counted ---

constexpr uint64_t kAgents = 3;
constexpr uint64_t kHighest = 40;
constexpr uint32_t kPlanSeconds = 10;

v1::Plan SmallPlan() {
  v1::Plan plan;
  plan.set_name("model");
  v1::Scenario& scenario = *plan.add_scenarios();
  scenario.set_name("main");
  scenario.mutable_constant_vus()->set_vus(1);
  scenario.mutable_constant_vus()->set_duration_ns(kPlanSeconds * kSecond);
  plan.add_flows()->add_steps()->mutable_request()->set_name("ping");
  return plan;
}

v1::WindowKey KeyOf(uint64_t agent, uint64_t first, uint64_t last) {
  v1::WindowKey key;
  key.set_run_id("r-0001");
  key.set_agent_id("a" + std::to_string(agent));
  key.set_incarnation(1);
  key.set_first_seq(first);
  key.set_last_seq(last);
  return key;
}

// So many arrivals, each a request that took `micros`.
template <typename Message>
void AddSamples(uint64_t count, uint64_t micros, Message* message) {
  ArrivalCounts arrivals;
  arrivals.intended = arrivals.started = count;
  arrivals.ToProto(message->add_arrivals());
  RequestStats requests;
  requests.started = count;
  requests.outcomes[static_cast<size_t>(Outcome::kOk)] = count;
  requests.response_time.RecordMany(micros, count);
  requests.ToProto(message->add_requests());
}

// The number of arrivals in window `first`..`last` of an agent: of each second its own.
uint64_t CountOf(uint64_t agent, const Model::Owner& window) {
  uint64_t count = window.content - 1;
  for (uint64_t seq = window.first; seq <= window.last; ++seq) count += 1 + seq * 7 + agent;
  return count;
}

v1::Window WindowOf(uint64_t agent, const Model::Owner& window) {
  v1::Window message;
  *message.mutable_key() = KeyOf(agent, window.first, window.last);
  const auto second = static_cast<uint32_t>(window.last % kPlanSeconds);
  message.set_first_second(second);
  message.set_last_second(second);
  message.set_watermark(second);
  AddSamples(CountOf(agent, window), 100 + agent, &message);
  return message;
}

// One run of three agents, and what it must have counted.
class ModelRun {
 public:
  explicit ModelRun(uint32_t seed) : random_(seed), results_("r-0001", SmallPlan()) {
    const std::vector<SlotSet> dealt = Deal(SlotSet::All(), std::vector<uint32_t>(kAgents, 1));
    for (uint64_t agent = 0; agent < kAgents; ++agent) {
      results_.AddAgent("a" + std::to_string(agent), 1, dealt[agent]);
    }
  }

  void DoSomething() {
    const uint64_t agent = random_.Between(0, kAgents - 1);
    if (random_.Once(30)) {
      DeliverSummary(agent);
    } else if (random_.Once(10)) {
      DeliverNonsense(agent);
    } else {
      DeliverWindow(agent);
    }
    EXPECT_EQ(results_.windows_applied(), applied_);
    EXPECT_EQ(results_.windows_duplicate(), duplicate_);
    EXPECT_EQ(results_.windows_conflicting(), conflicting_);
    uint64_t counted = 0;
    for (const Part& part : parts_) counted += part.counted;
    EXPECT_EQ(results_.sums().AllArrivals().intended, counted);
    EXPECT_EQ(results_.sums().AllRequests().response_time.TotalCount(), counted);
  }

  void CheckReport() const {
    const v1::Report report = results_.MakeReport({});
    ASSERT_EQ(report.agents_size(), static_cast<int>(kAgents));
    bool all = true;
    for (uint64_t agent = 0; agent < kAgents; ++agent) {
      const v1::AgentReport& shown = report.agents(static_cast<int>(agent));
      const Part& part = parts_[agent];
      EXPECT_EQ(shown.totals().arrivals().started(), part.counted);
      EXPECT_EQ(shown.windows_applied(), part.model.windows().size());
      const bool matched = part.delivered && part.counted == part.said;
      EXPECT_EQ(shown.reconciled(), matched);
      const std::string missing = part.model.Missing(kHighest);
      if (part.delivered && !missing.empty()) {
        EXPECT_EQ(shown.note(), "windows " + missing + " never came");
      }
      all = all && matched;
    }
    EXPECT_EQ(report.reconciled(), all);
  }

 private:
  struct Part {
    Model model;
    uint64_t counted = 0;
    bool delivered = false;
    uint64_t said = 0;  // by the summary
  };

  void DeliverWindow(uint64_t agent) {
    Part& part = parts_[agent];
    const Model::Owner window = NextWindow(part.model, kHighest, &random_);
    const auto applied = results_.Apply(WindowOf(agent, window));
    ASSERT_TRUE(applied.ok()) << applied.status();
    ASSERT_EQ(*applied, part.model.Judge(window));
    Count(*applied);
    if (*applied != WindowFate::kApplied) return;
    part.model.Enter(window);
    part.counted += CountOf(agent, window);
  }

  void DeliverSummary(uint64_t agent) {
    Part& part = parts_[agent];
    v1::FinalSummary summary;
    *summary.mutable_key() = KeyOf(agent, 1, kHighest);
    const uint64_t said = random_.Once(4) ? part.counted + 1 : part.counted;
    AddSamples(said, 100 + agent, &summary);
    const auto applied = results_.ApplySummary(summary);
    ASSERT_TRUE(applied.ok()) << applied.status();
    if (part.delivered) {
      const bool same = said == part.said;
      ASSERT_EQ(*applied, same ? WindowFate::kDuplicate : WindowFate::kConflict);
      if (!same) ++conflicting_;
      return;
    }
    ASSERT_EQ(*applied, WindowFate::kApplied);
    part.delivered = true;
    part.said = said;
  }

  // What is refused as a whole, though most of it is in order.
  void DeliverNonsense(uint64_t agent) {
    v1::Window window = WindowOf(agent, NextWindow(parts_[agent].model, kHighest + 50, &random_));
    switch (random_.Between(0, 4)) {
      case 0:
        window.mutable_key()->set_first_seq(0);
        break;
      case 1:
        window.mutable_key()->set_incarnation(2);
        break;
      case 2:
        window.add_requests()->set_request(1);
        break;
      case 3:
        window.add_arrivals()->set_stage(1);
        break;
      default:
        window.set_last_second(UINT32_MAX);
        break;
    }
    EXPECT_FALSE(results_.Apply(window).ok());
  }

  void Count(WindowFate fate) {
    applied_ += fate == WindowFate::kApplied;
    duplicate_ += fate == WindowFate::kDuplicate;
    conflicting_ += fate == WindowFate::kConflict;
  }

  Random random_;
  RunResults results_;
  std::array<Part, kAgents> parts_;
  uint64_t applied_ = 0;
  uint64_t duplicate_ = 0;
  uint64_t conflicting_ = 0;
};

TEST(LedgerModel, CountsWhatASetOfNumbersDoesWhateverComes) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ModelRun run(seed);
    for (int i = 0; i < kOperations; ++i) {
      run.DoSomething();
      if (::testing::Test::HasFailure()) return;
    }
    run.CheckReport();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace loadfleet
