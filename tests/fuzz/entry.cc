// libFuzzer's door to one of the targets, which the build names.
#include "tests/fuzz/fuzz_targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  loadfleet::FUZZ_TARGET(data, size);
  return 0;
}
