// A RunSnapshot as text: what a person sees while a run goes on. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// The block that a terminal redraws in place: progress bar and time, rate, response time, requests,
// agents, notes. No line is wider than `columns`; nothing in it can control a terminal.
std::vector<std::string> LiveLines(const v1::RunSnapshot& snapshot, size_t columns);

// The same on one line, for a log file.
std::string LogLine(const v1::RunSnapshot& snapshot);

// "[=====>     ]", `columns` wide. A share beyond 0..1 counts as its nearer end.
std::string ProgressBar(double share, size_t columns);

}  // namespace loadfleet
