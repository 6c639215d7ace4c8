// The failing exchanges of a run that its report shows: the first few of each kind, whoever had
// them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// Bounded by limits::kFailuresOfAKind, kRunFailures and kRunFailureBytes. Not thread-safe.
class KeptFailures {
 public:
  using List = google::protobuf::RepeatedPtrField<v1::ExchangeRecord>;

  // INVALID_ARGUMENT: no exchange that an agent keeps, or larger than one can be.
  static absl::Status Check(const v1::ExchangeRecord& record);

  // What Check has passed. First is what was intended first.
  void Add(v1::ExchangeRecord record);

  // In the order of their intended times.
  void Fill(List* out) const;

 private:
  // Scenario, request and FailureKindText.
  using Kind = std::tuple<uint32_t, uint32_t, std::string>;
  using Kinds = std::map<Kind, std::vector<v1::ExchangeRecord>>;

  void DropLast(Kinds::iterator kind);
  void MakeRoom();

  Kinds kinds_;  // each in order
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace loadfleet
