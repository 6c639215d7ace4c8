#include "agent/record/run_reporter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/engine/cpu_time.h"

namespace loadfleet {
namespace {

// How long a window waits for a worker that is behind. What comes later is in a later window.
constexpr Nanos kPatience = 500 * kMillisecond;

}  // namespace

RunReporter::RunReporter(const Clock& clock, WindowSource source, RecordingKeys keys,
                         size_t workers, Sink sink)
    : clock_(clock),
      source_(std::move(source)),
      keys_(std::move(keys)),
      sink_(std::move(sink)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      delivered_(workers, 0),
      levels_(workers, std::vector<ScenarioLevels>(keys_.scenarios())),
      open_connections_(workers, 0),
      unfinished_(workers),
      window_(keys_),
      total_(keys_),
      epoch_(source_.epoch) {
  for (size_t i = 0; i < workers; ++i) {
    hand_overs_.push_back(std::make_unique<HandOver>());
    hand_overs_.back()->wake_fd = wake_fd_;
  }
}

RunReporter::~RunReporter() {
  quit_ = true;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
  if (thread_.joinable()) thread_.join();
  close(wake_fd_);
}

void RunReporter::Start() {
  cpu_at_start_ = cpu_at_window_ = ProcessCpuTime();
  thread_ = std::thread([this] { Loop(); });
}

void RunReporter::Loop() {
  while (!quit_ && unfinished_ > 0) {
    const Nanos patience = window_open_ ? window_opened_at_ + kPatience - clock_.Now() : kSecond;
    pollfd waiting{wake_fd_, POLLIN, 0};
    poll(&waiting, 1, static_cast<int>(std::max<Nanos>(0, patience) / kMillisecond) + 1);
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof(count));
    Collect();
    const bool patience_ends = window_open_ && clock_.Now() >= window_opened_at_ + kPatience;
    if (window_open_ && (WindowComplete() || patience_ends)) EmitWindow();
  }
  if (!quit_) EmitSummary();
}

bool RunReporter::Collect() {
  bool any = false;
  for (size_t worker = 0; worker < hand_overs_.size(); ++worker) {
    Recording* recording = nullptr;
    while (hand_overs_[worker]->full.Pop(&recording)) {
      any = true;
      Add(worker, *recording);
      if (recording->last) {
        --unfinished_;
      } else {
        recording->Clear();  // here, not on the worker: with many series it takes its time
        hand_overs_[worker]->empty.Push(recording);
      }
    }
  }
  return any;
}

void RunReporter::Add(size_t worker, const Recording& recording) {
  if (!window_open_) {
    window_open_ = true;
    window_opened_at_ = clock_.Now();
    first_second_ = recording.first_second;
    last_second_ = recording.last_second;
  }
  first_second_ = std::min(first_second_, recording.first_second);
  // What ends with the load's last second has a moment of the next one in it, and nothing in that.
  if (!recording.last || !recording.empty()) {
    last_second_ = std::max(last_second_, recording.last_second);
  }
  for (size_t i = 0; i < window_.series.size(); ++i) {
    if (!recording.series[i].empty()) window_.series[i].Merge(recording.series[i]);
  }
  for (size_t i = 0; i < window_.arrivals.size(); ++i) {
    window_.arrivals[i].Merge(recording.arrivals[i]);
  }
  for (size_t i = 0; i < window_.iterations.size(); ++i) {
    window_.iterations[i].Merge(recording.iterations[i]);
  }
  for (const KeptFailure& failure : recording.failures) {
    if (failure_quota_.Take(failure.kind)) failures_.push_back(failure.record);
  }
  traces_.Merge(recording.traces);
  levels_[worker] = recording.levels;
  open_connections_[worker] = recording.open_connections;
  loop_lag_.Merge(recording.loop_lag);
  connections_opened_ += recording.connections_opened;
  // The last recording may be a sliver of a second: its share of a CPU would say nothing.
  if (recording.span >= kSecond / 2) {
    busiest_worker_cpu_ = std::max(busiest_worker_cpu_, static_cast<double>(recording.worker_cpu) /
                                                            static_cast<double>(recording.span));
  }
  delivered_[worker] = recording.last ? UINT32_MAX : recording.last_second + 1;
}

uint32_t RunReporter::Watermark() const {
  const uint32_t watermark = *std::min_element(delivered_.begin(), delivered_.end());
  return watermark == UINT32_MAX ? last_second_ + 1 : watermark;
}

bool RunReporter::WindowComplete() const {
  return unfinished_ == 0 || Watermark() > std::max(emitted_watermark_, last_second_);
}

void RunReporter::Sums::Merge(const Sums& other) {
  for (size_t i = 0; i < series.size(); ++i) series[i].Merge(other.series[i]);
  for (size_t i = 0; i < arrivals.size(); ++i) arrivals[i].Merge(other.arrivals[i]);
  for (size_t i = 0; i < iterations.size(); ++i) iterations[i].Merge(other.iterations[i]);
}

void RunReporter::Sums::Clear() {
  for (RequestStats& stats : series) stats.Clear();
  for (ArrivalCounts& counts : arrivals) counts = ArrivalCounts();
  for (IterationStats& stats : iterations) stats.Clear();
}

template <typename Message>
void RunReporter::WriteSums(const Sums& sums, Message* message) const {
  for (size_t i = 0; i < sums.arrivals.size(); ++i) {
    const ArrivalsKey& key = keys_.arrivals[i];
    // Of a later stage most windows have nothing.
    if (key.stage > 0 && sums.arrivals[i] == ArrivalCounts()) continue;
    v1::ArrivalStats* arrivals = message->add_arrivals();
    arrivals->set_scenario(key.scenario);
    arrivals->set_stage(key.stage);
    sums.arrivals[i].ToProto(arrivals);
  }
  for (size_t i = 0; i < sums.series.size(); ++i) {
    if (sums.series[i].empty()) continue;
    v1::RequestStats* stats = message->add_requests();
    stats->set_scenario(keys_.series[i].scenario);
    stats->set_stage(keys_.series[i].stage);
    stats->set_request(keys_.series[i].request);
    sums.series[i].ToProto(stats);
  }
  for (size_t i = 0; i < sums.iterations.size(); ++i) {
    if (sums.iterations[i].empty()) continue;
    v1::IterationStats* iterations = message->add_iterations();
    iterations->set_scenario(static_cast<uint32_t>(i));
    sums.iterations[i].ToProto(iterations);
  }
  v1::WindowKey* key = message->mutable_key();
  key->set_run_id(source_.run_id);
  key->set_agent_id(source_.agent_id);
  key->set_incarnation(source_.incarnation);
}

void RunReporter::EmitWindow() {
  v1::Window window;
  WriteSums(window_, &window);
  ++seq_;
  window.mutable_key()->set_first_seq(seq_);
  window.mutable_key()->set_last_seq(seq_);
  window.set_epoch(epoch_);
  window.set_first_second(first_second_);
  window.set_last_second(last_second_);
  emitted_watermark_ = std::max(emitted_watermark_, Watermark());
  window.set_watermark(emitted_watermark_);
  for (size_t i = 0; i < keys_.scenarios(); ++i) {
    v1::ArrivalLevels* levels = window.add_levels();
    levels->set_scenario(static_cast<uint32_t>(i));
    for (const auto& worker : levels_) {
      levels->set_in_flight(levels->in_flight() + worker[i].in_flight);
      levels->set_waiting(levels->waiting() + worker[i].waiting);
      levels->set_oldest_age_us(std::max(levels->oldest_age_us(), ToMicros(worker[i].oldest_age)));
      levels->set_catching_up(levels->catching_up() || worker[i].catching_up);
    }
  }
  window.mutable_failures()->Assign(failures_.begin(), failures_.end());
  for (const TraceSample& trace : traces_.Sorted()) ToProto(trace, window.add_traces());
  v1::GeneratorStats* generator = window.mutable_generator();
  const Nanos cpu = ProcessCpuTime();
  generator->set_cpu_us(ToMicros(cpu - cpu_at_window_));
  cpu_at_window_ = cpu;
  generator->set_busiest_worker_cpu(busiest_worker_cpu_);
  loop_lag_.ToProto(generator->mutable_loop_lag());
  generator->set_connections_opened(connections_opened_);
  for (uint64_t open : open_connections_) {
    generator->set_open_connections(generator->open_connections() + open);
  }
  generator->set_workers_behind(static_cast<uint64_t>(
      std::count_if(delivered_.begin(), delivered_.end(),
                    [this](uint32_t delivered) { return delivered <= last_second_; })));

  total_.Merge(window_);
  window_.Clear();
  failures_.clear();
  traces_.Clear();
  loop_lag_.Clear();
  busiest_worker_cpu_ = 0;
  connections_opened_ = 0;
  window_open_ = false;
  sink_.window(std::move(window));
}

void RunReporter::EmitSummary() {
  v1::FinalSummary summary;
  WriteSums(total_, &summary);
  summary.mutable_key()->set_first_seq(1);
  summary.mutable_key()->set_last_seq(seq_);
  summary.set_cpu_us(ToMicros(ProcessCpuTime() - cpu_at_start_));
  sink_.summary(std::move(summary));
}

}  // namespace loadfleet
