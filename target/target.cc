#include "target/target.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/descriptor_limit.h"
#include "common/limits.h"
#include "target/freeze.h"
#include "target/listener.h"
#include "target/loop.h"

namespace loadfleet {
namespace {

absl::Status Check(const TargetOptions& options) {
  if (options.threads == 0 || options.threads > limits::kTargetThreads) {
    return absl::InvalidArgumentError(absl::StrCat("the target has 1 to ", limits::kTargetThreads,
                                                   " threads, not ", options.threads));
  }
  const bool never = options.freeze_for == 0 && options.freeze_every == 0;
  if (!never && (options.freeze_for <= 0 || options.freeze_for >= options.freeze_every)) {
    return absl::InvalidArgumentError("a freeze must be shorter than its period");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Target>> Target::Start(const TargetOptions& options,
                                                      const Clock& clock) {
  absl::Status status = Check(options);
  if (!status.ok()) return status;
  RaiseDescriptorLimit();
  absl::StatusOr<target::Listeners> listeners = target::Listen(options.listen, options.threads);
  if (!listeners.ok()) return listeners.status();

  std::unique_ptr<Target> self(new Target(clock, listeners->port));
  for (target::OwnedFd& listener : listeners->sockets) {
    auto loop = target::Loop::Create(
        std::move(listener),
        {.freeze = {options.freeze_for, options.freeze_every},
         .started = self->started_,
         .stats = [target = self.get()] { return ToJson(target->Counters()); }},
        clock);
    if (!loop.ok()) return loop.status();
    self->loops_.push_back(*std::move(loop));
  }
  // Not before all loops exist: each reads the counters of all for /stats.
  for (const auto& loop : self->loops_) {
    self->threads_.emplace_back([running = loop.get()] { running->Run(); });
  }
  return self;
}

Target::Target(const Clock& clock, int port) : clock_(clock), started_(clock.Now()), port_(port) {}

Target::~Target() {
  Shutdown();
}

TargetCounters Target::Counters() const {
  const int64_t now_second = (clock_.Now() - started_) / kSecond;
  TargetCounters sum;
  sum.first_second = std::max<int64_t>(0, now_second - limits::kTargetSeconds + 1);
  sum.per_second.resize(now_second - sum.first_second + 1);
  for (const auto& loop : loops_) loop->counters().AddTo(&sum, now_second);
  return sum;
}

void Target::Shutdown() {
  for (const auto& loop : loops_) loop->Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace loadfleet
