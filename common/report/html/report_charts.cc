#include "common/report/html/report_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/format.h"
#include "common/report/html/line_chart.h"
#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
// More cannot be told apart, and make a long run's report large.
constexpr int kPoints = 600;
constexpr int kTimeTicks = 12;

enum Color { kMain = 0, kOther = 1, kBad = 2, kPlanned = 3, kHigh = 4, kHighest = 5 };

// So many seconds of the timeline are one point.
int SecondsAPoint(const v1::Report& report) {
  return std::max(1, (report.timeline_size() + kPoints - 1) / kPoints);
}

LineChart OverTime(const v1::Report& report, const char* title) {
  LineChart chart;
  chart.title = title;
  const int each = SecondsAPoint(report);
  if (each > 1) {
    absl::StrAppend(&chart.title, ", each point of ", each, " seconds");
  }
  const uint32_t last =
      report.timeline().empty() ? 0 : report.timeline(report.timeline_size() - 1).second();
  chart.x_last = std::max<double>(1, last);
  chart.x_ticks = TimeTicks(chart.x_last, kTimeTicks);
  for (const v1::RunEvent& event : report.events()) {
    const double at = static_cast<double>(event.at_ns()) / kSecond;
    if (at >= 0 && at <= chart.x_last) chart.marks.push_back({at, event.text()});
  }
  return chart;
}

// For each point `of` what lies in timeline()[first, last).
template <typename Of>
ChartLine LineOf(const v1::Report& report, const char* name, Color color, const Of& of) {
  ChartLine line;
  line.name = name;
  line.color = color;
  const int each = SecondsAPoint(report);
  for (int first = 0; first < report.timeline_size(); first += each) {
    const int last = std::min(first + each, report.timeline_size());
    line.points.emplace_back(report.timeline(first).second(), of(first, last));
  }
  return line;
}

using Counter = uint64_t (v1::TimelineSecond::*)() const;

ChartLine MeanOf(const v1::Report& report, const char* name, Color color, Counter counter) {
  return LineOf(report, name, color, [&](int first, int last) {
    double sum = 0;
    for (int i = first; i < last; ++i) {
      sum += static_cast<double>((report.timeline(i).*counter)());
    }
    return sum / (last - first);
  });
}

using QuantileOf = const v1::Quantile& (v1::Quantiles::*)() const;

ChartLine HighestOf(const v1::Report& report, const char* name, Color color, QuantileOf quantile) {
  return LineOf(report, name, color, [&](int first, int last) {
    double highest = kGap;
    for (int i = first; i < last; ++i) {
      const v1::Quantiles& times = report.timeline(i).response_time();
      if (times.count() > 0) highest = std::fmax(highest, (times.*quantile)().value_us());
    }
    return highest;
  });
}

// The quantile 1 - 10^-x for x from 0 to what so many samples can show.
void AddPercentiles(const char* name, Color color, const Histogram& observed,
                    const Histogram& censored, LineChart* chart) {
  constexpr double kStep = 0.02;
  const uint64_t count = observed.TotalCount() + censored.TotalCount();
  if (count == 0) return;
  const double end = std::max(1.0, std::log10(static_cast<double>(count)));
  std::vector<double> quantiles;
  for (double x = 0; x < end; x += kStep) quantiles.push_back(1 - std::pow(10, -x));
  const std::vector<QuantileValue> values = QuantilesOf(observed, censored, quantiles);
  ChartLine known{name, color, false, {}};
  ChartLine above{"", color, true, {}};
  for (size_t i = 0; i < values.size(); ++i) {
    ChartLine& line = values[i].lower_bound ? above : known;
    if (values[i].lower_bound && above.points.empty() && !known.points.empty()) {
      above.points.push_back(known.points.back());
    }
    line.points.emplace_back(static_cast<double>(i) * kStep, values[i].micros);
  }
  if (!above.points.empty()) above.name = absl::StrCat(name, ", at least");
  chart->x_last = std::max(chart->x_last, end);
  chart->lines.push_back(std::move(known));
  if (!above.points.empty()) chart->lines.push_back(std::move(above));
}

}  // namespace

std::string RateChart(const v1::Report& report) {
  LineChart chart = OverTime(report, "Requests a second");
  chart.y_label = [](double value) {
    return value < 1'000 ? absl::StrFormat("%g", value) : FormatRate(value);
  };
  // Of flows with many steps these are iterations.
  const bool many = report.total().requests().started() != report.total().arrivals().started();
  chart.lines.push_back(MeanOf(report, many ? "iterations intended" : "intended", kPlanned,
                               &v1::TimelineSecond::intended));
  chart.lines.back().dashed = true;
  chart.lines.push_back(MeanOf(report, "completed", kMain, &v1::TimelineSecond::completed));
  chart.lines.push_back(MeanOf(report, "failed", kBad, &v1::TimelineSecond::failed));
  chart.lines.push_back(MeanOf(report, "dropped", kHigh, &v1::TimelineSecond::dropped));
  return LineChartSvg(chart);
}

std::string ResponseTimeChart(const v1::Report& report) {
  LineChart chart = OverTime(report, "Response time of each second");
  if (SecondsAPoint(report) > 1) absl::StrAppend(&chart.title, ": the highest");
  chart.logarithmic = true;
  chart.y_label = FormatMicros;
  chart.lines.push_back(HighestOf(report, "maximum", kHighest, &v1::Quantiles::max));
  chart.lines.push_back(HighestOf(report, "p99", kHigh, &v1::Quantiles::p99));
  chart.lines.push_back(HighestOf(report, "p90", kOther, &v1::Quantiles::p90));
  chart.lines.push_back(HighestOf(report, "p50", kMain, &v1::Quantiles::p50));
  return LineChartSvg(chart);
}

std::string PercentileChart(const Measured& total) {
  LineChart chart;
  chart.title = "Response time and service time by percentile";
  chart.logarithmic = true;
  chart.y_label = FormatMicros;
  AddPercentiles("response time", kMain, total.stats.response_time,
                 total.stats.response_time_censored, &chart);
  AddPercentiles("service time", kOther, total.stats.service_time, Histogram(), &chart);
  static constexpr const char* kLabels[] = {"0%",     "90%",     "99%",      "99.9%",
                                            "99.99%", "99.999%", "99.9999%", "99.99999%"};
  for (size_t i = 0; i < std::size(kLabels) && static_cast<double>(i) <= chart.x_last; ++i) {
    chart.x_ticks.push_back({static_cast<double>(i), kLabels[i]});
  }
  return LineChartSvg(chart);
}

}  // namespace loadfleet
