// CPU time, for the generator's account of itself. Nanoseconds of user and system time.
#pragma once

#include "common/clock.h"

namespace loadfleet {

Nanos ThreadCpuTime();   // of the calling thread
Nanos ProcessCpuTime();  // of all threads

}  // namespace loadfleet
