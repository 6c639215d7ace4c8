#include "loadctl/certs/certificate_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/text.h"
#include "loadctl/certs/certificate_authority.h"

namespace loadfleet {
namespace {

constexpr mode_t kForAll = 0644;
constexpr mode_t kForTheOwner = 0600;

struct NewFile {
  std::string path;  // below `out`
  std::string content;
  mode_t mode;
};

absl::Status Reason(absl::string_view what, const std::string& path) {
  return absl::UnknownError(absl::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
}

// An agent's name becomes a folder's.
absl::Status CheckAgents(const std::vector<std::string>& agents) {
  std::set<std::string> seen;
  for (const std::string& agent : agents) {
    if (agent.empty() || agent.front() == '.' || agent.find('/') != agent.npos ||
        agent.size() > limits::kAgentNameBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("--agents: ", Quoted(agent), " cannot be the name of an agent's folder"));
    }
    if (!seen.insert(agent).second) {
      return absl::InvalidArgumentError(absl::StrCat("--agents: ", agent, " stands here twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteNew(const std::string& out, const NewFile& file) {
  const std::filesystem::path path = std::filesystem::path(out) / file.path;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return absl::UnknownError(
        absl::StrCat("cannot make ", path.parent_path().string(), ": ", error.message()));
  }
  // O_EXCL: what another process has made in between stays its own.
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.mode);
  if (fd < 0) return Reason("write", path);
  const bool written = WriteAll(fd, file.content) && fchmod(fd, file.mode) == 0 && fsync(fd) == 0;
  absl::Status status = written ? absl::OkStatus() : Reason("write", path);
  close(fd);
  return status;
}

void AddFolder(const std::string& folder, const std::string& ca, const KeyPair& pair,
               std::vector<NewFile>* files) {
  files->push_back({absl::StrCat(folder, "/ca.pem"), ca, kForAll});
  files->push_back({absl::StrCat(folder, "/cert.pem"), pair.certificate, kForAll});
  files->push_back({absl::StrCat(folder, "/key.pem"), pair.key, kForTheOwner});
}

// The request for each folder.
std::vector<std::pair<std::string, CertificateRequest>> Requests(const FleetCertificates& wanted,
                                                                 MadeFolders* folders) {
  std::vector<std::pair<std::string, CertificateRequest>> requests;
  const auto add = [&](const std::string& folder, const std::string& name, Role role) {
    CertificateRequest request;
    request.name = name;
    request.role = role;
    request.days = wanted.days;
    requests.emplace_back(folder, std::move(request));
  };
  add(folders->master, "master", Role::kMaster);
  requests.back().second.hosts = wanted.master_hosts;
  if (wanted.agents.empty()) {
    folders->agents.push_back("agent");
    add("agent", "agent", Role::kAgent);
  }
  for (const std::string& agent : wanted.agents) {
    folders->agents.push_back(absl::StrCat("agents/", agent));
    add(folders->agents.back(), agent.substr(0, 64), Role::kAgent);
    requests.back().second.agent_id = agent;
  }
  add(folders->operator_folder, wanted.operator_name, Role::kOperator);
  add(folders->viewer, "viewer", Role::kViewer);
  return requests;
}

}  // namespace

absl::StatusOr<MadeFolders> MakeFolders(const std::string& out, const FleetCertificates& wanted) {
  if (absl::Status status = CheckAgents(wanted.agents); !status.ok()) return status;
  const absl::StatusOr<CertificateAuthority> authority = CertificateAuthority::Create(wanted.days);
  if (!authority.ok()) return authority.status();
  const KeyPair& ca = authority->pair();
  MadeFolders folders;
  std::vector<NewFile> files;
  files.push_back({absl::StrCat(folders.ca, "/ca.pem"), ca.certificate, kForAll});
  files.push_back({absl::StrCat(folders.ca, "/key.pem"), ca.key, kForTheOwner});
  for (const auto& [folder, request] : Requests(wanted, &folders)) {
    const absl::StatusOr<KeyPair> pair = authority->Issue(request);
    if (!pair.ok()) return pair.status();
    AddFolder(folder, ca.certificate, *pair, &files);
  }
  for (const NewFile& file : files) {
    const std::string path = absl::StrCat(out, "/", file.path);
    if (access(path.c_str(), F_OK) != 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path, " exists: certificates and keys are never written over"));
  }
  for (const NewFile& file : files) {
    if (absl::Status status = WriteNew(out, file); !status.ok()) return status;
  }
  return folders;
}

}  // namespace loadfleet
