#include "agent/engine/once_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/engine/origin_pools.h"
#include "agent/engine/run_plan.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/shown_exchange.h"
#include "agent/scenario/walk_observer.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// The plan with one VU that does the flow once, as everything that is prepared is a scenario's.
v1::Prepare PrepareOf(const v1::RunOnce& order) {
  v1::Prepare prepare;
  prepare.mutable_assignment()->set_run_id(order.run_id());
  prepare.mutable_assignment()->set_slots(SlotSet::All().ToBitmap());
  v1::Plan& plan = *prepare.mutable_plan();
  plan = order.plan();
  plan.clear_scenarios();
  plan.mutable_connections()->set_max(1);
  plan.mutable_connections()->set_warm(false);
  v1::Scenario& scenario = *plan.add_scenarios();
  scenario.set_name("once");
  scenario.set_flow(order.flow());
  v1::PerVuIterations& once = *scenario.mutable_per_vu_iterations();
  once.set_vus(1);
  once.set_iterations(1);
  once.set_max_duration_ns(order.timeout_ns());
  return prepare;
}

bool IsFed(const v1::RunOnce& order) {
  return order.plan().flows(static_cast<int>(order.flow())).feeders_size() > 0;
}

// Writes down what the one iteration does.
class Notes final : public WalkObserver {
 public:
  Notes(const v1::RunOnce& order, const RunPlan& plan, Nanos t0, v1::OnceDone* done)
      : order_(order), plan_(plan), t0_(t0), done_(*done) {}

  void OnAnswer(const Iteration& iteration, const Result& result,
                const std::vector<std::string>& failed, Nanos now) override {
    const bool ok = result.outcome == Outcome::kOk && failed.empty();
    if (!ok) Fail(iteration, failed.empty() ? Told(result) : failed.front());
    if (ok && !order_.keep_exchanges()) return;
    v1::ExchangeRecord record =
        RecordOf({iteration, result, iteration.kept, now, t0_}, limits::kShownBodyBytes);
    for (const std::string& sentence : failed) record.add_failed_checks(sentence);
    Keep(std::move(record));
  }

  void OnNotSent(const Iteration& iteration) override {
    const std::string why = "what was filled in makes no valid request: it was not sent";
    Fail(iteration, why);
    v1::ExchangeRecord record;
    record.set_request(iteration.request->request);
    record.add_failed_checks(why);
    Keep(std::move(record));
  }

  void OnEnd(const Iteration& iteration) override {
    ended_ = iteration.ending;
    if (iteration.state == nullptr) return;
    const ScenarioFlows& flows = plan_.scenarios.front().flows;
    const std::vector<Captured>& captured = iteration.state->captured;
    for (size_t slot = 0; slot < captured.size(); ++slot) {
      if (!captured[slot].present) continue;
      const std::string& name = flows.captures[slot];
      if (absl::StrContains(name, '.')) continue;  // a feeder's column
      // It travels as a text.
      if (ValidUtf8Prefix(captured[slot].text) == captured[slot].text.size()) {
        (*done_.mutable_captures())[name] = captured[slot].text;
      } else if (done_.reason().empty()) {
        done_.set_reason(absl::StrCat("what was captured as ", name, " is not valid UTF-8"));
      }
    }
  }

  Ending ended() const { return ended_; }

 private:
  static std::string Told(const Result& result) {
    if (result.outcome == Outcome::kBadStatus) return absl::StrCat("got status ", result.status);
    return absl::StrCat("ended as ", std::string(OutcomeName(result.outcome)));
  }

  // The first one counts.
  void Fail(const Iteration& iteration, const std::string& why) {
    if (!done_.reason().empty()) return;
    const uint32_t index = iteration.request->request;
    done_.set_reason(absl::StrCat(Shown(RequestName(order_.plan(), index)), ": ", why));
  }

