// What `loadctl certs init` makes: a CA, and a folder for each program and person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace loadfleet {

struct FleetCertificates {
  std::vector<std::string> master_hosts;  // names and addresses that the master is reached by
  std::vector<std::string> agents;        // one certificate each; none: one for whatever agent
  std::string operator_name = "operator";
  int64_t days = 365;
};

// What stands where below `out`, all of it relative to it.
struct MadeFolders {
  std::string ca = "ca";  // its key: to be kept elsewhere
  std::string master = "master";
  std::vector<std::string> agents;
  std::string operator_folder = "operator";
  std::string viewer = "viewer";
};

// Each folder is a TlsFolder (common/net/tls_folder.h), keys readable by their owner alone; `out`
// and the folders are made where they are missing. INVALID_ARGUMENT: a name that cannot be, or a
// file that is there already: nothing is written then. UNKNOWN with the operating system's reason.
absl::StatusOr<MadeFolders> MakeFolders(const std::string& out, const FleetCertificates& wanted);

}  // namespace loadfleet
