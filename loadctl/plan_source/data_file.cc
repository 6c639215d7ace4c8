#include "loadctl/plan_source/data_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/feeder/row_text.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool opened() const { return fd_ >= 0; }

  // Empty: that is the end.
  absl::StatusOr<std::string> NextPiece(const std::string& name) {
    std::string piece(limits::kPieceBytes, '\0');
    ssize_t got = 0;
    do {
      got = read(fd_, piece.data(), piece.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      return absl::InvalidArgumentError(absl::StrCat("cannot read ", name, ": ", strerror(errno)));
    }
    piece.resize(static_cast<size_t>(got));
    return piece;
  }

 private:
  const int fd_;
};

}  // namespace

std::string BesidePlan(const std::string& plan, const std::string& name) {
  return std::filesystem::path(plan).parent_path() / name;
}

absl::StatusOr<v1::DataSource> ScanDataFile(const std::string& path, const std::string& name) {
  OpenFile file(path);
  if (!file.opened()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", strerror(errno)));
  }
  FeederScan scan(name, FeederFormatOf(name));
  while (true) {
    absl::StatusOr<std::string> piece = file.NextPiece(name);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    if (absl::Status status = scan.Add(*piece); !status.ok()) return status;
  }
  absl::StatusOr<ScannedRows> scanned = scan.Finish();
  if (!scanned.ok()) return scanned.status();
  v1::DataSource data;
  data.set_name(name);
  *data.mutable_file() = scanned->file;
  data.mutable_columns()->Assign(scanned->columns.begin(), scanned->columns.end());
  data.set_rows(scanned->rows);
  return data;
}

absl::Status UploadData(ApiClient& client, const std::string& plan, const v1::PlanSource& source,
                        const Interrupts& interrupts) {
  for (const v1::DataSource& data : source.data()) {
    OpenFile file(BesidePlan(plan, data.name()));
    if (!file.opened()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read ", data.name(), ": ", strerror(errno)));
    }
    const absl::StatusOr<v1::UploadReply> reply = client.Upload(
        data.file(), FeederFormatOf(data.name()), [&]() -> absl::StatusOr<std::string> {
          if (interrupts.WaitFor(0)) return absl::AbortedError("interrupted before the run began");
          return file.NextPiece(data.name());
        });
    if (!reply.ok()) {
      return {reply.status().code(),
              absl::StrCat("uploading ", data.name(), ": ", reply.status().message())};
    }
  }
  return absl::OkStatus();
}

}  // namespace loadfleet
