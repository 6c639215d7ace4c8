// A run from its submission to its report, with a person who may press Ctrl-C on the way.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "loadctl/client/api_client.h"
#include "loadctl/terminal/interrupts.h"
#include "loadctl/terminal/progress.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// What Ctrl-C means. SIGTERM never asks. Once the run was told to stop, the next one leaves at
// once.
enum class OnInterrupt {
  kStop,   // tell the run to stop and wait for its report
  kAsk,    // ask on the terminal: detach or stop
  kLeave,  // the run is somebody else's: stop watching
};

// Blocks until the run `run_id` (empty: the newest) has ended, and returns its report.
// ABORTED: left before that, as a sentence; the run goes on, or was told to stop.  UNAVAILABLE: the
// master went away.  NOT_FOUND: no such run.
absl::StatusOr<v1::Report> FollowRun(ApiClient& client, const std::string& run_id,
                                     OnInterrupt on_interrupt, const Interrupts& interrupts,
                                     Progress& progress);

// Submits, and submits again for a while as long as there are too few agents: for a fleet that is
// just coming up. Empty problems in the reply mean that the run exists.
// ABORTED: interrupted.  Otherwise what Submit says.
absl::StatusOr<v1::SubmitReply> SubmitWhenReady(ApiClient& client, const v1::PlanSource& source,
                                                Nanos patience, const Interrupts& interrupts,
                                                const Clock& clock);

}  // namespace loadfleet
