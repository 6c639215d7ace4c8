// One threshold over a run: how it stands, whether it has failed, and whether it ends the run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/sums.h"
#include "master/results/thresholds/evidence.h"
#include "master/results/thresholds/selection.h"

namespace loadfleet {

// Without `over` it is about everything so far: what counts is how it stands at the end. With it,
// about each window of that length, one ending with every second: once a window has violated it
// (with `for`: enough of them in a row) it has failed. A window that would reach back before what
// is selected is not judged, unless there is no other; the last one takes what comes after the load
// with it. A load may end of itself within a second that then has too little: counts and rates are
// judged when a second more has shown that it goes on.
//
// Where nothing selected is due, between the times of two scenarios, windows end and begin anew.
// A scenario that may end early says nothing when it has: its quiet seconds are held back until it
// stirs again, which shows that it was late and not done, and if it never does nobody judges them.
//
// Not thread-safe. Memory: the histograms of one window, packed, or of everything.
class ThresholdWatch {
 public:
  ThresholdWatch(const v1::Plan& plan, const v1::Threshold& threshold);

  // Second after second, those without anything too, each when it is final.
  void AddSecond(uint32_t second, const Sums& sums);
  // The load has ended before its time: windows that end later are not whole.
  void EndLoad(Nanos elapsed) {
    load_end_ = std::min(load_end_, elapsed);
    end_ = std::min(end_, load_end_);
  }
  // What still came of a second that was final already.
  void AddLate(const Sums& sums);

  // As of the newest second. What may still come right is ok.
  v1::ThresholdResult Standing() const;
  // When nothing more comes. `duration`: of the load, as it was.
  v1::ThresholdResult Final(Nanos duration) const;

  // From the second on in which it failed with `abort_on_fail`.
  bool aborts() const { return aborts_; }

 private:
  // What the windows so far have come to.
  struct Course {
    uint32_t violated = 0;  // the newest ones, in a row
    bool failed = false;
    std::optional<ThresholdValue> worst;  // of those that failed it, else of all

    // Whether it fails with this window.
    bool Judge(const v1::Threshold& threshold, const ThresholdValue& value);
  };

  // Seconds in a row in which nothing selected showed itself. What still came in them is of
  // earlier ones.
  struct Quiet {
    uint32_t seconds = 0;
    Nanos begin = 0;  // of the first
    Evidence late;
  };

  bool windowed() const { return threshold_.over_ns() > 0; }
  uint32_t window_seconds() const { return static_cast<uint32_t>(threshold_.over_ns() / kSecond); }
  void JudgeSoFar();
  // Takes note of a second in which nothing is due, and says whether it is one.
  bool StayedQuiet(Nanos second, const Sums& sums);
  // Judges what was held back: it was due after all.
  void ReleaseQuiet();
  void BeginAnew(Nanos begin, Nanos end);
  // The last window since windows began anew, or what there is of one; nothing when that was
  // judged, or is not to be.
  std::optional<ThresholdValue> LastWindow(Nanos to) const;
  // Whether the aggregate is a count or a rate, of which half a second has half.
  bool counted() const;
  void AddToWindow(EvidenceOfSecond second, Nanos end);
  void Push(EvidenceOfSecond second);
  void JudgeWindow(const ThresholdValue& value);
  // What the windows come to that end with each of so many quiet seconds. `late` came in the first
  // of them, which ends at `first_end`. Merges every second once: from the last window back, each
  // has what the next one has, and more.
  std::vector<ThresholdValue> QuietWindows(const Evidence& late, uint32_t seconds, Nanos first_end);
  ThresholdValue SoFar(Nanos to) const;
  ThresholdValue Value(const Evidence& evidence, Nanos from, Nanos to) const;
  void Abort(const ThresholdValue& value);
  v1::ThresholdResult Result(bool ok, const std::optional<ThresholdValue>& value) const;

  v1::Threshold threshold_;
  Selection selection_;
  size_t span_ = 0;  // of the selection's
  Nanos begin_;      // of it, or since when windows are anew
  Nanos end_;        // of it, or of the load
  Nanos load_end_ = INT64_MAX;
  Quiet quiet_;
  Evidence evidence_;  // of everything; with windows what one is summed up in
  std::deque<EvidenceOfSecond> window_;
  std::optional<EvidenceOfSecond> pending_;  // the newest second, while it may be the last
  Evidence tail_;                            // of the last second and what comes after it
  bool tail_begun_ = false;
  bool judged_ = false;  // a whole window
  Course course_;
  uint32_t seen_ = 0;  // seconds
  bool aborts_ = false;
  ThresholdValue aborted_with_;
};

}  // namespace loadfleet
