// Where a run's snapshots go while it lasts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "common/clock.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Not thread-safe.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Show(const v1::RunSnapshot& snapshot) = 0;
  // A sentence that stays.
  virtual void Say(const std::string& sentence) = 0;
  // Nothing more will come: what was only of the moment is taken away.
  virtual void Close() {}
};

// Redraws one block in place. `columns` gives the terminal's width, asked each time: windows are
// resized.
std::unique_ptr<Progress> RedrawnProgress(std::ostream& terminal, std::function<size_t()> columns);

// A line when the run's state changes, and every five seconds. For logs.
std::unique_ptr<Progress> LineProgress(std::ostream& out, const Clock& clock);

// Every snapshot as a JSON object on a line of `out`, flushed; sentences to `messages`.
std::unique_ptr<Progress> JsonProgress(std::ostream& out, std::ostream& messages);

// Sentences only.
std::unique_ptr<Progress> QuietProgress(std::ostream& messages);

}  // namespace loadfleet