  void Keep(v1::ExchangeRecord record) {
    if (done_.exchanges_size() >= limits::kOnceExchanges) return;
    const size_t size = record.ByteSizeLong();
    if (size > room_) return;
    room_ -= size;
    *done_.add_exchanges() = std::move(record);
  }

  const v1::RunOnce& order_;
  const RunPlan& plan_;
  const Nanos t0_;
  v1::OnceDone& done_;
  size_t room_ = limits::kOnceExchangeBytes;
  Ending ended_ = Ending::kInterrupted;
};

// In no statistics: what is recorded has nowhere to go.
class Unrecorded {
 public:
  explicit Unrecorded(const RecordingKeys& keys)
      : recorder_(keys, &nowhere_, [](Recording&, Nanos) {}) {}
  Recorder& recorder() { return recorder_; }

 private:
  HandOver nowhere_;
  Recorder recorder_;  // not started: it never hands over
};

// Until the executor has finished. False: it was interrupted.
bool Drive(EventLoop& loop, OriginPools& pools, Executor& executor, Nanos deadline,
           const std::atomic<bool>& cancelled) {
  const Nanos begin = loop.clock().Now();
  executor.Start(begin, begin);
  bool interrupted = false;
  for (;;) {
    const Nanos now = loop.clock().Now();
    pools.ExpireWaiting(now);
    const Nanos next = executor.Advance(now);
    if (executor.Finished()) return !interrupted;
    if (!interrupted && (cancelled || now >= deadline)) {
      interrupted = true;
      executor.EndLoad(now);
      pools.AbandonOf(executor, now);
      continue;
    }
    loop.RunOnce(std::min({next, loop.wheel().NextAdvance(), deadline}));
  }
}

}  // namespace

OnceRun::OnceRun(v1::RunOnce order, NetworkPolicy network, std::string agent,
                 std::unique_ptr<FeederSource> feeders, const Clock& clock)
    : order_(std::move(order)),
      network_(std::move(network)),
      agent_(std::move(agent)),
      feeders_(std::move(feeders)),
      clock_(clock),
      loop_(EventLoop::Create(clock)) {}

OnceRun::~OnceRun() = default;

v1::OnceDone OnceRun::Do() {
  v1::OnceDone done;
  done.set_run_id(order_.run_id());
  done.set_flow(order_.flow());
  const Nanos begin = clock_.Now();
  const auto plan = PrepareRun(PrepareOf(order_), network_, agent_, Keep::kAll);
  absl::Status status = loop_.ok() ? plan.status() : loop_.status();
  if (status.ok() && IsFed(order_)) status = feeders_->Fetch(order_.plan(), plan->get());
  if (!status.ok()) {
    done.set_reason(std::string(status.message()));
    return done;
  }
  EventLoop& loop = **loop_;
  OriginPools pools(loop, **plan, 1, nullptr);
  Unrecorded unrecorded((*plan)->keys);
  const PreparedScenario& scenario = (*plan)->scenarios.front();
  ClosedModelExecutor executor(clock_, loop.wheel(), scenario.flows, (*plan)->slots,
                               VuPlan::Of(scenario.plan), pools.planned(), unrecorded.recorder(),
                               &pools);
  Notes notes(order_, **plan, clock_.Now(), &done);
  executor.Observe(notes);
  const bool whole = Drive(loop, pools, executor, begin + order_.timeout_ns(), cancelled_);
  pools.Abandon(clock_.Now());
  if (!whole && notes.ended() != Ending::kCompleted) {
    done.set_reason(
        cancelled_ ? "it was stopped"
                   : absl::StrCat("it was not done within ", FormatDuration(order_.timeout_ns())));
  }
  done.set_ok(done.reason().empty());
  return done;
}

void OnceRun::Cancel() {
  cancelled_ = true;
  if (feeders_ != nullptr) feeders_->Cancel();
  if (loop_.ok()) (*loop_)->Post([] {});  // it may be waiting
}

}  // namespace loadfleet
