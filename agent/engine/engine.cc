#include "agent/engine/engine.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "common/plan_shape.h"

namespace loadfleet {
namespace {

// What an agent loses it still has for so long: its workers hear of it before.
constexpr Nanos kHandOver = 50 * kMillisecond;

// One share a worker of `slots`, which are part of `all`. No more workers get one than can have a
// connection and a place in flight each: the plan's limits are whole numbers.
std::vector<SlotSet> Shares(const RunPlan& plan, const SlotSet& slots, const SlotSet& all,
                            size_t workers) {
  uint64_t most = std::min<uint64_t>(workers, all.CountBelow(plan.connections.max()));
  for (const PreparedScenario& scenario : plan.scenarios) {
    const v1::OpenModel* open = OpenModelOf(scenario.plan);
    if (open == nullptr) continue;
    most = std::min(most, all.CountBelow(open->max_in_flight()));
  }
  std::vector<uint32_t> weights(workers, 0);
  std::fill_n(weights.begin(), std::max<uint64_t>(1, most), 1);
  return Deal(slots, weights);
}

// Calls `done` on the thread of the last worker that has counted, with the latest time that any of
// them gave.
class AllWorkers {
 public:
  AllWorkers(size_t workers, Nanos from, absl::AnyInvocable<void(Nanos)> done)
      : left_(workers), latest_(from), done_(std::move(done)) {}

  void Count(Nanos time) {
    Nanos latest = latest_;
    while (latest < time && !latest_.compare_exchange_weak(latest, time)) {
    }
    if (left_.fetch_sub(1) == 1) done_(latest_);
  }

 private:
  std::atomic<size_t> left_;
  std::atomic<Nanos> latest_;
  absl::AnyInvocable<void(Nanos)> done_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(const Clock& clock, uint32_t workers) {
  auto engine = std::unique_ptr<Engine>(new Engine(clock));
  for (uint32_t i = 0; i < workers; ++i) {
    auto worker = Worker::Create(clock, engine->lease_);
    if (!worker.ok()) return worker.status();
    engine->workers_.push_back(*std::move(worker));
  }
  return engine;
}

Engine::~Engine() {
  Uninstall();
}

void Engine::Install(std::unique_ptr<RunPlan> plan, WindowSource source, RunReporter::Sink sink,
                     absl::AnyInvocable<void()> ready) {
  plan_ = std::move(plan);
  reporter_ = std::make_unique<RunReporter>(clock_, std::move(source), plan_->keys, workers_.size(),
                                            std::move(sink));
  lease_.Reset();
  epoch_ = plan_->epoch;
  shares_ = Shares(*plan_, plan_->slots, plan_->slots, workers_.size());
  const auto all = std::make_shared<AllWorkers>(
      workers_.size(), 0, [ready = std::move(ready)](Nanos) mutable { ready(); });
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Install(*plan_, shares_[i], reporter_->hand_over(i), [all] { all->Count(0); });
  }
  reporter_->Start();
}

void Engine::Start(Nanos t0) {
  t0_ = t0;
  for (auto& worker : workers_) worker->Start(t0);
}

void Engine::Adjust(uint64_t epoch, SlotSet slots, Nanos from,
                    absl::AnyInvocable<void(Nanos)> done) {
  SlotSet held;
  for (const SlotSet& share : shares_) held = held.With(share);
  const SlotSet lost = held.Without(slots);
  // Slots that stay do so on their worker: nobody has to hand over anything within an agent.
  const std::vector<SlotSet> gained = Shares(*plan_, slots.Without(held), slots, workers_.size());
  Reassignment change;
  change.gained_from = change.lost_from = t0_ + from;
  if (!lost.empty() && !fenced()) {
    change.lost_from = std::max(change.lost_from, clock_.Now() + kHandOver);
  }
  epoch_ = epoch;
  reporter_->SetEpoch(epoch);
  const auto all = std::make_shared<AllWorkers>(
      workers_.size(), change.lost_from,
      [done = std::move(done), t0 = t0_](Nanos lost_from) mutable { done(lost_from - t0); });
  for (size_t i = 0; i < workers_.size(); ++i) {
    shares_[i] = shares_[i].Without(lost).With(gained[i]);
    change.slots = shares_[i];
    workers_[i]->Adjust(epoch, change, [all](Nanos lost_from) { all->Count(lost_from); });
  }
}

void Engine::Stop(Nanos grace) {
  for (auto& worker : workers_) worker->Stop(grace);
}

void Engine::Uninstall() {
  if (plan_ == nullptr) return;
  absl::BlockingCounter let_go(static_cast<int>(workers_.size()));
  for (auto& worker : workers_) {
    worker->Drop([&let_go] { let_go.DecrementCount(); });
  }
  let_go.Wait();
  reporter_.reset();
  plan_.reset();
}

}  // namespace loadfleet
