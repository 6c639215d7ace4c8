#include "master/results/commit_builder.h"

namespace loadfleet {
namespace {

std::string BytesOf(const Sums& sums) {
  v1::Window merged;
  sums.ToProto(merged.mutable_arrivals(), merged.mutable_requests(), merged.mutable_iterations());
  return merged.SerializeAsString();
}

}  // namespace

void CommitBuilder::AddLate(uint32_t second, const Sums& delta) {
  next_.seconds.push_back({second, ++additions_, BytesOf(delta)});
}

void CommitBuilder::Close(uint32_t second, const Sums& merged) {
  if (touched_.erase(second) > 0) next_.seconds.push_back({second, 0, BytesOf(merged)});
}

WindowsCommit CommitBuilder::Take(const Timeline& timeline) {
  for (const uint32_t second : touched_) {
    next_.seconds.push_back({second, 0, BytesOf(*timeline.Open(second))});
  }
  touched_.clear();
  WindowsCommit taken;
  taken.run_id = next_.run_id;
  std::swap(taken, next_);
  return taken;
}

}  // namespace loadfleet
