#include "master/results/ledger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet {

namespace {

// FNV-1a, 64 bit (Fowler, Noll, Vo): it tells mistakes apart, it does not keep out an attacker.
uint64_t Checksum(const google::protobuf::MessageLite& uncounted, const Fingerprint& counted) {
  uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](uint64_t value) {
    hash ^= value;
    hash *= 1099511628211ULL;
  };
  add(counted.sum);
  add(counted.extremes);
  for (const char byte : uncounted.SerializeAsString()) add(static_cast<unsigned char>(byte));
  return hash ^ (hash >> 32);
}

}  // namespace

uint64_t ChecksumOf(const v1::Window& window, const Fingerprint& counted) {
  v1::Window uncounted;
  *uncounted.mutable_key() = window.key();
  uncounted.set_epoch(window.epoch());
  uncounted.set_first_second(window.first_second());
  uncounted.set_last_second(window.last_second());
  uncounted.set_watermark(window.watermark());
  *uncounted.mutable_levels() = window.levels();
  *uncounted.mutable_generator() = window.generator();
  *uncounted.mutable_failures() = window.failures();
  *uncounted.mutable_traces() = window.traces();
  return Checksum(uncounted, counted);
}

uint64_t ChecksumOf(const v1::FinalSummary& summary, const Fingerprint& counted) {
  v1::FinalSummary uncounted;
  *uncounted.mutable_key() = summary.key();
  uncounted.set_cpu_us(summary.cpu_us());
  return Checksum(uncounted, counted);
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
