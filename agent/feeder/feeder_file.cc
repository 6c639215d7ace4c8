#include "agent/feeder/feeder_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/feeder/row_text.h"
#include "common/files.h"

namespace loadfleet {
namespace {

// Not every file system has files without a name.
int OpenNameless(const std::string& folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  std::string name = absl::StrCat(folder, "/loadfleet-XXXXXX");
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

absl::Status CannotKeep(const std::string& name, int error) {
  return absl::FailedPreconditionError(absl::StrCat("the rows of feeder '", name,
                                                    "' cannot be kept in ", TemporaryFolder(), ": ",
                                                    strerror(error)));
}

absl::Status NotWhatThePlanSays(const std::string& name, absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("what came of feeder '", name, "' is not what the plan says: ", why));
}

}  // namespace

FeederFile::FeederFile(v1::Feeder::Format format, ScannedRows rows, const char* text)
    : format_(format), rows_(std::move(rows)), text_(text) {}

FeederFile::~FeederFile() {
  munmap(const_cast<char*>(text_), rows_.file.size());
}

absl::string_view FeederFile::Row(uint64_t n) const {
  const auto after =
      std::upper_bound(rows_.marks.begin(), rows_.marks.end(), n,
                       [](uint64_t row, const ScannedRows::Mark& mark) { return row < mark.row; });
  const ScannedRows::Mark& mark = *std::prev(after);
  absl::string_view rest(text_ + mark.offset, rows_.file.size() - mark.offset);
  RowText row;
  for (uint64_t left = n - mark.row;; rest.remove_prefix(row.size)) {
    FirstRow(rest, format_, true, &row);
    if (row.text.empty()) continue;
    if (left-- == 0) return row.text;
  }
}

absl::StatusOr<std::unique_ptr<FeederDownload>> FeederDownload::Begin(const v1::Feeder& feeder) {
  const int fd = OpenNameless(TemporaryFolder());
  if (fd < 0) return CannotKeep(feeder.name(), errno);
  return std::unique_ptr<FeederDownload>(new FeederDownload(feeder, fd));
}

FeederDownload::FeederDownload(const v1::Feeder& feeder, int fd)
    : feeder_(feeder), fd_(fd), scan_(feeder.name(), feeder.format()) {}

FeederDownload::~FeederDownload() {
  close(fd_);
}

absl::Status FeederDownload::Add(absl::string_view piece) {
  size_ += piece.size();
  if (size_ > feeder_.file().size()) return NotWhatThePlanSays(feeder_.name(), "it is larger");
  if (absl::Status status = scan_.Add(piece); !status.ok()) {
    return NotWhatThePlanSays(feeder_.name(), status.message());
  }
  return WriteAll(fd_, piece) ? absl::OkStatus() : CannotKeep(feeder_.name(), errno);
}

absl::StatusOr<std::unique_ptr<const FeederFile>> FeederDownload::Finish() {
  absl::StatusOr<ScannedRows> rows = scan_.Finish();
  if (!rows.ok()) return NotWhatThePlanSays(feeder_.name(), rows.status().message());
  if (rows->file.sha256() != feeder_.file().sha256() || rows->rows != feeder_.rows() ||
      !std::equal(rows->columns.begin(), rows->columns.end(), feeder_.columns().begin(),
                  feeder_.columns().end())) {
    return NotWhatThePlanSays(feeder_.name(), "it is another file");
  }
  void* const text = mmap(nullptr, rows->file.size(), PROT_READ, MAP_SHARED, fd_, 0);
  if (text == MAP_FAILED) return CannotKeep(feeder_.name(), errno);
  return std::unique_ptr<const FeederFile>(
      new FeederFile(feeder_.format(), *std::move(rows), static_cast<const char*>(text)));
}

}  // namespace loadfleet
