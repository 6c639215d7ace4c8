#include "agent/engine/worker_run.h"

#include <algorithm>
#include <optional>

#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "common/limits.h"
#include "common/plan_shape.h"

namespace loadfleet {
namespace {

// A share of 0 connections would starve arrivals that this worker owns.
uint32_t ConnectionsOf(const RunPlan& plan, const SlotSet& slots) {
  return static_cast<uint32_t>(std::max<uint64_t>(1, slots.CountBelow(plan.connections.max())));
}

}  // namespace

WorkerRun::WorkerRun(EventLoop& loop, const RunPlan& plan, const SlotSet& slots,
                     HandOver* hand_over, Lease& lease)
    : loop_(loop),
      plan_(plan),
      lease_(lease),
      pools_(loop, plan, ConnectionsOf(plan, slots), this),
      epoch_(plan.epoch),
      grace_ends_(plan.scenarios.size(), kNever),
      fence_grace_ends_(plan.scenarios.size(), kNever) {
  recorder_ = std::make_unique<Recorder>(
      plan.keys, hand_over,
      [this](Recording& recording, Nanos now) { FillLevels(recording, now); });
  for (const PreparedScenario& scenario : plan.scenarios) AddExecutor(scenario, slots);
  if (!plan.connections.warm() || slots.empty()) return;
  warm_until_ = loop_.clock().Now() + limits::kWarmTime;
  pools_.Warm();
}

bool WorkerRun::Ready(Nanos now) const {
  return now >= warm_until_ || pools_.warm();
}

WorkerRun::~WorkerRun() = default;

void WorkerRun::OnConnected(const RequestTemplate& request, Nanos connect, Nanos tls) {
  RequestStats& stats = recorder_->series(request.series);
  stats.connect_time.Record(ToMicros(connect));
  if (tls > 0) stats.tls_time.Record(ToMicros(tls));
}

void WorkerRun::AddExecutor(const PreparedScenario& scenario, const SlotSet& slots) {
  const v1::OpenModel* open = OpenModelOf(scenario.plan);
  if (open == nullptr) {
    executors_.push_back(std::make_unique<ClosedModelExecutor>(
        loop_.clock(), loop_.wheel(), scenario.flows, slots, VuPlan::Of(scenario.plan),
        pools_.planned(), *recorder_, &pools_));
    return;
  }
  OpenModelOptions options;
  options.max_in_flight = open->max_in_flight();
  options.pacing = open->pacing();
  options.on_overflow = open->on_overflow();
  options.max_lateness = scenario.max_lateness;
  std::optional<PoissonArrivals> poisson;
  if (open->arrival() == v1::ARRIVAL_POISSON) {
    poisson.emplace(plan_.seed, static_cast<uint32_t>(executors_.size()));
  }
  executors_.push_back(std::make_unique<OpenModelExecutor>(
      loop_.clock(), scenario.flows, Stripe(ArrivalSchedule::Of(scenario.plan), slots, poisson),
      options, pools_.planned(), *recorder_, &pools_));
}

void WorkerRun::Start(Nanos t0) {
  const Nanos now = loop_.clock().Now();
  started_ = true;
  recorder_->Start(t0, now);
  for (size_t i = 0; i < executors_.size(); ++i) {
    const v1::Scenario& scenario = plan_.scenarios[i].plan;
    const Nanos begin = t0 + scenario.start_time_ns();
    grace_ends_[i] = begin + LoadDuration(scenario) + scenario.graceful_stop_ns();
    executors_[i]->Start(begin, now);
  }
  CheckLease();
}

void WorkerRun::Stop(Nanos grace) {
  const Nanos now = loop_.clock().Now();
  if (!started_) recorder_->Start(now, now);
  started_ = true;
  for (Nanos& end : grace_ends_) end = std::min(end, now + grace);
  EndLoad(now);
}

void WorkerRun::CheckLease() {
  if (!started_ || load_ended_ || finished_ || fenced_) return;
  if (!lease_.Fences(loop_.clock().NowWithSuspend(), epoch_)) return;
  const Nanos now = loop_.clock().Now();
  fenced_ = true;
  recorder_->At(now);
  for (size_t i = 0; i < executors_.size(); ++i) {
    fence_grace_ends_[i] = now + plan_.scenarios[i].plan.graceful_stop_ns();
    executors_[i]->Fence(now);
  }
  pools_.DropWaiting(now);
}

Nanos WorkerRun::Adjust(uint64_t epoch, const Reassignment& change) {
  if (!started_) return change.lost_from;
  const Nanos now = loop_.clock().Now();
  epoch_ = epoch;
  fenced_ = false;
  std::fill(fence_grace_ends_.begin(), fence_grace_ends_.end(), kNever);
  recorder_->At(now);
  pools_.Limit(ConnectionsOf(plan_, change.slots));
  Nanos lost_from = change.lost_from;
  for (auto& executor : executors_) {
    lost_from = std::max(lost_from, executor->Adjust(change, now));
  }
  return lost_from;
}

void WorkerRun::InterruptFenced(Nanos now) {
  for (size_t i = 0; i < executors_.size(); ++i) {
    if (now < fence_grace_ends_[i]) continue;
    fence_grace_ends_[i] = kNever;
    pools_.AbandonOf(*executors_[i], now);
  }
}

// Nothing is started any more, not even what waits for a connection already.
void WorkerRun::EndLoad(Nanos now) {
  load_ended_ = true;
  recorder_->At(now);
  for (auto& executor : executors_) executor->EndLoad(now);
  pools_.DropWaiting(now);
}

// Its grace is over.
void WorkerRun::Interrupt(size_t scenario, Nanos now) {
  executors_[scenario]->EndLoad(now);
  pools_.AbandonOf(*executors_[scenario], now);
}

Nanos WorkerRun::Turn(Nanos now) {
  if (!started_ || finished_) return std::min(now + kSecond, loop_.wheel().NextAdvance());
  if (now >= planned_wake_) recorder_->current().loop_lag.Record(ToMicros(now - planned_wake_));
  recorder_->At(now);
  pools_.ExpireWaiting(now);
  if (fenced_) InterruptFenced(now);
  Nanos next = std::min(recorder_->second_end(), loop_.wheel().NextAdvance());
  for (size_t i = 0; i < executors_.size(); ++i) {
    next = std::min(next, executors_[i]->Advance(loop_.clock().Now()));
    if (executors_[i]->Finished()) continue;
    if (now >= grace_ends_[i]) Interrupt(i, now);
    if (now < grace_ends_[i]) next = std::min(next, grace_ends_[i]);
    next = std::min(next, fence_grace_ends_[i]);
  }
  if (AllExecutorsFinished()) {
    finished_ = true;
    pools_.Abandon(now);
    recorder_->Finish(loop_.clock().Now());
  }
  planned_wake_ = next;
  return next;
}

bool WorkerRun::AllExecutorsFinished() const {
  return std::all_of(executors_.begin(), executors_.end(),
                     [](const auto& executor) { return executor->Finished(); });
}

void WorkerRun::FillLevels(Recording& recording, Nanos now) {
  for (size_t i = 0; i < executors_.size(); ++i) recording.levels[i] = executors_[i]->Levels(now);
  const uint64_t opened = pools_.connections_opened();
  recording.open_connections = pools_.open_connections();
  recording.connections_opened = opened - opened_before_;
  opened_before_ = opened;
}

}  // namespace loadfleet
