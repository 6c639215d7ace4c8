#include "agent/engine/engine.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "common/plan_shape.h"

namespace loadfleet {
namespace {

// One share a worker. No more workers get one than can have a connection and a place in flight
// each: the plan's limits are whole numbers.
std::vector<SlotSet> Shares(const RunPlan& plan, size_t workers) {
  uint64_t most = std::min<uint64_t>(workers, plan.slots.CountBelow(plan.connections.max()));
  for (const PreparedScenario& scenario : plan.scenarios) {
    const v1::OpenModel* open = OpenModelOf(scenario.plan);
    if (open == nullptr) continue;
    most = std::min(most, plan.slots.CountBelow(open->max_in_flight()));
  }
  std::vector<uint32_t> weights(workers, 0);
  std::fill_n(weights.begin(), std::max<uint64_t>(1, most), 1);
  return Deal(plan.slots, weights);
}

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
  const std::vector<SlotSet> shares = Shares(*plan_, workers_.size());
  struct Countdown {
    std::atomic<size_t> left;
    absl::AnyInvocable<void()> ready;
  };
  auto countdown = std::make_shared<Countdown>(workers_.size(), std::move(ready));
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Install(*plan_, shares[i], reporter_->hand_over(i), [countdown] {
      if (countdown->left.fetch_sub(1) == 1) countdown->ready();
    });
  }
  reporter_->Start();
}

void Engine::Start(Nanos t0) {
  for (auto& worker : workers_) worker->Start(t0);
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
