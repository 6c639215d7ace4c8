// One epoll loop: a listening socket, its connections, their deadlines.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "target/connection.h"
#include "target/counters.h"
#include "target/freeze.h"
#include "target/owned_fd.h"
#include "target/response_heads.h"
#include "target/timers.h"

namespace loadfleet::target {

class Loop {
 public:
  struct Options {
    Freeze freeze;
    Nanos started = 0;                   // of the target: freezes and per_second count from it
    std::function<std::string()> stats;  // the body of /stats; called on the loop's thread
  };

  // `clock` must outlive the loop. RESOURCE_EXHAUSTED: no descriptor is left.
  static absl::StatusOr<std::unique_ptr<Loop>> Create(OwnedFd listener, Options options,
                                                      const Clock& clock);

  // Serves until Stop(), then closes everything.
  void Run();

  void Stop();                                                // any thread
  const LoopCounters& counters() const { return counters_; }  // any thread

 private:
  Loop(OwnedFd listener, Options options, const Clock& clock);

  absl::Status Open();
  void Accept();
  void ArmTimer();
  void WaitOutFreeze();
  void OnEvent(void* source, uint32_t epoll_events);
  void RunDeadlines();
  void RunYielded();
  void Settle(Connection* connection, Connection::Fate fate);
  void Close(Connection* connection);

  const Clock& clock_;
  const Options options_;
  std::atomic<bool> stopping_{false};
  LoopCounters counters_;

  OwnedFd listener_;
  OwnedFd epoll_;
  OwnedFd wake_;
  OwnedFd timer_;
  std::optional<Nanos> timer_at_;  // what timer_ is armed for
  bool accept_stalled_ = false;    // out of descriptors: tried again when a connection ends

  std::vector<char> read_buffer_;
  ResponseHeads heads_;
  Timers timers_;
  LoopShare share_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<Connection*> yielded_;
};

}  // namespace loadfleet::target
