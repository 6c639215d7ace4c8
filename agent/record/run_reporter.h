// Collects the workers' recordings and makes windows of them: one a second, then the summary of
// all.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "agent/record/recorder.h"
#include "common/clock.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// Who a window is from. See v1::WindowKey.
struct WindowSource {
  std::string run_id;
  uint64_t epoch = 0;  // the first
  std::string agent_id;
  uint64_t incarnation = 0;
};

// Owns its thread and the hand-over rings. One run.
class RunReporter {
 public:
  // Called on the reporter's thread; the summary comes last, and once.
  struct Sink {
    std::function<void(v1::Window)> window;
    std::function<void(v1::FinalSummary)> summary;
  };

  RunReporter(const Clock& clock, WindowSource source, RecordingKeys keys, size_t workers,
              Sink sink);
  // Stops collecting; what has not been handed over is lost.
  ~RunReporter();

  // The ring of a worker. Valid until destruction.
  HandOver* hand_over(size_t worker) { return hand_overs_[worker].get(); }

  // Of the windows from now on. Thread-safe.
  void SetEpoch(uint64_t epoch) { epoch_ = epoch; }

  // Begins to collect.
  void Start();

 private:
  // Sums over any span: the window being made, or the whole run.
  struct Sums {
    std::vector<RequestStats> series;
    std::vector<ArrivalCounts> arrivals;
    std::vector<IterationStats> iterations;

    explicit Sums(const RecordingKeys& keys)
        : series(keys.series.size()),
          arrivals(keys.arrivals.size()),
          iterations(keys.scenarios()) {}
    void Merge(const Sums& other);
    void Clear();
  };

  void Loop();
  bool Collect();
  void Add(size_t worker, const Recording& recording);
  uint32_t Watermark() const;
  bool WindowComplete() const;
  void EmitWindow();
  void EmitSummary();
  template <typename Message>
  void WriteSums(const Sums& sums, Message* message) const;

  const Clock& clock_;
  const WindowSource source_;
  const RecordingKeys keys_;
  const Sink sink_;
  int wake_fd_;
  std::vector<std::unique_ptr<HandOver>> hand_overs_;

  // The thread's.
  std::vector<uint32_t> delivered_;  // by worker: the first run-second it has not handed over
  std::vector<std::vector<ScenarioLevels>> levels_;  // by worker, the newest
  std::vector<uint64_t> open_connections_;           // by worker, the newest
  size_t unfinished_;
  Sums window_;
  Sums total_;
  FailureQuota failure_quota_{limits::kFailuresOfAKind, limits::kAgentFailures};
  std::vector<v1::ExchangeRecord> failures_;  // of the window
  SlowestTraces traces_{limits::kWindowTraces};
  Histogram loop_lag_;
  double busiest_worker_cpu_ = 0;
  uint64_t connections_opened_ = 0;
  bool window_open_ = false;
  Nanos window_opened_at_ = 0;
  uint32_t first_second_ = 0;
  uint32_t last_second_ = 0;
  uint32_t emitted_watermark_ = 0;
  uint64_t seq_ = 0;
  Nanos cpu_at_start_ = 0;
  Nanos cpu_at_window_ = 0;

  std::atomic<uint64_t> epoch_;
  std::atomic<bool> quit_{false};
  std::thread thread_;
};

}  // namespace loadfleet
