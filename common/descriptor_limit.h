// How many descriptors this process may have: each connection takes one.
#pragma once

#include <cstdint>

namespace loadfleet {

// Raises the soft limit (often 1,024, for the sake of select) to the hard one, and returns what
// holds now. Changes the whole process; safe to repeat.
uint64_t RaiseDescriptorLimit();

}  // namespace loadfleet
