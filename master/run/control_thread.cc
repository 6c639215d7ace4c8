#include "master/run/control_thread.h"

namespace loadfleet {

void ControlThread::Start(Timed& timed) {
  thread_ = std::thread([this, &timed] { Loop(timed); });
}

void ControlThread::Stop() {
  mailbox_.Close();
  if (thread_.joinable()) thread_.join();
}

void ControlThread::Loop(Timed& timed) {
  for (;;) {
    const bool closing = mailbox_.closed();
    std::optional<Work> work = mailbox_.Take(timed.NextWake() - clock_.Now());
    if (work) {
      (*work)();
    } else if (closing) {
      return;
    }
    if (clock_.Now() >= timed.NextWake()) timed.OnTime();
  }
}

}  // namespace loadfleet
