// `loadctl run --once`: one iteration of every flow, each exchange on standard output.
#pragma once

#include "common/clock.h"
#include "common/exit_code.h"
#include "common/plan/compile.h"
#include "loadctl/terminal/interrupts.h"
#include "master/master.h"

namespace loadfleet {

// A plan without problems, on the agent of this process, which has `patience` to register. kPassed:
// every outcome was ok, and every check held. kThresholdFailed: one was not. kAborted: it was
// interrupted, or the agent could not do a flow at all, which it says.
ExitCode DoOnce(Master& master, const CompiledPlan& compiled, Nanos patience,
                const Interrupts& interrupts);

}  // namespace loadfleet
