#include "common/schedule/piecewise_linear.h"

#include <algorithm>
#include <cmath>

namespace loadfleet {
namespace {

constexpr auto kPerSecond = static_cast<long double>(kSecond);
// A time that is a whole nanosecond must not be missed by a rounding: some times the error of 64
// bits of mantissa.
constexpr long double kRounding = 2e-18L;
// A value counts as whole so far below: its time is then off by a microsecond at one a second.
constexpr long double kNearlyWhole = 1e-6L;

}  // namespace

long double PiecewiseLinear::Piece::AreaOf(Nanos within) const {
  const long double seconds = static_cast<long double>(within) / kPerSecond;
  return (value + slope * seconds / 2) * seconds;
}

void PiecewiseLinear::Append(Nanos duration, long double target) {
  if (duration > 0) {
    const long double slope =
        (target - end_value_) * kPerSecond / static_cast<long double>(duration);
    pieces_.push_back({duration_, duration, end_value_, slope, area_});
    area_ += pieces_.back().AreaOf(duration);
    duration_ += duration;
  }
  end_value_ = target;
}

const PiecewiseLinear::Piece* PiecewiseLinear::PieceAt(Nanos time) const {
  if (time < 0 || time >= duration_) return nullptr;
  return &*std::prev(
      std::upper_bound(pieces_.begin(), pieces_.end(), time,
                       [](Nanos wanted, const Piece& piece) { return wanted < piece.begin; }));
}

long double PiecewiseLinear::At(Nanos time) const {
  const Piece* piece = PieceAt(std::max<Nanos>(0, time));
  if (piece == nullptr) return end_value_;
  return piece->value + piece->slope *
                            static_cast<long double>(std::max<Nanos>(0, time) - piece->begin) /
                            kPerSecond;
}

long double PiecewiseLinear::IntegralTo(Nanos time) const {
  if (time <= 0) return 0;
  const Piece* piece = PieceAt(time);
  return piece == nullptr ? area_ : piece->before + piece->AreaOf(time - piece->begin);
}

Nanos PiecewiseLinear::TimeOfIntegral(long double area) const {
  // The first piece that ends beyond it: a flat one never does.
  const auto piece = std::partition_point(pieces_.begin(), pieces_.end(), [area](const Piece& p) {
    return p.before + p.AreaOf(p.duration) <= area;
  });
  if (piece == pieces_.end()) return duration_;
  const long double rest = area - piece->before;
  const long double root =
      std::sqrt(std::max(0.0L, piece->value * piece->value + 2 * piece->slope * rest));
  const long double divisor = piece->value + root;
  const long double seconds = divisor > 0 ? 2 * rest / divisor : 0;
  const auto within = static_cast<Nanos>(seconds * kPerSecond * (1 + kRounding));
  return piece->begin + std::clamp<Nanos>(within, 0, piece->duration);
}

uint64_t PiecewiseLinear::WholeAt(Nanos time) const {
  return static_cast<uint64_t>(At(time) + kNearlyWhole);
}

Nanos PiecewiseLinear::NextStep(Nanos time) const {
  const Piece* piece = PieceAt(std::max<Nanos>(0, time));
  if (piece == nullptr) return INT64_MAX;
  const Nanos end = piece->begin + piece->duration;
  if (piece->slope == 0) return end;
  const long double value = At(time) + kNearlyWhole;
  const long double whole = std::floor(value);
  const long double way = piece->slope > 0 ? whole + 1 - value : std::max(0.0L, value - whole);
  const auto step = static_cast<Nanos>(way / std::fabs(piece->slope) * kPerSecond) + 1;
  return std::min(end, std::max<Nanos>(0, time) + step);
}

}  // namespace loadfleet
