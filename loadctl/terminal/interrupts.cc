#include "loadctl/terminal/interrupts.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace loadfleet {

Interrupts Interrupts::OfProcess() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return Interrupts(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

Interrupts::~Interrupts() {
  if (fd_ >= 0) close(fd_);
}

Interrupts::Interrupts(Interrupts&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

int Interrupts::Take() const {
  signalfd_siginfo signal = {};
  const ssize_t n = read(fd_, &signal, sizeof(signal));
  return n == sizeof(signal) ? static_cast<int>(signal.ssi_signo) : 0;
}

bool Interrupts::WaitFor(Nanos timeout) const {
  pollfd waiting = {fd_, POLLIN, 0};
  const int millis = timeout < 0 ? -1 : static_cast<int>(timeout / kMillisecond);
  return poll(&waiting, 1, millis) > 0;
}

}  // namespace loadfleet
