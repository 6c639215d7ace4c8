// A request with `{{ }}` in it: its bytes are made anew for each iteration.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/scenario/exchange.h"
#include "agent/scenario/text_template.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Immutable, and shared by all workers.
class RequestText {
 public:
  // Null: there is nothing to fill in. `http2`: its fields may be asked for. INVALID_ARGUMENT as
  // TextTemplate::Of.
  static absl::StatusOr<std::unique_ptr<const RequestText>> Of(
      const v1::Request& request, bool keep_alive, bool http2, TextTemplate::SlotOf slot_of,
      const TextTemplate::SetupValues& setup = {});

  // Whether it is the same for every iteration: setup's values are all that it asks for. Then
  // FillOnce says what it is, or INVALID_ARGUMENT when that is no request.
  bool constant() const;
  absl::Status FillOnce(RequestBytes* out) const;

  // Into the buffers of `out`, which stay, and so does `scratch`. False: what was filled in makes
  // no request.
  bool Fill(IterationValues values, std::string* scratch, RequestBytes* out) const;

 private:
  bool FillTarget(const TextTemplate& target, const IterationValues& values,
                  std::string* out) const;

  std::string method_;
  std::string origin_;  // as absolute URLs to it begin
  TextTemplate target_;
  TextTemplate head_;  // from the protocol's version to the empty line
  TextTemplate body_;
  std::vector<std::pair<std::string, TextTemplate>> fields_;  // of HTTP/2, `:path` among them
};

}  // namespace loadfleet
