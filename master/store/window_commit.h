// What windows and summaries change in the store: written in one transaction, so that the ledger
// and the numbers can never disagree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loadfleet {

// Of one run, everything that was counted since the commit before. However many windows that are,
// a second and an agent are written once.
struct WindowsCommit {
  // A row of the ledger.
  struct Entry {
    std::string agent_id;
    uint64_t incarnation = 0;
    bool summary = false;  // a final summary instead of a window
    uint64_t first_seq = 0;
    uint64_t last_seq = 0;
    uint64_t checksum = 0;
  };

  // A merged second as it is now, over all agents.
  struct Second {
    uint32_t second = 0;
    // 0: replaces what is stored of this second. Otherwise an addition to it: the second was final
    // when the window came.
    uint64_t addition = 0;
    std::string merged;  // a v1::Window with only arrivals, requests and iterations
  };

  // What an agent has come to.
  struct Totals {
    std::string agent_id;
    uint64_t incarnation = 0;
    uint64_t fingerprint = 0;  // master/results/fingerprint.h, of all its windows
    std::string totals;        // v1::AgentReport, without histograms
    std::string times;  // the v1::AgentReport with them; empty: what is stored is recent enough
  };

  std::string run_id;
  std::vector<Entry> entries;
  std::vector<Second> seconds;
  std::vector<Totals> totals;
};

}  // namespace loadfleet
