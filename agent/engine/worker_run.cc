#include "agent/engine/worker_run.h"

#include <algorithm>
#include <optional>

#include "agent/connection/dns_resolver.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "common/limits.h"
#include "common/plan_shape.h"

namespace loadfleet {

WorkerRun::WorkerRun(EventLoop& loop, const RunPlan& plan, const SlotSet& slots,
                     HandOver* hand_over, Lease& lease)
    : loop_(loop), plan_(plan), lease_(lease), grace_ends_(plan.scenarios.size(), kNever) {
  recorder_ = std::make_unique<Recorder>(
      plan.keys, hand_over,
      [this](Recording& recording, Nanos now) { FillLevels(recording, now); });
  // A share of 0 connections would starve arrivals that this worker owns.
  const auto connections =
      static_cast<uint32_t>(std::max<uint64_t>(1, slots.CountBelow(plan.connections.max())));
  for (size_t i = 0; i < plan.origins.size(); ++i) AddPool(i, connections);
  for (const PreparedScenario& scenario : plan.scenarios) AddExecutor(scenario, slots);
  if (!plan.connections.warm() || slots.empty()) return;
  warm_until_ = loop_.clock().Now() + limits::kWarmTime;
  for (auto& pool : pools_) pool->Warm();
}

bool WorkerRun::Ready(Nanos now) const {
  return now >= warm_until_ ||
         std::all_of(pools_.begin(), pools_.end(), [](const auto& pool) { return pool->warm(); });
}

WorkerRun::~WorkerRun() = default;

void WorkerRun::AddPool(size_t index, uint32_t max_connections) {
  const PreparedOrigin& origin = plan_.origins[index];
  PoolOptions options;
  options.host = HostOf(origin);
  options.sources = plan_.network.sources;
  options.connection.protocol = origin.protocol;
  options.connection.max_streams = std::max<uint32_t>(1, plan_.connections.max_streams());
  options.connection.pipelining = std::max<uint32_t>(1, plan_.connections.pipelining());
  if (origin.secure) {
    static constexpr AlpnOffer kOffers[] = {AlpnOffer::kHttp1, AlpnOffer::kHttp2, AlpnOffer::kBoth};
    tls_.push_back(std::make_unique<TlsClient>(*plan_.tls, origin.host,
                                               kOffers[static_cast<size_t>(origin.protocol)]));
    options.connection.tls = tls_.back().get();
  }
  options.max_connections = max_connections;
  options.max_requests = plan_.connections.keep_alive() ? plan_.connections.max_requests() : 1;
  options.lifetime = plan_.connections.lifetime_ns();
  options.warm_for =
      &*std::find_if(plan_.requests.begin(), plan_.requests.end(),
                     [index](const RequestTemplate& r) { return r.origin == index; });
  options.observer = this;
  pools_.push_back(std::make_unique<ConnectionPool>(loop_, std::move(options)));
  transports_.push_back(pools_.back().get());
}

HostOptions WorkerRun::HostOf(const PreparedOrigin& origin) {
  HostOptions options;
  options.addresses = origin.addresses;
  if (plan_.dns.select() == v1::ADDRESS_FIRST) options.order = AddressOrder::kFirst;
  if (!origin.by_name || plan_.dns.ttl_ns() == 0) return options;
  if (resolver_ == nullptr) {
    // What was prepared goes on without: its addresses are known.
    auto resolver = DnsResolver::Create(loop_);
    if (!resolver.ok()) return options;
    resolver_ = *std::move(resolver);
  }
  options.resolver = resolver_.get();
  options.host = origin.host;
  options.port = origin.port;
  options.ttl = plan_.dns.ttl_ns();
  options.check = [this](const SocketAddress& address) {
    const absl::Status status = CheckReach(address, plan_.network);
    if (status.ok()) return Outcome::kOk;
    return absl::IsPermissionDenied(status) ? Outcome::kBlockedTarget : Outcome::kUnreachable;
  };
  return options;
}

void WorkerRun::OnConnected(const RequestTemplate& request, Nanos connect, Nanos tls) {
  RequestStats& stats = recorder_->series(request.series);
  stats.connect_time.Record(ToMicros(connect));
  if (tls > 0) stats.tls_time.Record(ToMicros(tls));
}

void WorkerRun::AddExecutor(const PreparedScenario& scenario, const SlotSet& slots) {
  const v1::OpenModel* open = OpenModelOf(scenario.plan);
  if (open == nullptr) {
    executors_.push_back(
        std::make_unique<ClosedModelExecutor>(loop_.clock(), loop_.wheel(), scenario.flows, slots,
                                              VuPlan::Of(scenario.plan), transports_, *recorder_));
    return;
  }
  OpenModelOptions options;
  options.max_in_flight = std::max<uint64_t>(1, slots.CountBelow(open->max_in_flight()));
  options.pacing = open->pacing();
  options.on_overflow = open->on_overflow();
  options.max_lateness = scenario.max_lateness;
  std::optional<PoissonArrivals> poisson;
  if (open->arrival() == v1::ARRIVAL_POISSON) {
    poisson.emplace(plan_.seed, static_cast<uint32_t>(executors_.size()));
  }
  executors_.push_back(std::make_unique<OpenModelExecutor>(
      loop_.clock(), scenario.flows, Stripe(ArrivalSchedule::Of(scenario.plan), slots, poisson),
      options, transports_, *recorder_));
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
  if (!started_ || load_ended_ || !lease_.Fences(loop_.clock().NowWithSuspend())) return;
  const Nanos now = loop_.clock().Now();
  for (size_t i = 0; i < executors_.size(); ++i) {
    grace_ends_[i] = std::min(grace_ends_[i], now + plan_.scenarios[i].plan.graceful_stop_ns());
  }
  EndLoad(now);
}

// Nothing is started any more, not even what waits for a connection already.
void WorkerRun::EndLoad(Nanos now) {
  load_ended_ = true;
  recorder_->At(now);
  for (auto& executor : executors_) executor->EndLoad(now);
  for (auto& pool : pools_) pool->DropWaiting(now);
}

// Its grace is over.
void WorkerRun::Interrupt(size_t scenario, Nanos now) {
  executors_[scenario]->EndLoad(now);
  for (auto& pool : pools_) pool->AbandonOf(*executors_[scenario], now);
}

Nanos WorkerRun::Turn(Nanos now) {
  if (!started_ || finished_) return std::min(now + kSecond, loop_.wheel().NextAdvance());
  if (now >= planned_wake_) recorder_->current().loop_lag.Record(ToMicros(now - planned_wake_));
  recorder_->At(now);
  for (auto& pool : pools_) pool->ExpireWaiting(now);
  Nanos next = std::min(recorder_->second_end(), loop_.wheel().NextAdvance());
  for (size_t i = 0; i < executors_.size(); ++i) {
    next = std::min(next, executors_[i]->Advance(loop_.clock().Now()));
    if (executors_[i]->Finished()) continue;
    if (now >= grace_ends_[i]) Interrupt(i, now);
    if (now < grace_ends_[i]) next = std::min(next, grace_ends_[i]);
  }
  if (AllExecutorsFinished()) {
    finished_ = true;
    for (auto& pool : pools_) pool->Abandon(now);
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
  uint64_t opened = 0;
  recording.open_connections = 0;
  for (const auto& pool : pools_) {
    opened += pool->connections_opened();
    recording.open_connections += pool->open_connections();
  }
  recording.connections_opened = opened - opened_before_;
  opened_before_ = opened;
}

}  // namespace loadfleet
