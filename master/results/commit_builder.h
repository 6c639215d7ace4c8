// What has been counted and is not on its way to the store yet.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "master/results/sums.h"
#include "master/results/timeline.h"
#include "master/store/window_commit.h"

namespace loadfleet {

// Not thread-safe. Seconds are made bytes when they are taken or closed, however many windows have
// changed them.
class CommitBuilder {
 public:
  explicit CommitBuilder(const std::string& run_id) { next_.run_id = run_id; }

  void Add(WindowsCommit::Entry entry) { next_.entries.push_back(std::move(entry)); }
  // A window was merged into a second that is not final.
  void Touch(uint32_t second) { touched_.insert(second); }
  // A window came for one that is.
  void AddLate(uint32_t second, const Sums& delta);
  // The second is final, and nobody keeps its histograms from here on.
  void Close(uint32_t second, const Sums& merged);

  // Everything since the last call, but for the totals of agents.
  WindowsCommit Take(const Timeline& timeline);

 private:
  WindowsCommit next_;
  std::set<uint32_t> touched_;
  uint64_t additions_ = 0;
};

}  // namespace loadfleet
