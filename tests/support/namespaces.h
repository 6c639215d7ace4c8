// A network and disks of a test's own, without a trace on the machine. Root only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace loadfleet {

// Whether this process may make them; tests skip loudly when it may not.
bool MayMakeNamespaces();

// While it lives, the thread that made it, and what that thread starts, has a network with nothing
// but a loopback interface. Dies when there is none to be had.
class NetworkNamespace {
 public:
  NetworkNamespace();
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  // One more address of the loopback interface.
  void AddAddress(const std::string& ipv4);
  // Those that the kernel gives to outgoing connections.
  void SetLocalPorts(int first, int last);

 private:
  const int before_;
};

// A file system of its own at `path`, an empty directory; seen by the thread that made it and by
// what that thread starts. Dies when it cannot be mounted.
class Disk {
 public:
  enum class Kind {
    kMemory,  // tmpfs: can be full
    kFile,    // ext4 in a file: can be frozen
  };

  Disk(Kind kind, std::string path, int64_t bytes);
  // Nothing of it may be in use any more.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::string& path() const { return path_; }

  // Takes all room that is left, and gives it back.
  void Fill();
  void Free();

  // From here on writers wait in the kernel, where no signal reaches them.
  void Freeze();
  void Thaw();

 private:
  const std::string path_;
  bool frozen_ = false;
};

}  // namespace loadfleet
