// What this build speaks. Agents and masters agree on these at Register.
#pragma once

#include <cstdint>

namespace loadfleet {

inline constexpr uint32_t kProtocolMajor = 1;  // must match
inline constexpr uint32_t kProtocolMinor = 0;  // the lower one is spoken
inline constexpr char kVersion[] = "0.1.0";

}  // namespace loadfleet
