#include "agent/engine/cpu_time.h"

#include <time.h>

namespace loadfleet {
namespace {

Nanos Read(clockid_t id) {
  timespec ts;
  clock_gettime(id, &ts);
  return ts.tv_sec * kSecond + ts.tv_nsec;
}

}  // namespace

Nanos ThreadCpuTime() {
  return Read(CLOCK_THREAD_CPUTIME_ID);
}
Nanos ProcessCpuTime() {
  return Read(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace loadfleet
