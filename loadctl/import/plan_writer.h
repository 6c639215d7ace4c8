// Imported requests as the text of a plan.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "loadctl/import/imported.h"

namespace loadfleet {

// As typed; an empty string is a flag that was not given.
struct ImportLoad {
  std::string rate;
  std::string vus;  // 1 when there is no rate either
  std::string duration;
};

inline constexpr char kImportVus[] = "1";
inline constexpr char kImportDuration[] = "30s";

// INVALID_ARGUMENT with the flag's name: a plan cannot have this load.
absl::Status CheckLoad(const ImportLoad& load);

// One request is a plan in the short form, several are the steps of one flow. Every request has a
// name of its own. INVALID_ARGUMENT, with the request's `where`: a request is none that a plan can
// hold, by the plan compiler's own word; or the plan would exceed a limit.
absl::StatusOr<std::string> WritePlan(Imported imported, const ImportLoad& load);

}  // namespace loadfleet
