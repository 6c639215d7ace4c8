// A plan's outline as `loadctl explain` prints it.
#pragma once

#include <string>

#include "loadctl/explain/curve_plot.h"
#include "loadctl/explain/plan_outline.h"

namespace loadfleet {

// No line is wider than 80 columns. Of many agents the first few are listed.
std::string OutlineText(const PlanOutline& outline, PlotStyle style);

}  // namespace loadfleet
