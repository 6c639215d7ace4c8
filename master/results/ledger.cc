#include "master/results/ledger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet {

uint64_t ChecksumOf(const google::protobuf::MessageLite& message) {
  // FNV-1a, 64 bit (Fowler, Noll, Vo): it tells mistakes apart, it does not keep out an attacker.
  uint64_t hash = 14695981039346656037ULL;
  for (const char byte : message.SerializeAsString()) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 1099511628211ULL;
  }
  return hash;
}

WindowFate Ledger::Judge(uint64_t first_seq, uint64_t last_seq, uint64_t checksum) const {
  const auto same = entries_.find(first_seq);
  if (same != entries_.end()) {
    const bool equal = same->second.last_seq == last_seq && same->second.checksum == checksum;
    return equal ? WindowFate::kDuplicate : WindowFate::kConflict;
  }
  const auto next = entries_.upper_bound(first_seq);
  if (next != entries_.end() && next->first <= last_seq) return WindowFate::kConflict;
  if (next != entries_.begin() && std::prev(next)->second.last_seq >= first_seq) {
    return WindowFate::kConflict;
  }
  return WindowFate::kApplied;
}

void Ledger::Enter(uint64_t first_seq, uint64_t last_seq, uint64_t checksum) {
  entries_[first_seq] = Entry{last_seq, checksum};
}

std::string Ledger::Missing(uint64_t last_seq) const {
  std::string missing;
  const auto add = [&missing](uint64_t from, uint64_t to) {
    if (from > to) return;
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", from);
    if (to > from) absl::StrAppend(&missing, "-", to);
  };
  uint64_t expected = 1;
  for (const auto& [first, entry] : entries_) {
    if (first > last_seq) break;
    add(expected, first - 1);
    if (entry.last_seq >= last_seq) return missing;
    expected = entry.last_seq + 1;
  }
  add(expected, last_seq);
  return missing;
}

}  // namespace loadfleet
