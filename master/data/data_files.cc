#include "master/data/data_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/files.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr char kFolder[] = "feeders";

absl::Status OfDisk(absl::string_view what, const std::string& path, int error) {
  return absl::InternalError(absl::StrCat(what, " ", path, ": ", strerror(error)));
}

absl::Status GivenUp() {
  return absl::DeadlineExceededError(absl::StrCat("the upload brought nothing for ",
                                                  DataFiles::kUploadIdle / kSecond,
                                                  " seconds and was given up"));
}

}  // namespace

OpenedData::~OpenedData() {
  close(fd_);
}

absl::StatusOr<std::string> OpenedData::Read(uint64_t offset, size_t most) const {
  std::string piece(most, '\0');
  ssize_t got = 0;
  do {
    got = pread(fd_, piece.data(), piece.size(), static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return OfDisk("cannot read", "the rows of a feeder", errno);
  piece.resize(static_cast<size_t>(got));
  return piece;
}

absl::StatusOr<std::unique_ptr<DataFiles>> DataFiles::Open(const std::string& data_dir,
                                                           const Clock& clock, uint64_t most) {
  std::string folder;
  if (!data_dir.empty()) {
    // What an earlier master has left there: nobody knows what it has counted in it.
    folder = absl::StrCat(data_dir, "/", kFolder);
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) return OfDisk("cannot remove", folder, error.value());
  }
  return std::unique_ptr<DataFiles>(new DataFiles(std::move(folder), clock, most));
}

DataFiles::~DataFiles() {
  absl::MutexLock lock(&mutex_);
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
  if (error) spdlog::warn("cannot remove {}: {}", folder_, error.message());
}

absl::StatusOr<std::string> DataFiles::NewPath() {
  absl::MutexLock lock(&mutex_);
  if (folder_.empty()) {
    std::string made = absl::StrCat(TemporaryFolder(), "/loadfleet-XXXXXX");
    if (mkdtemp(made.data()) == nullptr) return OfDisk("cannot make", made, errno);
    folder_ = std::move(made);
  } else if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return OfDisk("cannot make", folder_, errno);
  }
  return absl::StrCat(folder_, "/upload-XXXXXX");
}

std::string DataFiles::PathOf(const Key& key) const {
  return absl::StrCat(folder_, "/", absl::BytesToHexString(key.first), "-",
                      static_cast<int>(key.second));
}

std::optional<ScannedRows> DataFiles::Find(const v1::DataFile& file, v1::Feeder::Format format) {
  absl::MutexLock lock(&mutex_);
  const auto found = kept_.find({file.sha256(), format});
  if (found == kept_.end()) return std::nullopt;
  found->second.needed_at = clock_.Now();
  return found->second.rows;
}

absl::StatusOr<std::unique_ptr<DataFiles::Upload>> DataFiles::Begin(const v1::DataFile& file,
                                                                    v1::Feeder::Format format) {
  {
    absl::MutexLock lock(&mutex_);
    if (absl::Status status = CheckRoom(file.size()); !status.ok()) return status;
  }
  absl::StatusOr<std::string> path = NewPath();
  if (!path.ok()) return path.status();
  const int fd = mkostemp(path->data(), O_CLOEXEC);
  if (fd < 0) return OfDisk("cannot make", *path, errno);
  std::unique_ptr<Upload> upload(new Upload(*this, file, format, fd, *std::move(path)));
  absl::MutexLock lock(&mutex_);
  uploads_.insert(upload.get());
  return upload;
}

absl::Status DataFiles::CheckRoom(uint64_t bytes) const {
  if (bytes <= limits::kFeederFileBytes && bytes_ + bytes <= most_) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the master keeps files of feeders up to ", limits::kFeederFileBytes >> 30,
                   " GiB each and ", limits::kDataBytes >> 30, " GiB together, each for ",
                   limits::kDataKept / (60 * kSecond), " minutes after the last run with it"));
}

absl::Status DataFiles::Reserve(Upload& upload, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (upload.given_up_) return GivenUp();
  if (absl::Status status = CheckRoom(bytes); !status.ok()) return status;
  upload.piece_at_ = clock_.Now();
  upload.reserved_ += bytes;
  bytes_ += bytes;
  return absl::OkStatus();
}

