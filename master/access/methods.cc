#include "master/access/methods.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace loadfleet {
namespace {

struct Row {
  absl::string_view method;
  bool agent;
  bool viewer;
  bool operator_;
};

constexpr bool kYes = true;
constexpr bool kNo = false;

constexpr Row kTable[] = {
    // method            agent  viewer operator
    {"Api.Validate", kNo, kYes, kYes},    // changes nothing
    {"Api.Submit", kNo, kNo, kYes},       //
    {"Api.Watch", kNo, kYes, kYes},       //
    {"Api.Stop", kNo, kNo, kYes},         //
    {"Api.Change", kNo, kNo, kYes},       //
    {"Api.ListRuns", kNo, kYes, kYes},    //
    {"Api.GetReport", kNo, kYes, kYes},   //
    {"Api.ListAgents", kNo, kYes, kYes},  //
    {"Api.Upload", kNo, kNo, kYes},       // fills the master's disk
    {"Fleet.Control", kYes, kNo, kNo},    //
    {"Fleet.Windows", kYes, kNo, kNo},    //
    {"Fleet.Fetch", kYes, kNo, kNo},      // the rows of feeders
};

const Row* Find(absl::string_view method) {
  const auto* found = std::find_if(std::begin(kTable), std::end(kTable),
                                   [&](const Row& row) { return row.method == method; });
  return found == std::end(kTable) ? nullptr : found;
}

}  // namespace

bool MayCall(Role role, absl::string_view method) {
  const Row* row = Find(method);
  if (row == nullptr) return false;
  switch (role) {
    case Role::kAgent:
      return row->agent;
    case Role::kViewer:
      return row->viewer;
    case Role::kOperator:
      return row->operator_;
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
