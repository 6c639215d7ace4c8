// How many failing exchanges of a kind are kept for people to read: the first few.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/stats/outcome.h"

namespace loadfleet {

// What makes two failures alike.
struct FailureKind {
  uint32_t series = 0;             // RequestTemplate::series
  Outcome outcome = Outcome::kOk;  // kOk: a check has failed
  uint32_t detail = 0;             // the status of a response; of a failed check, which one

  bool operator==(const FailureKind&) const = default;
};

// Over a whole run. Not thread-safe.
class FailureQuota {
 public:
  // `of_a_kind`: exchanges of each; `most`: of all together.
  FailureQuota(size_t of_a_kind, size_t most) : of_a_kind_(of_a_kind), left_(most) {}

  // Whether there is room for any: of a target that only fails this is the last that is asked.
  bool open() const { return left_ > 0; }
  bool Has(const FailureKind& kind) const {
    if (!open()) return false;
    const auto taken = Find(kind);
    return taken == taken_.end() || taken->count < of_a_kind_;
  }
  // False: there is no room.
  bool Take(const FailureKind& kind) {
    if (!Has(kind)) return false;
    const auto taken = Find(kind);
    if (taken == taken_.end()) {
      taken_.push_back({kind, 1});
    } else {
      ++taken_[static_cast<size_t>(taken - taken_.begin())].count;
    }
    --left_;
    return true;
  }

 private:
  struct Taken {
    FailureKind kind;
    size_t count;
  };

  // There are at most as many as exchanges that are kept.
  std::vector<Taken>::const_iterator Find(const FailureKind& kind) const {
    return std::find_if(taken_.begin(), taken_.end(),
                        [&kind](const Taken& taken) { return taken.kind == kind; });
  }

  const size_t of_a_kind_;
  size_t left_;
  std::vector<Taken> taken_;
};

}  // namespace loadfleet
