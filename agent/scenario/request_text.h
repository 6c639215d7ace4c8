// A request with `{{ }}` in it: its bytes are made anew for each iteration.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/http/location.h"
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

  // Whether it is the same for every iteration: setup's values are all that it asks for, and they
  // make no URL of another origin. Then
  // FillOnce says what it is, or INVALID_ARGUMENT when that is no request.
  bool constant() const;
  absl::Status FillOnce(RequestBytes* out) const;

  // Whether what is filled in may turn out to be a URL of another origin.
  bool may_lead_elsewhere() const { return may_lead_elsewhere_; }

  // Into the buffers of `out`, which stay, and so do `scratch` and `there`. False: what was filled
  // in makes no request. A URL of another origin is left in `there`, whose host is empty otherwise.
  bool Fill(IterationValues values, std::string* scratch, RequestBytes* out, Location* there) const;

 private:
  bool FillTarget(const IterationValues& values, std::string* out, Location* there) const;

  std::string method_;
  OriginName origin_;
  bool may_lead_elsewhere_ = false;
  TextTemplate target_;
  TextTemplate head_;               // from the protocol's version to the empty line
  std::vector<TextTemplate> body_;  // one after the other
  std::vector<std::pair<std::string, TextTemplate>> fields_;  // of HTTP/2
};

}  // namespace loadfleet
