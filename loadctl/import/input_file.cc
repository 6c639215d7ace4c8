#include "loadctl/import/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr size_t kPiece = 256 << 10;

absl::Status CannotRead(const std::string& path, int error) {
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", strerror(error)));
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  const bool standard = path == "-";
  const int fd = standard ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotRead(path, errno);
  const absl::Cleanup close_it = [&] {
    if (!standard) close(fd);
  };
  std::string text;
  while (true) {
    const size_t filled = text.size();
    text.resize(filled + kPiece);
    const ssize_t n = read(fd, text.data() + filled, kPiece);
    text.resize(filled + static_cast<size_t>(n > 0 ? n : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return CannotRead(path, errno);
    if (n == 0) return text;
    if (text.size() > limits::kImportBytes) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": more than ",
                                                     FormatSize(limits::kImportBytes),
                                                     ", the limit of what can be imported"));
    }
  }
}

}  // namespace loadfleet
