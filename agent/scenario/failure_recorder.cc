#include "agent/scenario/failure_recorder.h"

#include <algorithm>

#include "agent/http/response_parser.h"
#include "agent/scenario/shown_exchange.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr size_t kUrlBytes = 2 << 10;
constexpr size_t kChecksTold = 8;
constexpr size_t kCheckBytes = 512;

const ResponseInterest& Everything() {
  static const ResponseInterest& interest = *[] {
    auto* made = new ResponseInterest;
    made->head = made->body = made->body_size = true;
    made->body_bytes = limits::kFailureBodyBytes;
    return made;
  }();
  return interest;
}

void Cut(size_t bytes, std::string* text) {
  if (text->size() > bytes) text->resize(bytes);
}

}  // namespace

void FailureRecorder::OnMayFail(Exchange& exchange) {
  if (!recorder_.failure_quota().open()) return;
  if (free_.empty()) {
    if (storage_.size() == limits::kShownResponses) return;
    free_.push_back(&storage_.emplace_back());
  }
  exchange.shown = free_.back();
  free_.pop_back();
  exchange.shown->Begin(Everything());
}

void FailureRecorder::Release(Exchange& exchange) {
  exchange.shown->Release();
  free_.push_back(exchange.shown);
  exchange.shown = nullptr;
}

FailureKind FailureRecorder::KindOf(const Exchange& exchange, const Result& result,
                                    uint32_t first_failed) {
  const uint32_t detail = result.outcome == Outcome::kOk ? first_failed : result.status;
  return {exchange.request->series, result.outcome, detail};
}

// What came in one read was not kept, and is read once more.
const KeptResponse* FailureRecorder::ResponseOf(const Exchange& exchange, const Result& result) {
  if (exchange.shown != nullptr || result.wire.empty()) return exchange.shown;
  read_again_.Begin(Everything());
  ResponseParser parser;
  parser.Expect(exchange.request->head);
  parser.Show(&read_again_, result.wire.data(), result.wire.size());
  return &read_again_;
}

void FailureRecorder::Add(const FailureKind& kind, const Exchange& exchange, const Result& result,
                          const std::vector<std::string>& failed_checks, Nanos now) {
  if (!recorder_.failure_quota().Take(kind)) return;
  v1::ExchangeRecord record =
      RecordOf({exchange, result, ResponseOf(exchange, result), now, recorder_.t0()},
               limits::kFailureBodyBytes);
  // What is no HTTP is shown as it is.
  if (result.outcome == Outcome::kMalformed && record.response_head().empty()) {
    record.set_response_body(std::string(result.wire.substr(0, limits::kFailureBodyBytes)));
    record.set_response_cut(result.wire.size() > limits::kFailureBodyBytes);
  }
  for (size_t i = 0; i < std::min(kChecksTold, failed_checks.size()); ++i) {
    record.add_failed_checks(failed_checks[i].substr(0, kCheckBytes));
  }
  Cut(kUrlBytes, record.mutable_url());
  Cut(limits::kFailureHeadBytes, record.mutable_request_head());
  Cut(limits::kFailureHeadBytes, record.mutable_response_head());
  recorder_.current().failures.push_back({kind, std::move(record)});
}

}  // namespace loadfleet
