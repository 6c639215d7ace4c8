// The failing exchanges of one scenario on one worker that are kept for people to read: the first
// few of each kind, with what was sent and what came back.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "agent/http/kept_response.h"
#include "agent/record/recorder.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

// The worker's thread only. Of what succeeds it hears nothing, but for responses that have begun to
// look like failures.
class FailureRecorder {
 public:
  explicit FailureRecorder(Recorder& recorder) : recorder_(recorder) {}

  // ExchangeListener::OnMayFail. Release() must follow, whatever becomes of it.
  void OnMayFail(Exchange& exchange);
  void Release(Exchange& exchange);

  // `first_failed`: which of its checks, of a response that is ok but for them.
  static FailureKind KindOf(const Exchange& exchange, const Result& result, uint32_t first_failed);
  // Whether another one of this kind is kept.
  bool Wants(const FailureKind& kind) const { return recorder_.failure_quota().Has(kind); }

  // It has failed. `failed_checks` as ResponseChecks::Judge tells them.
  void Add(const FailureKind& kind, const Exchange& exchange, const Result& result,
           const std::vector<std::string>& failed_checks, Nanos now);

 private:
  const KeptResponse* ResponseOf(const Exchange& exchange, const Result& result);

  Recorder& recorder_;
  std::deque<KeptResponse> storage_;  // at most limits::kShownResponses
  std::vector<KeptResponse*> free_;   // of it
  KeptResponse read_again_;
};

}  // namespace loadfleet
