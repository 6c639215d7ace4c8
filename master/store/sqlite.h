// The little of SQLite's C interface that the store needs, with owners and Status.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace loadfleet {

// One connection; one thread at a time.
class Database {
 public:
  // Creates the file if need be. `path` may be ":memory:".
  static absl::StatusOr<Database> Open(const std::string& path);
  Database(Database&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Database& operator=(Database&& other) noexcept {
    std::swap(db_, other.db_);
    return *this;
  }
  ~Database() { sqlite3_close_v2(db_); }

  absl::Status Execute(const char* sql);
  // The last error of this connection, as a Status that `doing` introduces: DATA_LOSS for a damaged
  // file, RESOURCE_EXHAUSTED for a full disk, INTERNAL otherwise.
  absl::Status Error(std::string_view doing) const;
  sqlite3* get() const { return db_; }

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
};

// One SQL statement, prepared once and run many times. Parameters count from 1, columns from 0.
class Statement {
 public:
  // `sql` is ours and correct: an error is a bug or a damaged file, told by the first Step.
  Statement(Database& database, const char* sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& Bind(int parameter, int64_t value);
  Statement& Bind(int parameter, double value);
  Statement& BindText(int parameter, std::string_view value);
  Statement& BindBlob(int parameter, std::string_view value);

  // True: there is a row. After false, or an error, the statement is ready to be bound again.
  absl::StatusOr<bool> Step();
  // For statements without rows.
  absl::Status Run();
  // After fewer steps than there are rows.
  void Reset() { sqlite3_reset(statement_); }

  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double Real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string Bytes(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace loadfleet