void DataFiles::Forget(Upload& upload) {
  absl::MutexLock lock(&mutex_);
  uploads_.erase(&upload);
  if (upload.kept_) return;
  unlink(upload.path_.c_str());
  bytes_ -= upload.reserved_;
}

void DataFiles::GiveUp(Upload& upload) {
  upload.given_up_ = true;
  if (ftruncate(upload.fd_, 0) != 0) spdlog::warn("cannot empty {}", upload.path_);
  bytes_ -= std::exchange(upload.reserved_, 0);
}

absl::Status DataFiles::Keep(Upload& upload, ScannedRows rows) {
  rows.marks = {};
  const Key key(rows.file.sha256(), upload.format_);
  absl::MutexLock lock(&mutex_);
  if (upload.given_up_) return GivenUp();
  if (rename(upload.path_.c_str(), PathOf(key).c_str()) != 0) {
    return OfDisk("cannot rename", upload.path_, errno);
  }
  upload.kept_ = true;
  // Two may have uploaded it at a time.
  if (kept_.contains(key)) bytes_ -= rows.file.size();
  kept_[key] = {std::move(rows), clock_.Now()};
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<OpenedData>> DataFiles::Read(const v1::DataFile& file) {
  absl::MutexLock lock(&mutex_);
  const auto found = kept_.lower_bound({file.sha256(), v1::Feeder::FORMAT_UNSPECIFIED});
  if (found == kept_.end() || found->first.first != file.sha256()) {
    return absl::NotFoundError("the master has no file of this content any more");
  }
  const std::string path = PathOf(found->first);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return OfDisk("cannot open", path, errno);
  return std::make_unique<OpenedData>(fd);
}

void DataFiles::Trim(const std::set<std::string>& needed) {
  absl::MutexLock lock(&mutex_);
  const Nanos now = clock_.Now();
  for (Upload* upload : uploads_) {
    if (!upload->given_up_ && now - upload->piece_at_ > kUploadIdle) GiveUp(*upload);
  }
  for (auto kept = kept_.begin(); kept != kept_.end();) {
    if (needed.contains(kept->first.first)) kept->second.needed_at = now;
    kept = now - kept->second.needed_at > limits::kDataKept ? Remove(kept) : std::next(kept);
  }
}

std::map<DataFiles::Key, DataFiles::Kept>::iterator DataFiles::Remove(
    std::map<Key, Kept>::iterator kept) {
  unlink(PathOf(kept->first).c_str());
  bytes_ -= kept->second.rows.file.size();
  return kept_.erase(kept);
}

DataFiles::Upload::Upload(DataFiles& files, const v1::DataFile& file, v1::Feeder::Format format,
                          int fd, std::string path)
    : files_(files),
      file_(file),
      format_(format),
      fd_(fd),
      path_(std::move(path)),
      scan_("the uploaded file", format),
      piece_at_(files.clock_.Now()) {}

DataFiles::Upload::~Upload() {
  files_.Forget(*this);
  close(fd_);
}

absl::Status DataFiles::Upload::Add(absl::string_view piece) {
  size_ += piece.size();
  if (size_ > file_.size()) {
    return absl::DataLossError("the file is larger than it was said to be: it has changed");
  }
  if (absl::Status status = files_.Reserve(*this, piece.size()); !status.ok()) return status;
  if (absl::Status status = scan_.Add(piece); !status.ok()) return status;
  return WriteAll(fd_, piece) ? absl::OkStatus() : OfDisk("cannot write", path_, errno);
}

absl::Status DataFiles::Upload::Finish() {
  absl::StatusOr<ScannedRows> rows = scan_.Finish();
  if (!rows.ok()) return rows.status();
  if (rows->file.size() != file_.size() || rows->file.sha256() != file_.sha256()) {
    return absl::DataLossError("the file is not what it was said to be: it has changed");
  }
  return files_.Keep(*this, *std::move(rows));
}

}  // namespace loadfleet
