// The files that feeders name, as the master keeps them: known by their content, uploaded before a
// plan that needs them and fetched by its agents.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "common/feeder/feeder_scan.h"
#include "common/limits.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// A descriptor of a whole file, which outlives the file's name.
class OpenedData {
 public:
  explicit OpenedData(int fd) : fd_(fd) {}
  ~OpenedData();
  OpenedData(const OpenedData&) = delete;
  OpenedData& operator=(const OpenedData&) = delete;

  // At most `most` bytes from `offset` on; none: that is the end. INTERNAL: the disk.
  absl::StatusOr<std::string> Read(uint64_t offset, size_t most) const;

 private:
  const int fd_;
};

// Thread-safe. No more than limits::kDataBytes together; what no run needs is removed after
// limits::kDataKept. A master begins with none, as no run outlives its master.
class DataFiles {
 public:
  class Upload;

  // Without a piece for so long an upload is given up: whoever sent it may be there no more.
  static constexpr Nanos kUploadIdle = 30 * kSecond;

  // In `data_dir`/feeders, or in a folder of its own below $TMPDIR (or /tmp) when that is empty:
  // made with the first upload, removed with *this. INTERNAL: what an earlier master left there
  // cannot be removed. `most`: bytes of all files together.
  static absl::StatusOr<std::unique_ptr<DataFiles>> Open(const std::string& data_dir,
                                                         const Clock& clock,
                                                         uint64_t most = limits::kDataBytes);
  ~DataFiles();

  // What the master itself has counted in the file; without `marks`. Nothing: it is not here.
  // It counts as needed from now on.
  std::optional<ScannedRows> Find(const v1::DataFile& file, v1::Feeder::Format format);

  // RESOURCE_EXHAUSTED: there is no room for it now; room is taken by what comes, not by what is
  // said to. INTERNAL: the disk, or there is no folder for it.
  absl::StatusOr<std::unique_ptr<Upload>> Begin(const v1::DataFile& file,
                                                v1::Feeder::Format format);

  // NOT_FOUND: no such content is here.
  absl::StatusOr<std::unique_ptr<OpenedData>> Read(const v1::DataFile& file);

  // Removes what has not been needed for limits::kDataKept, and gives up uploads that are idle.
  // `needed`: the hashes of what runs need now.
  void Trim(const std::set<std::string>& needed);

 private:
  // A file counted as CSV is another than the same file as JSON.
  using Key = std::pair<std::string, v1::Feeder::Format>;
  struct Kept {
    ScannedRows rows;
    Nanos needed_at = 0;
  };

  DataFiles(std::string folder, const Clock& clock, uint64_t most)
      : most_(most), folder_(std::move(folder)), clock_(clock) {}

  // An upload's name for mkstemp; makes the folder when it is missing.
  absl::StatusOr<std::string> NewPath();
  std::string PathOf(const Key& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRoom(uint64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Reserve(Upload& upload, uint64_t bytes);
  void Forget(Upload& upload);
  void GiveUp(Upload& upload) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Keep(Upload& upload, ScannedRows rows);
  std::map<Key, Kept>::iterator Remove(std::map<Key, Kept>::iterator kept)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint64_t most_;
  absl::Mutex mutex_;
  std::string folder_ ABSL_GUARDED_BY(mutex_);  // empty: a temporary one, not made yet
  const Clock& clock_;
  std::map<Key, Kept> kept_ ABSL_GUARDED_BY(mutex_);
  std::set<Upload*> uploads_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of what is kept and of what has come so far
};

// One file on its way in, gone with this unless it came to its end. One thread at a time.
class DataFiles::Upload {
 public:
  ~Upload();

  // INVALID_ARGUMENT: its rows cannot be read.  DATA_LOSS: it is not what it was said to be.
  // RESOURCE_EXHAUSTED: there is no more room.  DEADLINE_EXCEEDED: it was given up.  INTERNAL: the
  // disk.
  absl::Status Add(absl::string_view piece);
  // After the last piece. As Add.
  absl::Status Finish();

 private:
  friend class DataFiles;
  Upload(DataFiles& files, const v1::DataFile& file, v1::Feeder::Format format, int fd,
         std::string path);

  DataFiles& files_;
  const v1::DataFile file_;
  const v1::Feeder::Format format_;
  const int fd_;
  const std::string path_;
  FeederScan scan_;
  uint64_t size_ = 0;

  // With the lock of `files_`.
  uint64_t reserved_ = 0;
  Nanos piece_at_;  // when the newest came
  bool given_up_ = false;
  bool kept_ = false;
};

}  // namespace loadfleet
