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
    : threshold_(threshold),
      selection_(plan, threshold),
      begin_(selection_.spans().front().begin),
      end_(windowed() ? selection_.spans().front().end : selection_.spans().back().end) {}

bool ThresholdWatch::counted() const {
  return threshold_.aggregate() == v1::THRESHOLD_COUNT ||
         threshold_.aggregate() == v1::THRESHOLD_PER_SECOND;
}

void ThresholdWatch::AddSecond(uint32_t second, const Sums& sums) {
  seen_ = second + 1;
  const Nanos begin = second * kSecond;
  if (!windowed()) {
    selection_.Collect(sums, &evidence_);
    StayedQuiet(begin, sums);
    JudgeSoFar();
    return;
  }
  const std::vector<Span>& spans = selection_.spans();
  while (span_ + 1 < spans.size() &&
         spans[span_ + 1].begin < std::min(begin + kSecond, load_end_)) {
    ++span_;
    BeginAnew(spans[span_].begin, std::min(spans[span_].end, load_end_));
  }
  if (begin + kSecond <= begin_ || StayedQuiet(begin, sums)) return;
  // Of a second that is not wholly selected a count has only a part.
  if (threshold_.aggregate() == v1::THRESHOLD_COUNT && begin < begin_) return;
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

bool ThresholdWatch::StayedQuiet(Nanos second, const Sums& sums) {
  const std::optional<Nanos> since = selection_.DueSince(second, sums);
  if (since) {
    if (quiet_.seconds == 0) return false;
    if (*since > quiet_.begin) {
      BeginAnew(std::max(*since, second), end_);
    } else {
      ReleaseQuiet();
    }
    return false;
  }
  if (quiet_.seconds == 0 && (second < begin_ || second >= end_)) return false;
  if (quiet_.seconds++ == 0) quiet_.begin = second;
  if (windowed()) selection_.Collect(sums, &quiet_.late);
  return true;
}

void ThresholdWatch::ReleaseQuiet() {
  Quiet quiet = std::exchange(quiet_, Quiet());
  if (!windowed()) return;
  if (pending_) AddToWindow(*std::exchange(pending_, std::nullopt), quiet.begin);
  // When all of a window is quiet, and has been for long enough, more of it is no news.
  const auto news = static_cast<uint32_t>(1 + window_seconds() + threshold_.for_ns() / kSecond);
  const uint32_t seconds = std::min(quiet.seconds, news);
  const Nanos end = quiet.begin + quiet.seconds * kSecond;
  const std::vector<ThresholdValue> values =
      QuietWindows(quiet.late, seconds, end - (seconds - 1) * kSecond);
  EvidenceOfSecond second = Packed(quiet.late);
  for (const ThresholdValue& value : values) {
    Push(std::exchange(second, EvidenceOfSecond()));
    if (window_.size() == window_seconds()) JudgeWindow(value);
  }
}

std::vector<ThresholdValue> ThresholdWatch::QuietWindows(const Evidence& late, uint32_t seconds,
                                                         Nanos first_end) {
  const size_t whole = window_seconds();
  std::vector<ThresholdValue> values(seconds);
  size_t merged = window_.size();  // from there on, of what came before the silence
  evidence_.Clear();
  for (size_t quiet = seconds; quiet > 0; --quiet) {
    if (quiet == std::min<size_t>(seconds, whole)) evidence_.Merge(late);
    const size_t in_window = window_.size() + quiet - std::min(whole, window_.size() + quiet);
    while (merged > in_window) MergePacked(window_[--merged], &evidence_);
    const Nanos end = first_end + static_cast<Nanos>(quiet - 1) * kSecond;
    values[quiet - 1] = Value(evidence_, end - threshold_.over_ns(), end);
  }
  return values;
}

void ThresholdWatch::BeginAnew(Nanos begin, Nanos end) {
  if (windowed()) {
    if (const std::optional<ThresholdValue> last = LastWindow(end_)) {
      judged_ = true;
      if (course_.Judge(threshold_, *last) && threshold_.abort_on_fail()) Abort(*last);
    }
    course_.violated = 0;
    window_.clear();
    pending_.reset();
    tail_.Clear();
    tail_begun_ = false;
    begin_ = begin;
    end_ = end;
  }
  quiet_ = Quiet();
}

void ThresholdWatch::AddLate(const Sums& sums) {
  if (!windowed()) selection_.Collect(sums, &evidence_);
}

void ThresholdWatch::JudgeSoFar() {
  if (!threshold_.abort_on_fail()) return;
  const ThresholdValue value = SoFar(seen_ * kSecond);
  if (value.no_data || Holds(threshold_, value) || MayComeRight(threshold_, value)) return;
  Abort(value);
}

// Without windows.
ThresholdValue ThresholdWatch::SoFar(Nanos to) const {
  return Value(evidence_, begin_, quiet_.seconds > 0 ? std::min(to, quiet_.begin) : to);
}

void ThresholdWatch::AddToWindow(EvidenceOfSecond second, Nanos end) {
  Push(std::move(second));
  if (window_.size() < window_seconds()) return;
  evidence_.Clear();
  for (const EvidenceOfSecond& one : window_) MergePacked(one, &evidence_);
  JudgeWindow(Value(evidence_, end - threshold_.over_ns(), end));
}

void ThresholdWatch::Push(EvidenceOfSecond second) {
  window_.push_back(std::move(second));
  if (window_.size() > window_seconds()) window_.pop_front();
}

void ThresholdWatch::JudgeWindow(const ThresholdValue& value) {
  judged_ = true;
  if (course_.Judge(threshold_, value) && threshold_.abort_on_fail()) Abort(value);
}

std::optional<ThresholdValue> ThresholdWatch::LastWindow(Nanos to) const {
  const bool count = threshold_.aggregate() == v1::THRESHOLD_COUNT;
  const bool ended_early = quiet_.seconds > 0;
  const bool part = ended_early || end_ % kSecond != 0 || end_ - begin_ < threshold_.over_ns();
  const bool any = tail_begun_ || !quiet_.late.empty();
  if (judged_ && (!any || (count && part))) return std::nullopt;
  to = std::min(to, end_);
  // What ended early did so within the second that is pending: a rate is of those before, if any.
  const bool partial = ended_early && pending_ && !count && !window_.empty();
  if (ended_early) to = std::min(to, quiet_.begin - (partial ? kSecond : 0));
  Evidence last;
  last.Merge(tail_);
  last.Merge(quiet_.late);
  const bool pending = pending_.has_value() && !partial;
  if (pending) MergePacked(*pending_, &last);
  const size_t before = window_seconds() - (tail_begun_ || pending ? 1 : 0);
  const size_t kept = std::min(before, window_.size());
  std::for_each(window_.end() - static_cast<std::ptrdiff_t>(kept), window_.end(),
                [&last](const EvidenceOfSecond& second) { MergePacked(second, &last); });
  const Nanos seconds = (to + kSecond - 1) / kSecond;
  return Value(last, seconds * kSecond - threshold_.over_ns(), to);
}

// What lies outside of the selection is no part of the span.
ThresholdValue ThresholdWatch::Value(const Evidence& evidence, Nanos from, Nanos to) const {
  return ValueOf(threshold_, evidence, std::min(to, end_) - std::max(from, begin_));
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
  const ThresholdValue value = SoFar(seen_ * kSecond);
  return Result(value.no_data || Holds(threshold_, value) || MayComeRight(threshold_, value),
                value);
}

v1::ThresholdResult ThresholdWatch::Final(Nanos duration) const {
  if (aborts_) return Result(false, aborted_with_);
  if (!windowed()) {
    const ThresholdValue value = SoFar(duration);
    return Result(Holds(threshold_, value), value);
  }
  Course course = course_;
  if (const std::optional<ThresholdValue> last = LastWindow(duration)) {
    course.Judge(threshold_, *last);
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
