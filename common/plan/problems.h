// Everything that is wrong with a plan, collected while the compiler goes on.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/limits.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

class ReadKeys;

// A place in the plan's text, or one of its overrides as a whole.
struct Place {
  uint32_t source = 0;  // 0: the text; k: overrides[k - 1], which has neither line nor column
  uint32_t line = 0;    // from 1; 0: no place
  uint32_t column = 0;  // from 1, in bytes

  auto operator<=>(const Place&) const = default;
};

// Keeps the first limits::kPlanProblems by place and counts the rest, so that a hostile plan of a
// million mistakes costs no more than an honest one of twenty. Not thread-safe.
class Problems {
 public:
  // `source` and `read_keys` outlive this.
  explicit Problems(const v1::PlanSource& source, ReadKeys* read_keys = nullptr)
      : source_(source), read_keys_(read_keys) {}

  void Add(Place place, std::string message);

  // Whether a problem at `place` would be kept: a costly message need not be made otherwise.
  bool WouldKeep(Place place) const;

  bool empty() const { return total_ == 0; }

  // Where whoever reads the plan notes the keys that it asks for; mostly null.
  ReadKeys* read_keys() const { return read_keys_; }

  // What the plan's regular expressions may still cost together, in RE2's instructions.
  size_t* regex_allowance() { return &regex_allowance_; }

  // In the order of their places: the text's, then the overrides'. The last one says how many more
  // there are.
  std::vector<v1::Problem> ToProto() const;

 private:
  const v1::PlanSource& source_;
  ReadKeys* const read_keys_;
  std::multimap<Place, std::string> first_;
  size_t total_ = 0;
  size_t regex_allowance_ = limits::kRegexInstructions;
};

}  // namespace loadfleet
