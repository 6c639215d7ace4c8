// Exactly once: which windows of one agent have been counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "loadfleet/v1/metrics.pb.h"
#include "master/results/fingerprint.h"

namespace loadfleet {

// What became of a window or a summary.
enum class WindowFate {
  kApplied,
  kDuplicate,  // known already, with the same content: acknowledge again
  kConflict,   // known already, with another content: its sender cannot be believed
};

// Of the whole content, for the ledger and the store; what is counted is known by its fingerprint
// already. Serialization of one program's messages is stable within one process; across versions
// only equal bytes are the same.
uint64_t ChecksumOf(const v1::Window& window, const Fingerprint& counted);
uint64_t ChecksumOf(const v1::FinalSummary& summary, const Fingerprint& counted);

// One agent's windows of one run. Not thread-safe. 32 bytes for each window.
class Ledger {
 public:
  // Overlap with a counted window that has another key is a conflict too: its samples would count
  // twice.
  WindowFate Judge(uint64_t first_seq, uint64_t last_seq, uint64_t checksum) const;
  void Enter(uint64_t first_seq, uint64_t last_seq, uint64_t checksum);

  // "3, 7-9": what lies in 1..last_seq and never came; empty when nothing is missing.
  std::string Missing(uint64_t last_seq) const;
  uint64_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t last_seq;
    uint64_t checksum;
  };
  std::map<uint64_t, Entry> entries_;  // by first_seq
};

}  // namespace loadfleet
