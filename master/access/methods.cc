#include "master/access/methods.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kOfAgents[] = {"Fleet.Control", "Fleet.Windows", "Fleet.Fetch"};
// They change nothing.
constexpr absl::string_view kOfViewers[] = {"Api.Validate", "Api.Watch", "Api.ListRuns",
                                            "Api.GetReport", "Api.ListAgents"};
// Beside those of viewers.
constexpr absl::string_view kOfOperators[] = {"Api.Submit", "Api.Stop", "Api.Change", "Api.Upload"};

bool IsIn(absl::Span<const absl::string_view> methods, absl::string_view method) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

bool MayCall(Role role, absl::string_view method) {
  switch (role) {
    case Role::kAgent:
      return IsIn(kOfAgents, method);
    case Role::kViewer:
      return IsIn(kOfViewers, method);
    case Role::kOperator:
      return IsIn(kOfViewers, method) || IsIn(kOfOperators, method);
    case Role::kMaster:
      return false;  // it is called
  }
  return false;
}

std::string RolesFor(absl::string_view method) {
  std::vector<absl::string_view> roles;
  for (const Role role : {Role::kAgent, Role::kViewer, Role::kOperator, Role::kMaster}) {
    if (MayCall(role, method)) roles.push_back(RoleName(role));
  }
  return roles.empty() ? "no role" : absl::StrCat("role ", absl::StrJoin(roles, " or "));
}

}  // namespace loadfleet
