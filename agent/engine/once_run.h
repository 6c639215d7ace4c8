// One iteration of one flow, outside the schedule and in no statistics: setup, teardown, `run
// --once`.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/connection/address.h"
#include "agent/engine/event_loop.h"
#include "agent/feeder/feeder_source.h"
#include "common/clock.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {

// It has a loop of its own, on the thread that asks for it: it needs no worker, no lease and no
// run.
class OnceRun {
 public:
  // `agent`: the name that the iteration knows it by. `feeders`: asked when the flow is fed; null
  // where none is. The clock must outlive it.
  OnceRun(v1::RunOnce order, NetworkPolicy network, std::string agent,
          std::unique_ptr<FeederSource> feeders, const Clock& clock);
  ~OnceRun();

  const v1::RunOnce& order() const { return order_; }

  // Blocks until the iteration is over, or its timeout: DNS has its own. Once.
  //
  // It is `ok` when every step has been: the outcome `ok`, and all checks passed. Otherwise the
  // reason is the first that was not, with its name. Exchanges are those that failed, or all when
  // the order says so, up to limits::kOnceExchanges and kOnceExchangeBytes.
  v1::OnceDone Do();

  // Whatever is in flight is interrupted, and nothing follows it. Any thread, at any time.
  void Cancel();

 private:
  const v1::RunOnce order_;
  const NetworkPolicy network_;
  const std::string agent_;
  const std::unique_ptr<FeederSource> feeders_;
  const Clock& clock_;
  const absl::StatusOr<std::unique_ptr<EventLoop>> loop_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace loadfleet
