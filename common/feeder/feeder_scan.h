// Reads a feeder's file once, piece by piece: whether every row of it is well formed, what its
// columns are, how many rows there are and where. Whoever hands a file on scans it anew: loadctl,
// the master and each agent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

class Sha256;

struct ScannedRows {
  std::vector<std::string> columns;  // in the file's order
  uint64_t rows = 0;
  v1::DataFile file;
  struct Mark {
    uint64_t row = 0;
    uint64_t offset = 0;  // where it begins, in bytes
  };
  // From one to the next are at most kMarkRows rows, and kMarkBytes with one row more, however many
  // empty lines stand between them: 5 MB for ten million rows. The first is of row 0.
  std::vector<Mark> marks;

  static constexpr uint64_t kMarkRows = 32;
  static constexpr uint64_t kMarkBytes = 256 << 10;
};

// Holds no more of the file than a piece and the row that it cuts.
class FeederScan {
 public:
  // `name`: of the file, for messages.
  FeederScan(std::string name, v1::Feeder::Format format);
  ~FeederScan();

  // INVALID_ARGUMENT: "users.csv:17: 3 fields, and the first row has 4", or a limit that is
  // exceeded. Nothing may follow an error.
  absl::Status Add(absl::string_view piece);

  // After the last piece. INVALID_ARGUMENT as above, or there are no rows.
  absl::StatusOr<ScannedRows> Finish();

 private:
  class Rows;
  class CsvRows;
  class JsonRows;

  absl::Status TakeRows(bool all);
  absl::Status TakeRow(absl::string_view row);
  absl::Status Wrong(absl::string_view what) const;

  const std::string name_;
  const v1::Feeder::Format format_;
  std::unique_ptr<Sha256> digest_;
  std::unique_ptr<Rows> reader_;
  ScannedRows scanned_;
  std::string waiting_;  // what has not been taken yet
  uint64_t taken_ = 0;   // bytes before it
  uint64_t line_ = 1;    // of its beginning
};

}  // namespace loadfleet
