#include "tests/support/namespaces.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"

namespace loadfleet {
namespace {

void Require(bool holds, const std::string& what) {
  if (holds) return;
  perror(what.c_str());
  abort();
}

void RunOrDie(std::vector<std::string> words) {
  const std::string name = words.front();
  const Completed done = RunToEnd({std::move(words), {}}, absl::Seconds(60));
  Require(done.exit_code == 0, absl::StrCat(name, ": ", done.err));
}

// From here on what this thread mounts is seen by nobody else, and goes with it.
void HaveMountsOfOnesOwn() {
  thread_local bool done = false;
  if (std::exchange(done, true)) return;
  Require(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
  Require(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
}

void OnDescriptorOf(const std::string& path, unsigned long request) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Require(fd >= 0 && ioctl(fd, request, 0) == 0, path);
  close(fd);
}

}  // namespace

bool MayMakeNamespaces() {
  return geteuid() == 0;
}

NetworkNamespace::NetworkNamespace()
    : before_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  Require(before_ >= 0 && unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  Require(ioctl(any, SIOCSIFFLAGS, &request) == 0, "the loopback interface");
  close(any);
}

NetworkNamespace::~NetworkNamespace() {
  Require(setns(before_, CLONE_NEWNET) == 0, "setns");
  close(before_);
}

void NetworkNamespace::AddAddress(const std::string& ipv4) {
  RunOrDie({"ip", "address", "add", absl::StrCat(ipv4, "/32"), "dev", "lo"});
}

void NetworkNamespace::SetLocalPorts(int first, int last) {
  std::ofstream file("/proc/sys/net/ipv4/ip_local_port_range");
  file << first << " " << last << std::flush;
  Require(file.good(), "ip_local_port_range");
}

Disk::Disk(Kind kind, std::string path, int64_t bytes) : path_(std::move(path)) {
  HaveMountsOfOnesOwn();
  std::filesystem::create_directories(path_);
  if (kind == Kind::kMemory) {
    const std::string size = absl::StrCat("size=", bytes);
    Require(mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0, "tmpfs");
    return;
  }
  const std::string image = absl::StrCat(path_, ".ext4");
  Require(std::ofstream(image).good() && truncate(image.c_str(), bytes) == 0, image);
  RunOrDie({"mkfs.ext4", "-q", "-F", image});
  RunOrDie({"mount", "-o", "loop", image, path_});
}

Disk::~Disk() {
  Thaw();
  Free();
  // Lazily: a process that was killed a moment ago may still be on its way out.
  Require(umount2(path_.c_str(), MNT_DETACH) == 0, path_);
}

void Disk::Fill() {
  const int fd = open(absl::StrCat(path_, "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  Require(fd >= 0, "the filler");
  // Large pieces first, then what is left to the byte.
  std::string piece(64 << 10, 'x');
  while (!piece.empty()) {
    if (write(fd, piece.data(), piece.size()) < 0) piece.resize(piece.size() / 2);
  }
  close(fd);
}

void Disk::Free() {
  std::filesystem::remove(absl::StrCat(path_, "/filler"));
}

void Disk::Freeze() {
  OnDescriptorOf(path_, FIFREEZE);
  frozen_ = true;
}

void Disk::Thaw() {
  if (std::exchange(frozen_, false)) OnDescriptorOf(path_, FITHAW);
}

}  // namespace loadfleet
