#include "master/web/exporter.h"

#include <gmock/gmock.h>

#include "common/web/metrics.h"
#include "tests/unit/web/sample_cluster.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExporterTest : public testing::Test {
 protected:
  const std::string page_ = MetricsPage(ClusterMetrics(SampleCluster())).body;
};

TEST_F(ExporterTest, CountsAgentsByHealthAlsoWhereThereAreNone) {
  EXPECT_THAT(page_, HasSubstr("loadfleet_agents{health=\"up\"} 1\n"));
  EXPECT_THAT(page_, HasSubstr("loadfleet_agents{health=\"suspect\"} 0\n"));
  EXPECT_THAT(page_, HasSubstr("loadfleet_agents{health=\"lost\"} 1\n"));
  EXPECT_THAT(page_, HasSubstr("loadfleet_agent_up{agent=\"agent-2\"} 0\n"));
}

TEST_F(ExporterTest, GivesTimesInSeconds) {
  EXPECT_THAT(page_, HasSubstr("loadfleet_agent_heartbeat_age_seconds{agent=\"agent-1\"} 0.25\n"));
}

TEST_F(ExporterTest, LeavesOutAnOffsetThatIsNotMeasured) {
  EXPECT_THAT(page_, HasSubstr("loadfleet_agent_clock_offset_bound_seconds{agent=\"agent-1\"}"));
  EXPECT_THAT(page_,
              Not(HasSubstr("loadfleet_agent_clock_offset_bound_seconds{agent=\"agent-2\"}")));
}

TEST_F(ExporterTest, ShowsTheStateOfARunAsOneOfAll) {
  EXPECT_THAT(page_, HasSubstr("loadfleet_run_state{run=\"r1\",state=\"running\"} 1\n"));
  EXPECT_THAT(page_, HasSubstr("loadfleet_run_state{run=\"r1\",state=\"ended\"} 0\n"));
}

TEST_F(ExporterTest, TellsOutcomesApartByWhoseDoingTheyWere) {
  const std::string labels = "{run=\"r1\",scenario=\"main\",request=\"ping\",outcome=";
  EXPECT_THAT(page_, HasSubstr(labels + "\"ok\",class=\"ok\"} 2\n"));
  EXPECT_THAT(page_, HasSubstr(labels + "\"bad_status\",class=\"target\"} 1\n"));
  EXPECT_THAT(page_, HasSubstr(labels + "\"interrupted\",class=\"generator\"} 1\n"));
  EXPECT_THAT(page_, Not(HasSubstr("outcome=\"tls\"")));
}

TEST_F(ExporterTest, CountsIterationsByTheirEndAndChecksByTheirResult) {
  const std::string ended = "loadfleet_iterations_ended_total{run=\"r1\",scenario=\"main\",ending=";
  EXPECT_THAT(page_, HasSubstr(ended + "\"completed\"} 4\n"));
  EXPECT_THAT(page_, HasSubstr(ended + "\"failed\"} 2\n"));
  EXPECT_THAT(page_, HasSubstr(ended + "\"interrupted\"} 1\n"));
  const std::string checks =
      "loadfleet_checks_total{run=\"r1\",scenario=\"main\",request=\"ping\",result=";
  EXPECT_THAT(page_, HasSubstr(checks + "\"passed\"} 5\n"));
  EXPECT_THAT(page_, HasSubstr(checks + "\"failed\"} 1\n"));
}

TEST_F(ExporterTest, PutsArrivalsWithoutAResponseAboveEveryEdge) {
  const std::string series =
      "loadfleet_response_time_seconds_bucket{run=\"r1\",scenario=\"main\","
      "request=\"ping\",le=";
  EXPECT_THAT(page_, HasSubstr(series + "\"0.0001\"} 1\n"));
  EXPECT_THAT(page_, HasSubstr(series + "\"0.0025\"} 2\n"));
  EXPECT_THAT(page_, HasSubstr(series + "\"60\"} 2\n"));
  EXPECT_THAT(page_, HasSubstr(series + "\"+Inf\"} 4\n"));
}

TEST_F(ExporterTest, EscapesNamesThatCameFromAPlan) {
  EXPECT_THAT(page_, HasSubstr("loadfleet_run_info{run=\"r1\",name=\"quick\\\"start\"} 1\n"));
}

TEST(LatencyBuckets, AddUpOverSeveralHistograms) {
  LatencyBuckets buckets;
  Histogram first;
  first.Record(100);  // the edge itself is inclusive
  first.Record(101);
  Histogram second;
  second.RecordMany(400, 3);
  buckets.AddObserved(first);
  buckets.AddObserved(second);
  EXPECT_EQ(buckets.at_or_below[0], 1u);
  EXPECT_EQ(buckets.at_or_below[1], 2u);
  EXPECT_EQ(buckets.at_or_below[2], 5u);
  EXPECT_EQ(buckets.at_or_below.back(), 5u);
  EXPECT_EQ(buckets.count, 5u);
  EXPECT_EQ(buckets.sum_us, 1401u);
}

}  // namespace
}  // namespace loadfleet
