#include "common/report/html/line_chart.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/html/html_text.h"

namespace loadfleet {
namespace {

// Of the drawing, in the units of its viewBox.
constexpr double kWidth = 760;
constexpr double kHeight = 230;
constexpr double kLeft = 64;  // room for the labels of y
constexpr double kRight = 28;
constexpr double kTop = 10;
constexpr double kBottom = 24;
constexpr int kYTicks = 5;

// The next of 1, 2, 5, 10, ... times a power of ten.
double RoundUp(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

// Where values of a chart are in its drawing.
class Scale {
 public:
  explicit Scale(const LineChart& chart) : chart_(chart) {
    double lowest = INFINITY;
    double highest = 0;
    for (const ChartLine& line : chart.lines) {
      for (const auto& [x, y] : line.points) {
        if (!std::isfinite(y)) continue;
        highest = std::max(highest, y);
        if (y > 0) lowest = std::min(lowest, y);
      }
    }
    if (highest == 0) highest = 1;
    if (chart.logarithmic) {
      low_ = std::pow(10, std::floor(std::log10(std::min(lowest, highest))));
      high_ = std::max(RoundUp(highest), 10 * low_);
    } else {
      step_ = RoundUp(highest / kYTicks);
      high_ = step_ * std::ceil(highest / step_ - 1e-9);
    }
  }

  double X(double x) const {
    const double share = (x - chart_.x_first) / (chart_.x_last - chart_.x_first);
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  double Y(double y) const {
    double share = y / high_;
    if (chart_.logarithmic) {
      share = std::log10(std::max(y, low_) / low_) / std::log10(high_ / low_);
    }
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }

  std::vector<double> Ticks() const {
    std::vector<double> ticks;
    if (chart_.logarithmic) {
      for (double tick = low_; tick <= high_ * 1.001; tick *= 10) ticks.push_back(tick);
    } else {
      for (int i = 0; i * step_ <= high_ * 1.001; ++i) ticks.push_back(i * step_);
    }
    return ticks;
  }

 private:
  const LineChart& chart_;
  double low_ = 0;
  double high_ = 1;
  double step_ = 1;
};

void AppendGrid(const LineChart& chart, const Scale& scale, std::string* out) {
  for (const double tick : scale.Ticks()) {
    absl::StrAppendFormat(out,
                          "<line class=\"grid\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>"
                          "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                          kLeft, kWidth - kRight, scale.Y(tick), scale.Y(tick), kLeft - 6,
                          scale.Y(tick) + 4, HtmlText(chart.y_label(tick)));
  }
  for (const ChartTick& tick : chart.x_ticks) {
    absl::StrAppendFormat(out,
                          "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\"/>"
                          "<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n",
                          scale.X(tick.at), scale.X(tick.at), kTop, kHeight - kBottom,
                          scale.X(tick.at), kHeight - 6, HtmlText(tick.label));
  }
}

void AppendMarks(const LineChart& chart, const Scale& scale, std::string* out) {
  for (const ChartTick& mark : chart.marks) {
    absl::StrAppendFormat(out,
                          "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\">"
                          "<title>%s</title></line>\n",
                          scale.X(mark.at), scale.X(mark.at), kTop, kHeight - kBottom,
                          HtmlText(mark.label));
  }
}

void AppendLine(const ChartLine& line, const Scale& scale, std::string* out) {
  std::string path;
  bool down = false;  // the pen
  for (const auto& [x, y] : line.points) {
    if (std::isfinite(y)) {
      absl::StrAppendFormat(&path, "%c%.1f %.1f", down ? 'L' : 'M', scale.X(x), scale.Y(y));
    }
    down = std::isfinite(y);
  }
  if (path.empty()) return;
  absl::StrAppend(out, "<path class=\"line c", line.color, line.dashed ? " dashed" : "", "\" d=\"",
                  path, "\"/>\n");
}

}  // namespace

std::string LineChartSvg(const LineChart& chart) {
  const Scale scale(chart);
  std::string out = absl::StrCat("<figure><figcaption>", HtmlText(chart.title), "</figcaption>\n");
  absl::StrAppendFormat(&out, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\">\n",
                        kWidth, kHeight, HtmlText(chart.title));
  AppendGrid(chart, scale, &out);
  AppendMarks(chart, scale, &out);
  for (const ChartLine& line : chart.lines) AppendLine(line, scale, &out);
  absl::StrAppend(&out, "</svg>\n<p class=\"legend\">");
  for (const ChartLine& line : chart.lines) {
    if (line.name.empty()) continue;
    absl::StrAppend(&out, "<span class=\"key c", line.color, line.dashed ? " dashed" : "",
                    "\"></span>", HtmlText(line.name), " ");
  }
  absl::StrAppend(&out, "</p></figure>\n");
  return out;
}

std::vector<ChartTick> TimeTicks(double last, int most) {
  static constexpr double kSteps[] = {1,    2,    5,    10,    30,    60,    120,    300,   600,
                                      1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800};
  double step = kSteps[0];
  for (const double candidate : kSteps) {
    step = candidate;
    if (last / candidate <= most) break;
  }
  std::vector<ChartTick> ticks;
  for (double at = 0; at <= last; at += step) {
    const auto seconds = static_cast<int64_t>(at);
    const std::string label = seconds % 3600 == 0 && seconds > 0 ? absl::StrCat(seconds / 3600, "h")
                              : seconds % 60 == 0 && seconds > 0 ? absl::StrCat(seconds / 60, "m")
                                                                 : absl::StrCat(seconds, "s");
    ticks.push_back({at, label});
  }
  return ticks;
}

}  // namespace loadfleet
