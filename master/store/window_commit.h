// What one window changes in the store: written in one transaction, so that the ledger and the
// numbers can never disagree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loadfleet {

struct WindowCommit {
  std::string run_id;
  std::string agent_id;
  uint64_t incarnation = 0;
  bool summary = false;  // a final summary instead of a window; then no second changes
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;
  uint64_t checksum = 0;

  // The merged second as it is now, over all agents: a v1::Window with only arrivals and requests.
  uint32_t second = 0;
  // 0: replaces what is stored of this second. Otherwise an addition to it: the second was final
  // when the window came.
  uint64_t addition = 0;
  std::string merged_second;

  std::string agent_totals;  // v1::AgentReport, cumulative
};

}  // namespace loadfleet
