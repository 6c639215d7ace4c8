// A child process of a test: what it prints is captured, its end is awaited as an event, and it
// does not outlive the test.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace loadfleet {

struct Command {
  std::vector<std::string> words;                  // the program's path and its arguments
  std::map<std::string, std::string> environment;  // added to the test's own
};

// Used by one thread. The child is killed with the thread that made it, should the test crash.
class Process {
 public:
  // Starts it. Dies when the machine cannot: no descriptors, no processes.
  explicit Process(Command command);
  // Kills what still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // To this process alone; nothing when it has ended.
  void Signal(int signal);

  // Waits until it has ended and all its output is read. The exit code, 128 + the signal that ended
  // it, or nothing when it still runs after `limit`.
  std::optional<int> Wait(absl::Duration limit);

  // Waits for a line, on either output, that holds `text`: what follows the text in the first such
  // line, without its end. Nothing when none comes within `limit`, or when the process has ended
  // without one.
  std::optional<std::string> WaitForLine(absl::string_view text, absl::Duration limit);

  std::string out() const;  // standard output so far
  std::string err() const;  // standard error so far

 private:
  void Capture(int out, int err);
  std::optional<std::string> Line(absl::string_view text) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  pid_t pid_ = -1;
  mutable absl::Mutex mutex_;
  std::string out_ ABSL_GUARDED_BY(mutex_);
  std::string err_ ABSL_GUARDED_BY(mutex_);
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
  std::thread capture_;  // reads both pipes to their ends, then reaps
};

// The exit code and the output of a command that ends by itself.
struct Completed {
  std::optional<int> exit_code;  // nothing: it did not end in time and was killed
  std::string out;
  std::string err;
};

Completed RunToEnd(Command command, absl::Duration limit);

}  // namespace loadfleet
