// SIGTERM and SIGINT as something to wait for.
#pragma once

namespace loadfleet {

// Made in main before any thread starts: threads inherit that both signals are blocked.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until one arrives; its name ("SIGTERM").
  const char* Wait();

  // From now on either of them ends the process at once with 128 + its number, as shells count:
  // whoever asks a second time does not want to wait for a drain.
  void EndAtNext();
};

}  // namespace loadfleet
