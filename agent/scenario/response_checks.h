// What a step expects of its response and takes from it (v1::Request.expect and .capture).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "agent/http/content_decoder.h"
#include "agent/http/kept_response.h"
#include "agent/scenario/exchange.h"
#include "agent/scenario/json_reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// What an iteration has taken from a response, in the slot of its name.
struct Captured {
  std::string text;
  bool present = false;
};

// Immutable, and shared by all workers.
class ResponseChecks {
 public:
  struct Counts {
    uint32_t passed = 0;
    uint32_t failed = 0;
    uint32_t first_failed = 0;  // which one it was, where one has failed
  };

  // `slot_of`: the slot of a capture's name. INVALID_ARGUMENT: a check that this version does not
  // know. Null when the request has none.
  static absl::StatusOr<std::unique_ptr<const ResponseChecks>> Of(
      const v1::Request& request, absl::FunctionRef<uint32_t(const std::string&)> slot_of);

  const ResponseInterest& interest() const { return interest_; }

  // Before Judge, when the body is of interest: undoes its encoding where the plan says so, else
  // marks it. Not kOk: what becomes of the response then, kTooLarge or kMalformed.
  Outcome Decode(KeptResponse* kept, ContentDecoder* decoder) const;

  // A complete response. `kept` may be null when nothing is of interest(). `captured` by slot.
  // `failed`, unless it is null, gets a sentence for each check that failed: what was expected, and
  // what was found instead.
  Counts Judge(const Result& result, Nanos response_time, KeptResponse* kept, JsonReader* json,
               std::vector<Captured>* captured, std::vector<std::string>* failed = nullptr) const;
  // There is none: nothing holds, and nothing is found.
  Counts JudgeNone(std::vector<Captured>* captured) const;

  // Whether the plan takes this status for a success, whatever it is.
  bool Allows(uint16_t status) const { return has_status_ && Holds(statuses_, status); }

 private:
  struct HeaderTest {
    size_t header;  // of the interest
    std::string equals;
    std::unique_ptr<RE2> matches;  // instead, unless it is null
  };
  struct JsonTest {
    JsonPath path;
    JsonScalar equals;
    std::string path_text;  // both as the plan has them
    std::string equals_text;
  };
  enum class From : uint8_t { kJson, kRegex, kHeader, kCookie, kStatus, kBodySize };
  struct Capture {
    uint32_t slot = 0;
    bool optional = false;
    From from = From::kStatus;
    JsonPath path;
    std::unique_ptr<RE2> regex;
    size_t header = 0;   // of the interest
    std::string cookie;  // "name="
    std::string told;    // "capture token: nothing at $.token"
  };

  static bool Holds(const v1::StatusSet& set, uint16_t status);
  absl::Status Add(const v1::Expect& expect);
  absl::Status Add(const v1::Capture& capture, uint32_t slot);
  bool Take(const Capture& capture, const Result& result, KeptResponse* kept,
            const JsonReader* json, std::string* out) const;

  ResponseInterest interest_;
  bool has_status_ = false;
  v1::StatusSet statuses_;
  std::vector<HeaderTest> headers_;
  std::vector<std::string> body_contains_;
  std::vector<std::unique_ptr<RE2>> body_matches_;
  std::vector<JsonTest> json_;
  std::vector<Nanos> response_times_;
  std::vector<Capture> captures_;
  bool reads_json_ = false;
  bool decompress_ = false;
  size_t content_encoding_ = 0;  // of the interest, when it has the body
};

}  // namespace loadfleet
