// A browser's recording (HTTP Archive 1.2) as imported requests.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/imported.h"

namespace loadfleet {

struct HarOptions {
  bool static_assets = true;  // images, styles, scripts, fonts, media
  bool same_origin = false;   // only what goes where the first request goes
};

// In the order of their starts. Before the first request of each page but the first, and after
// every pause of a second, stands the time that passed between the end of everything before it and
// its start: the think time. A response of 4xx or 5xx is expected again. Left out, with a note that
// says how many: what came from the browser's cache, what had no response, what a plan cannot say,
// cookies. Headers that belong to one connection or to the
// browser alone are dropped. INVALID_ARGUMENT as `name:line:column: what` or `name: /pointer:
// what`.
absl::StatusOr<Imported> ImportHar(absl::string_view text, const std::string& name,
                                   const HarOptions& options);

}  // namespace loadfleet
