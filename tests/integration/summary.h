// The JSON summary of a run, and what holds for every one of them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace loadfleet {

// The summary in a file that `--out` wrote. Fails the test and gives an empty object when there is
// none.
nlohmann::json ReadSummary(const std::string& path);

// Expects that every arrival and every request of this summary is accounted for, once: over all,
// per request and per agent.
void ExpectAccountedFor(const nlohmann::json& summary);

// The sum of the values of an object such as `outcomes`.
int64_t SumOfValues(const nlohmann::json& counts);

}  // namespace loadfleet
