#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/web/metrics.h"

namespace loadfleet {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");  // proc(5): size and resident, in pages
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// One of them is the descriptor that counts them.
double OpenDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = 0;
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;
}

double DescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics() {
  std::vector<prometheus::MetricFamily> families = {
      CounterFamily("process_cpu_seconds_total", "User and system CPU time of this process."),
      GaugeFamily("process_resident_memory_bytes", "Resident memory of this process."),
      GaugeFamily("process_open_fds", "Open file descriptors of this process."),
      GaugeFamily("process_max_fds", "File descriptors that this process may open."),
  };
  AddSample(families[0], {}, CpuSeconds());
  AddSample(families[1], {}, ResidentBytes());
  AddSample(families[2], {}, OpenDescriptors());
  AddSample(families[3], {}, DescriptorLimit());
  return families;
}

}  // namespace loadfleet
