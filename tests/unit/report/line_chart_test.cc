#include "common/report/html/line_chart.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;

LineChart ChartOf(std::vector<std::pair<double, double>> points) {
  LineChart chart;
  chart.title = "t";
  chart.x_last = 10;
  chart.y_label = [](double value) { return absl::StrCat("y", value); };
  chart.lines.push_back({"line", 0, false, std::move(points)});
  return chart;
}

TEST(LineChart, RunsFromTheFootToARoundNumberAboveTheHighest) {
  const std::string svg = LineChartSvg(ChartOf({{0, 0}, {10, 93}}));
  EXPECT_THAT(svg, HasSubstr("d=\"M64.0 206.0L732.0 23.7\""));
  for (const char* label : {">y0<", ">y20<", ">y100<"}) EXPECT_THAT(svg, HasSubstr(label));
}

TEST(LineChart, HasAGapWhereThereIsNothing) {
  const std::string svg = LineChartSvg(ChartOf({{0, 10}, {4, std::nan("")}, {5, 10}, {10, 10}}));
  EXPECT_THAT(svg, HasSubstr("d=\"M64.0 10.0M398.0 10.0L732.0 10.0\""));
}

TEST(LineChart, LogarithmicHasADecadeForEachPowerOfTen) {
  LineChart chart = ChartOf({{0, 10}, {5, 100}, {10, 1'000}});
  chart.logarithmic = true;
  const std::string svg = LineChartSvg(chart);
  EXPECT_THAT(svg, HasSubstr("d=\"M64.0 206.0L398.0 108.0L732.0 10.0\""));
  for (const char* label : {">y10<", ">y100<", ">y1000<"}) EXPECT_THAT(svg, HasSubstr(label));
}

TEST(LineChart, OfNothingIsEmptyAndStillAChart) {
  for (const bool logarithmic : {false, true}) {
    LineChart chart = ChartOf({});
    chart.logarithmic = logarithmic;
    EXPECT_THAT(LineChartSvg(chart), HasSubstr("</svg>"));
  }
}

TEST(LineChart, CountsTimeInRoundSteps) {
  std::vector<std::string> labels;
  for (const ChartTick& tick : TimeTicks(95, 10)) labels.push_back(tick.label);
  EXPECT_THAT(labels, testing::ElementsAre("0s", "10s", "20s", "30s", "40s", "50s", "1m", "70s",
                                           "80s", "90s"));
  EXPECT_EQ(TimeTicks(24 * 3600, 12).back().label, "24h");
}

}  // namespace
}  // namespace loadfleet
