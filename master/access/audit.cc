#include "master/access/audit.h"

#include "absl/strings/ascii.h"
#include "common/log.h"

namespace loadfleet {

void Audit(const Caller& caller, absl::string_view what, const AuditFields& subject,
           const absl::Status& result) {
  if (caller.local) return;
  AuditFields fields = {{"who", caller.name}, {"peer", caller.peer}, {"what", std::string(what)}};
  fields.insert(fields.end(), subject.begin(), subject.end());
  const std::string code = absl::StatusCodeToString(result.code());
  fields.emplace_back("result", absl::AsciiStrToLower(code));
  fields.emplace_back("reason", std::string(result.message()));
  LogAudit(fields);
}

}  // namespace loadfleet
