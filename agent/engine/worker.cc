#include "agent/engine/worker.h"

#include <sys/prctl.h>

#include <utility>

namespace loadfleet {

absl::StatusOr<std::unique_ptr<Worker>> Worker::Create(const Clock& clock, Lease& lease) {
  auto loop = EventLoop::Create(clock);
  if (!loop.ok()) return loop.status();
  auto worker = std::unique_ptr<Worker>(new Worker(*std::move(loop), lease));
  worker->thread_ = std::thread([w = worker.get()] { w->Loop(); });
  return worker;
}

Worker::Worker(std::unique_ptr<EventLoop> loop, Lease& lease)
    : loop_(std::move(loop)), lease_(lease) {}

Worker::~Worker() {
  loop_->Post([this] { quit_ = true; });
  thread_.join();
  run_.reset();
}

void Worker::Install(const RunPlan& plan, SlotSet slots, HandOver* hand_over,
                     absl::AnyInvocable<void()> ready) {
  loop_->Post(
      [this, &plan, slots = std::move(slots), hand_over, ready = std::move(ready)]() mutable {
        run_ = std::make_unique<WorkerRun>(*loop_, plan, slots, hand_over, lease_);
        ready_ = std::move(ready);
      });
}

void Worker::Start(Nanos t0) {
  loop_->Post([this, t0] {
    if (run_ != nullptr) run_->Start(t0);
  });
}

void Worker::Stop(Nanos grace) {
  loop_->Post([this, grace] {
    if (run_ != nullptr) run_->Stop(grace);
  });
}

void Worker::Adjust(uint64_t epoch, Reassignment change, absl::AnyInvocable<void(Nanos)> done) {
  loop_->Post([this, epoch, change = std::move(change), done = std::move(done)]() mutable {
    if (run_ != nullptr) done(run_->Adjust(epoch, change));
  });
}

void Worker::Drop(absl::AnyInvocable<void()> done) {
  loop_->Post([this, done = std::move(done)]() mutable {
    run_.reset();
    ready_ = nullptr;
    done();
  });
}

void Worker::Loop() {
  // Linux wakes a thread up to 50 us late for the sake of batching: here that would be lateness of
  // every request (prctl(2), PR_SET_TIMERSLACK; nanoseconds, of this thread only).
  prctl(PR_SET_TIMERSLACK, 1UL);
  while (!quit_) {
    const Nanos now = loop_->clock().Now();
    loop_->Wait(run_ == nullptr ? now + kSecond : run_->Turn(now));
    // The wait may have outlasted the lease, and what it has brought may start requests.
    if (run_ != nullptr) run_->CheckLease();
    loop_->Handle();
    TellWhenReady();
  }
}

void Worker::TellWhenReady() {
  if (ready_ == nullptr || run_ == nullptr || !run_->Ready(loop_->clock().Now())) return;
  std::exchange(ready_, nullptr)();
}

}  // namespace loadfleet
