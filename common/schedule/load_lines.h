// A scenario's load as straight lines, and how high several loads are together.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Values are arrivals a second in an open model, VUs in a closed one.
struct LoadLine {
  std::string name;  // of the stage; empty: it has none
  Nanos begin = 0;   // since the common start
  Nanos end = 0;     // as begin: a jump
  double from = 0;
  double to = 0;
};

// One after the other.
std::vector<LoadLine> LinesOf(const v1::Scenario& scenario);

// Loads that are added up, each times its weight. Immutable; borrows the lines.
class SumOfLines {
 public:
  struct Part {
    const std::vector<LoadLine>* lines;
    double weight = 1;
  };

  explicit SumOfLines(std::vector<Part> parts);

  // Just before a moment and just after it are different where a line jumps: both count, but at the
  // edges, where only what lies within does.
  double HighestIn(Nanos begin, Nanos end) const;

 private:
  enum class Side { kBefore, kAfter };
  static double ValueOf(const std::vector<LoadLine>& lines, Nanos time, Side side);
  double At(Nanos time, Side side) const;

  const std::vector<Part> parts_;
  std::vector<Nanos> ends_;  // where a line begins or ends, ascending
};

}  // namespace loadfleet
