// A feeder's file as an agent has it while a run lasts: all of it, in a file without a name, mapped
// into memory and found row by row through an index.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/feeder/feeder_scan.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Immutable, and shared by all workers. What they read was written a moment ago, so that it is in
// the kernel's cache; the kernel may take its memory back and read it from the disk again.
class FeederFile {
 public:
  ~FeederFile();
  FeederFile(const FeederFile&) = delete;
  FeederFile& operator=(const FeederFile&) = delete;

  // The text of a row, without its line end. `n` is below the feeder's rows. Passes over some tens
  // of rows and at most some hundred kilobytes to get there.
  absl::string_view Row(uint64_t n) const;

 private:
  friend class FeederDownload;
  FeederFile(v1::Feeder::Format format, ScannedRows rows, const char* text);

  const v1::Feeder::Format format_;
  const ScannedRows rows_;
  const char* const text_;  // mapped, file.size bytes
};

// Makes one of the pieces as they come, without holding them. Blocks on the disk.
class FeederDownload {
 public:
  // In $TMPDIR, or /tmp. FAILED_PRECONDITION: no file can be made there.
  static absl::StatusOr<std::unique_ptr<FeederDownload>> Begin(const v1::Feeder& feeder);
  ~FeederDownload();

  // FAILED_PRECONDITION: the disk is full.  DATA_LOSS: this is not what the plan says.
  absl::Status Add(absl::string_view piece);
  uint64_t size() const { return size_; }  // of all pieces

  // After the last piece, and nothing after it.  As Add.
  absl::StatusOr<std::unique_ptr<const FeederFile>> Finish();

 private:
  FeederDownload(const v1::Feeder& feeder, int fd);

  const v1::Feeder feeder_;
  const int fd_;
  FeederScan scan_;
  uint64_t size_ = 0;
};

}  // namespace loadfleet
