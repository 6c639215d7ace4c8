#include "agent/record/recorder.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/engine/cpu_time.h"

namespace loadfleet {
namespace {

// One being filled, one with the reporter, one on its way back.
constexpr int kRecordings = 3;

}  // namespace

Recorder::Recorder(size_t series_count, size_t scenario_count, HandOver* hand_over,
                   FillLevels fill_levels, const std::vector<std::vector<uint32_t>>& groups)
    : hand_over_(hand_over), fill_levels_(std::move(fill_levels)) {
  for (int i = 0; i < kRecordings; ++i) {
    owned_.push_back(std::make_unique<Recording>(series_count, scenario_count, groups));
    if (i > 0) hand_over_->empty.Push(owned_.back().get());
  }
  current_ = owned_.front().get();
}

void Recorder::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  opened_at_ = now;
  cpu_at_open_ = ThreadCpuTime();
  current_->first_second = SecondOf(now);
  second_end_ = t0 + (current_->first_second + 1) * kSecond;
}

void Recorder::Rotate(Nanos now) {
  // What was recorded so far lies before second_end_; the seconds that nothing woke for are covered
  // too.
  const uint32_t next_second = SecondOf(now);
  second_end_ = t0_ + (next_second + Nanos{1}) * kSecond;
  Recording* fresh = nullptr;
  if (!hand_over_->empty.Pop(&fresh)) return;
  Stamp(now);
  current_->last_second = std::max(current_->first_second, next_second - 1);
  HandOverCurrent();
  current_ = fresh;
  current_->first_second = next_second;
}

void Recorder::Finish(Nanos now) {
  Stamp(now);
  current_->last_second = std::max(current_->first_second, SecondOf(now));
  current_->last = true;
  second_end_ = INT64_MAX;
  HandOverCurrent();
}

void Recorder::HandOverCurrent() {
  hand_over_->full.Push(current_);  // room is certain: there are fewer recordings than places
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(hand_over_->wake_fd, &one, sizeof(one));
}

void Recorder::Stamp(Nanos now) {
  fill_levels_(*current_, now);
  const Nanos cpu = ThreadCpuTime();
  current_->worker_cpu = cpu - cpu_at_open_;
  current_->span = now - opened_at_;
  cpu_at_open_ = cpu;
  opened_at_ = now;
}

}  // namespace loadfleet
