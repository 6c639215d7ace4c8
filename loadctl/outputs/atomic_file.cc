#include "loadctl/outputs/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/files.h"

namespace loadfleet {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Hidden, so that a pattern such as *.json never finds a half of one.
std::string TemporaryName(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
  return absl::StrCat(FolderOf(path), "/.", base, ".", getpid(), ".tmp");
}

std::string CannotWrite(const std::string& path, int error) {
  return absl::StrCat("cannot write ", path, ": ", strerror(error));
}

// Removes what is left of an attempt, unless it came to its end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path)
      : name_(TemporaryName(path)),
        fd_(open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {}
  ~TemporaryFile() {
    if (fd_ < 0) return;
    close(fd_);
    if (!renamed_) unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  bool ok() const { return fd_ >= 0; }

  // Each is false with errno set.
  bool Append(absl::string_view content) const { return WriteAll(fd_, content); }
  bool Sync() const { return fsync(fd_) == 0; }
  bool RenameTo(const std::string& path) {
    renamed_ = rename(name_.c_str(), path.c_str()) == 0;
    return renamed_;
  }

 private:
  const std::string name_;
  const int fd_;
  bool renamed_ = false;
};

// So that the new name too survives a power cut.
bool SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

}  // namespace

absl::Status WriteAtomically(const std::string& path, absl::string_view content) {
  TemporaryFile file(path);
  const bool written = file.ok() && file.Append(content) && file.Sync() && file.RenameTo(path) &&
                       SyncFolder(FolderOf(path));
  return written ? absl::OkStatus() : absl::UnknownError(CannotWrite(path, errno));
}

absl::Status CheckWritable(const std::string& path) {
  struct stat existing = {};
  if (stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
    return absl::InvalidArgumentError(
        CannotWrite(path, S_ISDIR(existing.st_mode) ? EISDIR : EINVAL));
  }
  const TemporaryFile file(path);
  return file.ok() ? absl::OkStatus() : absl::InvalidArgumentError(CannotWrite(path, errno));
}

}  // namespace loadfleet
