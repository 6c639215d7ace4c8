#include "common/daemon/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace loadfleet {
namespace {

sigset_t Both() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void EndNow(int signal) {
  _exit(128 + signal);
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t both = Both();
  pthread_sigmask(SIG_BLOCK, &both, nullptr);
}

const char* StopSignals::Wait() {
  const sigset_t both = Both();
  int signal = 0;
  sigwait(&both, &signal);
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

void StopSignals::EndAtNext() {
  // A handler, not the default action: the kernel spares a container's first process the latter.
  struct sigaction action {};
  action.sa_handler = EndNow;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  const sigset_t both = Both();
  pthread_sigmask(SIG_UNBLOCK, &both, nullptr);
}

}  // namespace loadfleet
