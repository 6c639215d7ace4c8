// A chart of lines as SVG: no script, so that it prints, and opens anywhere and for ever.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace loadfleet {

struct ChartLine {
  std::string name;
  int color = 0;                                  // class c0..c5 of the page's style
  bool dashed = false;                            // planned, or known only to be above
  std::vector<std::pair<double, double>> points;  // x ascending; a y that is not finite is a gap
};

struct ChartTick {
  double at = 0;
  std::string label;
};

struct LineChart {
  std::string title;
  std::vector<ChartLine> lines;
  std::vector<ChartTick> x_ticks;  // their first and last are not the chart's edges
  std::vector<ChartTick> marks;    // things that happened: a line from top to bottom, with a word
  double x_first = 0;
  double x_last = 1;
  bool logarithmic = false;  // in y; what is not above 0 is drawn at the foot
  std::function<std::string(double)> y_label;
};

// A <figure> with its caption and legend. Names are escaped here.
std::string LineChartSvg(const LineChart& chart);

// At most `most` round numbers of seconds from 0 to `last`, as "10s", "2m", "1h".
std::vector<ChartTick> TimeTicks(double last, int most);

}  // namespace loadfleet
