// Slots: how one schedule is shared by many agents and workers.
//
// Arrival n (and VU n, and connection n of a limit) belongs to slot n mod 65,536. Slots are dealt
// to owners like cards, in proportion to their weights, so that neighbouring arrivals go to
// different owners, and the union over all owners is the one-machine schedule, whatever their
// number. A slot, not an agent, is what changes hands when an agent is lost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace loadfleet {

inline constexpr uint32_t kSlots = 65'536;

// An immutable set of slots. Copies cost up to 128 KiB.
class SlotSet {
 public:
  SlotSet() = default;

  static SlotSet All();
  // `slots` in any order, without duplicates, each below kSlots.
  static SlotSet Of(std::vector<uint16_t> slots);

  // The wire form of Assignment.slots: 65,536 bits. INVALID_ARGUMENT on any other length.
  static absl::StatusOr<SlotSet> FromBitmap(const std::string& bitmap);
  std::string ToBitmap() const;

  size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  absl::Span<const uint16_t> slots() const { return slots_; }  // ascending

  // The k-th index (from 0) that this set owns, of an endless sequence. The set must not be empty.
  uint64_t IndexAt(uint64_t k) const {
    return (k / slots_.size()) * kSlots + slots_[k % slots_.size()];
  }

  // How many of the indices 0..n-1 this set owns: its part of a total of n arrivals, VUs or
  // connections.
  uint64_t CountBelow(uint64_t n) const;

  // Those that `other` has not; those of either.
  SlotSet Without(const SlotSet& other) const;
  SlotSet With(const SlotSet& other) const;

  friend bool operator==(const SlotSet& a, const SlotSet& b) { return a.slots_ == b.slots_; }

 private:
  std::vector<uint16_t> slots_;  // ascending
};

// Deals `set` to weights.size() owners. Every slot has exactly one owner, and each owner's count is
// within one of its fair share. Deterministic. Weights must not be empty, nor all 0; an owner of
// weight 0 gets nothing.
std::vector<SlotSet> Deal(const SlotSet& set, absl::Span<const uint32_t> weights);

}  // namespace loadfleet
