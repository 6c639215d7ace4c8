#include "common/report/timeline_csv.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(TimelineCsv, HasARowASecond) {
  v1::Report report;
  v1::TimelineSecond& first = *report.add_timeline();
  first.set_intended(10);
  first.set_started(9);
  first.set_completed(7);
  first.set_failed(2);
  first.set_dropped(1);
  v1::Quantiles& times = *first.mutable_response_time();
  times.set_count(10);
  times.mutable_p50()->set_value_us(1'500);
  times.mutable_p90()->set_value_us(2'000'000);
  times.mutable_p90()->set_lower_bound(true);
  times.mutable_p99()->set_value_us(2'000'000);
  times.mutable_p99()->set_lower_bound(true);
  times.mutable_max()->set_value_us(2'000'001);
  report.add_timeline()->set_second(1);
  EXPECT_EQ(*TimelineCsv(report),
            "second,intended,started,completed,failed,dropped,p50_ms,p90_ms,p99_ms,max_ms,"
            "lower_bounds\r\n"
            "0,10,9,7,2,1,1.500,2000.000,2000.000,2000.001,p90 p99\r\n"
            "1,0,0,0,0,0,,,,,\r\n");
}

}  // namespace
}  // namespace loadfleet
