#include "master/results/thresholds/threshold_watch.h"

#include <algorithm>
#include <utility>

namespace loadfleet {
namespace {

// A count of everything so far only grows.
bool MayComeRight(const v1::Threshold& threshold, const ThresholdValue& value) {
  if (threshold.aggregate() != v1::THRESHOLD_COUNT) return false;
  switch (threshold.comparison()) {
    case v1::COMPARISON_GREATER:
    case v1::COMPARISON_GREATER_OR_EQUAL:
    case v1::COMPARISON_NOT_EQUAL:
      return true;
    case v1::COMPARISON_EQUAL:
      return value.value < threshold.limit();
    default:
      return false;
  }
}

}  // namespace

ThresholdWatch::ThresholdWatch(const v1::Plan& plan, const v1::Threshold& threshold)
    : threshold_(threshold), selection_(plan, threshold), end_(selection_.end()) {}

bool ThresholdWatch::counted() const {
  return threshold_.aggregate() == v1::THRESHOLD_COUNT ||
         threshold_.aggregate() == v1::THRESHOLD_PER_SECOND;
}

void ThresholdWatch::AddSecond(uint32_t second, const Sums& sums) {
  seen_ = second + 1;
  if (!windowed()) {
    selection_.Collect(sums, &evidence_);
    JudgeSoFar();
    return;
  }
  const Nanos begin = second * kSecond;
  if (begin + kSecond <= selection_.begin()) return;
  // Of a second that is not wholly selected a count has only a part.
  if (threshold_.aggregate() == v1::THRESHOLD_COUNT && begin < selection_.begin()) return;
  Evidence now;
  selection_.Collect(sums, &now);
  if (pending_) AddToWindow(*std::exchange(pending_, std::nullopt), begin);
  if (begin + kSecond >= end_) {
    tail_.Merge(now);
    tail_begun_ = true;
  } else if (counted()) {
    pending_ = Packed(now);
  } else {
    AddToWindow(Packed(now), begin + kSecond);
  }
}

void ThresholdWatch::AddLate(const Sums& sums) {
  if (!windowed()) selection_.Collect(sums, &evidence_);
}

void ThresholdWatch::JudgeSoFar() {
  if (!threshold_.abort_on_fail()) return;
  const ThresholdValue value = Value(evidence_, selection_.begin(), seen_ * kSecond);
  if (value.no_data || Holds(threshold_, value) || MayComeRight(threshold_, value)) return;
  Abort(value);
}

void ThresholdWatch::AddToWindow(EvidenceOfSecond second, Nanos end) {
  window_.push_back(std::move(second));
  if (window_.size() > window_seconds()) window_.pop_front();
  if (window_.size() < window_seconds()) return;
  judged_ = true;
  evidence_.Clear();
  for (const EvidenceOfSecond& one : window_) MergePacked(one, &evidence_);
  const ThresholdValue value = Value(evidence_, end - threshold_.over_ns(), end);
  if (course_.Judge(threshold_, value) && threshold_.abort_on_fail()) Abort(value);
}

// What lies outside of the selection is no part of the span.
ThresholdValue ThresholdWatch::Value(const Evidence& evidence, Nanos from, Nanos to) const {
  const Nanos span = std::min(to, end_) - std::max(from, selection_.begin());
  return ValueOf(threshold_, evidence, span);
}

void ThresholdWatch::Abort(const ThresholdValue& value) {
  if (aborts_ || seen_ * kSecond < threshold_.delay_abort_eval_ns()) return;
  aborts_ = true;
  aborted_with_ = value;
}

bool ThresholdWatch::Course::Judge(const v1::Threshold& threshold, const ThresholdValue& value) {
  violated = Holds(threshold, value) ? 0 : violated + 1;
  const auto enough = static_cast<uint32_t>(std::max<Nanos>(1, threshold.for_ns() / kSecond));
  const bool fails = violated >= enough;
  const bool first = fails && !failed;
  failed = failed || fails;
  if (first) worst = value;
  if (fails == failed && (fails || !value.no_data) && (!worst || Worse(threshold, value, *worst))) {
    worst = value;
  }
  return fails;
}

v1::ThresholdResult ThresholdWatch::Standing() const {
  if (aborts_) return Result(false, aborted_with_);
  if (windowed()) return Result(!course_.failed, course_.worst);
  const ThresholdValue value = Value(evidence_, selection_.begin(), seen_ * kSecond);
  return Result(value.no_data || Holds(threshold_, value) || MayComeRight(threshold_, value),
                value);
}

v1::ThresholdResult ThresholdWatch::Final(Nanos duration) const {
  if (aborts_) return Result(false, aborted_with_);
  if (!windowed()) {
    const ThresholdValue value = Value(evidence_, selection_.begin(), duration);
    return Result(Holds(threshold_, value), value);
  }
  Course course = course_;
  const bool broken =
      judged_ && threshold_.aggregate() == v1::THRESHOLD_COUNT && end_ % kSecond != 0;
  if ((tail_begun_ && !broken) || !judged_) {
    Evidence last;
    last.Merge(tail_);
    if (pending_) MergePacked(*pending_, &last);
    const size_t before = window_seconds() - (tail_begun_ || pending_ ? 1 : 0);
    const size_t kept = std::min(before, window_.size());
    std::for_each(window_.end() - static_cast<std::ptrdiff_t>(kept), window_.end(),
                  [&last](const EvidenceOfSecond& second) { MergePacked(second, &last); });
    const Nanos to = std::min(end_, duration);
    const Nanos seconds = (to + kSecond - 1) / kSecond;
    course.Judge(threshold_, Value(last, seconds * kSecond - threshold_.over_ns(), to));
  }
  return Result(!course.failed, course.worst);
}

v1::ThresholdResult ThresholdWatch::Result(bool ok,
                                           const std::optional<ThresholdValue>& value) const {
  v1::ThresholdResult result;
  result.set_metric(threshold_.metric());
  result.set_expr(threshold_.expr());
  result.set_ok(ok);
  result.set_no_data(!value || value->no_data);
  if (!result.no_data()) {
    result.set_value(value->value);
    result.set_lower_bound(value->lower_bound);
  }
  result.set_limit(threshold_.limit());
  result.set_unit(threshold_.unit());
  result.set_aborted(aborts_);
  return result;
}

}  // namespace loadfleet
