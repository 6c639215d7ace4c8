#include "tests/integration/summary.h"

#include <fstream>

#include <gtest/gtest.h>

namespace loadfleet {

using nlohmann::json;

json ReadSummary(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    ADD_FAILURE() << path << " was not written";
    return json::object();
  }
  json summary = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!summary.is_object()) {
    ADD_FAILURE() << path << " does not hold a JSON object";
    return json::object();
  }
  return summary;
}

int64_t SumOfValues(const json& counts) {
  int64_t sum = 0;
  for (const json& count : counts) sum += count.get<int64_t>();
  return sum;
}

void ExpectAccountedFor(const json& summary) {
  SCOPED_TRACE(summary.dump(2));
  const json& requests = summary.at("requests");
  const json& iterations = summary.at("iterations");
  EXPECT_EQ(iterations.at("intended"),
            iterations.at("started").get<int64_t>() + iterations.at("dropped").get<int64_t>());
  EXPECT_EQ(iterations.at("started"), iterations.at("completed").get<int64_t>() +
                                          iterations.at("failed").get<int64_t>() +
                                          iterations.at("interrupted").get<int64_t>());
  EXPECT_EQ(requests.at("started"), SumOfValues(summary.at("outcomes")));
  EXPECT_EQ(requests.at("completed"), SumOfValues(summary.at("status")));

  for (const char* counter : {"intended", "started", "completed", "failed", "dropped"}) {
    int64_t of_agents = 0;
    for (const json& agent : summary.at("agents")) {
      of_agents += agent.at("requests").at(counter).get<int64_t>();
    }
    EXPECT_EQ(requests.at(counter), of_agents) << counter << " over the agents";
  }
  for (const char* counter : {"started", "completed", "failed"}) {
    int64_t by_name = 0;
    for (const json& request : summary.at("requests_by_name")) {
      by_name += request.at("requests").at(counter).get<int64_t>();
    }
    EXPECT_EQ(requests.at(counter), by_name) << counter << " over the requests' names";
  }
}

}  // namespace loadfleet
