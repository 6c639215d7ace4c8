// A TCP relay on loopback that does to a link what bad networks do to it: delay, a narrow pipe,
// silence, resets, half-closes, flipped bits.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace loadfleet {

// Thread-safe: a fault comes and goes at any time, on connections old and new.
class FaultProxy {
 public:
  enum class Way { kToServer, kToClient };

  struct Conditions {
    absl::Duration delay = absl::ZeroDuration();   // of every byte, either way
    absl::Duration jitter = absl::ZeroDuration();  // more or less than the delay; order is kept
    int64_t bytes_per_second = 0;                  // each way, all connections together; 0: any
  };

  // In front of a server at this port of loopback, whether it listens yet or not.
  explicit FaultProxy(int server_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  std::string address() const;  // for the clients

  void SetConditions(const Conditions& conditions);
  // Nothing goes this way, not even an end or a reset, until Resume(); then all of it does.
  void Stall(Way way);
  void Resume();
  // Every connection ends at both ends with a reset; what was on its way is lost.
  void Reset();
  // Every connection ends this way only, as after shutdown(2).
  void HalfClose(Way way);
  // In each of the next pieces that go this way one bit is another.
  void FlipBits(Way way, int pieces);

  int accepted() const { return accepted_; }

 private:
  struct Direction;
  struct Connection;

  void Run();
  void Accept();
  void Apply() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration UntilDue(const Direction& direction, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Read(Direction& direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Write(Direction& direction, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake();

  const int server_port_;
  const int listener_;
  const int wake_;
  int port_ = 0;
  std::atomic<int> accepted_{0};

  absl::Mutex mutex_;
  Conditions conditions_ ABSL_GUARDED_BY(mutex_);
  bool stalled_[2] ABSL_GUARDED_BY(mutex_) = {false, false};
  bool half_close_[2] ABSL_GUARDED_BY(mutex_) = {false, false};
  int flips_[2] ABSL_GUARDED_BY(mutex_) = {0, 0};
  absl::Time pipe_free_[2] ABSL_GUARDED_BY(mutex_) = {absl::InfinitePast(), absl::InfinitePast()};
  bool reset_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Connection> connections_;  // the thread's
  std::thread thread_;
};

}  // namespace loadfleet
