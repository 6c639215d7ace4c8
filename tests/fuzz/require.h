// How a fuzz target fails.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace loadfleet {

inline void Require(bool holds, const char* promise) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", promise);
  abort();
}

}  // namespace loadfleet
