#include "loadctl/terminal/snapshot_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/loadctl/sample_snapshot.h"

namespace loadfleet {
namespace {

TEST(SnapshotJson, SpeaksTheWordsOfTheSummary) {
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "run": "r-0001", "name": "quickstart", "state": "running",
    "elapsed_s": 15.0, "planned_duration_s": 30.0,
    "requests": {"intended": 75005, "started": 75002, "completed": 74990, "failed": 7, "dropped": 3},
    "in_flight": 12, "oldest_age_ms": 0.9,
    "rate": {"planned": 5000.0, "achieved": 4998.0, "planned_achieved": 4998.0},
    "response_time": {"count": 74990, "p50_ms": 0.31, "p90_ms": 0.7, "p99_ms": 1.2, "max_ms": 4.1,
                      "lower_bounds": []},
    "last_second": {"second": 14, "provisional": true, "completed": 4998, "failed": 1, "dropped": 0,
                    "response_time": {"count": 4998, "p50_ms": 0.3, "p90_ms": 0.0, "p99_ms": 2000.0,
                                      "max_ms": 0.0, "lower_bounds": ["p99_ms"]}},
    "agents": {"up": 2, "total": 3}, "thresholds": [], "notes": []
  })");
  const nlohmann::json actual = nlohmann::json::parse(SnapshotJson(SampleSnapshot()));
  EXPECT_EQ(actual, expected) << nlohmann::json::diff(expected, actual).dump(1);
}

TEST(SnapshotJson, WhatIsNotKnownYetIsNull) {
  const nlohmann::json json = nlohmann::json::parse(SnapshotJson({}));
  EXPECT_TRUE(json["rate"]["planned"].is_null());
  EXPECT_TRUE(json["response_time"]["p99_ms"].is_null());
  EXPECT_TRUE(json["last_second"].is_null());
}

TEST(SnapshotJson, IsOneLineWhateverTheNames) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  snapshot.set_name("a\nb");
  EXPECT_EQ(SnapshotJson(snapshot).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace loadfleet
