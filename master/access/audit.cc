#include "master/access/audit.h"

#include "absl/strings/ascii.h"
#include "common/log.h"

namespace loadfleet {

void Audit(const Caller& caller, absl::string_view what, absl::string_view subject,
           const absl::Status& result) {
  if (caller.local) return;
  LogAudit({{"who", caller.name},
            {"peer", caller.peer},
            {"what", std::string(what)},
            {"on", std::string(subject)},
            {"result",
             result.ok() ? "done" : absl::AsciiStrToLower(absl::StatusCodeToString(result.code()))},
            {"reason", std::string(result.message())}});
}

}  // namespace loadfleet
