// A text of the plan with `{{ }}`, compiled to segments: filled in for an iteration without
// allocating once its buffer has grown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "agent/scenario/response_checks.h"
#include "common/clock.h"

namespace loadfleet {

// What an iteration fills in.
struct IterationValues {
  const std::vector<Captured>& captured;  // by slot
  uint64_t vu = 0;                        // from 1; of a closed model
  uint64_t iteration = 0;                 // from 1: of the VU, or of all arrivals
  uint64_t arrival = 0;                   // from 0; of an open model
  const std::string& agent;
  const Clock& clock;
  absl::FunctionRef<uint64_t()> draw;  // the next random number
  size_t body_size = 0;                // of the body that has been filled in already
};

// Immutable, and shared by all workers.
class TextTemplate {
 public:
  // How values are made fit for the place where they stand; literals stay as the plan has them.
  enum class Place : uint8_t {
    kBody,
    kJson,    // within a JSON string: escaped
    kForm,    // application/x-www-form-urlencoded
    kTarget,  // of a request line: what is no visible ASCII, and #, is percent-encoded
    kHeader,  // control characters are refused, and more than limits::kHeaderBytes
  };

  // The slot of a capture's name.
  using SlotOf = absl::FunctionRef<absl::StatusOr<uint32_t>(const std::string&)>;
  // What setup has captured (v1::Plan.setup_values).
  using SetupValues = std::map<std::string, std::string>;

  TextTemplate() = default;
  // `{{ setup.NAME }}` is filled in here, once and for all. INVALID_ARGUMENT: a name or a form that
  // this version does not know, or a value of setup that cannot stand there.
  static absl::StatusOr<TextTemplate> Of(absl::string_view text, Place place, SlotOf slot_of,
                                         const SetupValues& setup = {});

  // Whatever stands in it.
  static TextTemplate Literal(std::string text);

  // Whether it is the same for every iteration.
  bool constant() const;

  // False: a value cannot stand there. A capture that was not found is empty.
  bool Append(const IterationValues& values, std::string* out) const;

  // The slot of the capture that is all of the text, if it is one: what was captured is the value
  // as it stands.
  std::optional<uint32_t> OnlyCapture() const;

 private:
  enum class Kind : uint8_t {
    kLiteral,
    kCapture,
    kVu,
    kIteration,
    kArrival,
    kAgent,
    kUuid,
    kTimestamp,
    kRandomInt,
    kRandomString,
    kBodySize,
  };
  struct Segment {
    Kind kind = Kind::kLiteral;
    uint32_t slot = 0;  // of a capture
    std::string text;   // of a literal
    int64_t from = 0;
    int64_t to = 0;
  };

  bool AppendText(absl::string_view text, std::string* out) const;

  Place place_ = Place::kBody;
  std::vector<Segment> segments_;
};

}  // namespace loadfleet
