// What a process holds of the machine, read from /proc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"

namespace loadfleet {

inline int64_t ResidentBytes(const Process& process) {
  std::ifstream file(absl::StrCat("/proc/", process.pid(), "/statm"));
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

inline int64_t OpenDescriptors(const Process& process) {
  return std::distance(
      std::filesystem::directory_iterator(absl::StrCat("/proc/", process.pid(), "/fd")),
      std::filesystem::directory_iterator());
}

// Of all its threads, since its start.
inline double CpuSeconds(const Process& process) {
  std::ifstream file(absl::StrCat("/proc/", process.pid(), "/stat"));
  std::string field;
  // The name is in parentheses and has no spaces; utime and stime are the 14th and 15th.
  for (int i = 1; i < 14; ++i) file >> field;
  int64_t user = 0;
  int64_t system = 0;
  file >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace loadfleet
