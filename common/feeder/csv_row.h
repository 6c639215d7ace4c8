// One row of a CSV file, field by field (RFC 4180, 2).
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

struct CsvField {
  absl::string_view text;  // without its quotes
  bool doubled = false;    // two quotes in it stand for one

  void AssignTo(std::string* out) const;
};

// A cursor over the text of one row, which is without its line end and outlives this.
class CsvRow {
 public:
  explicit CsvRow(absl::string_view row) : rest_(row) {}

  // False: there is no further field, or the row is not of the format, which error() tells.
  bool Next(CsvField* field);

  // What is wrong, as a clause; empty: nothing so far.
  absl::string_view error() const { return error_; }

 private:
  bool NextQuoted(CsvField* field);
  bool Fail(absl::string_view error);

  absl::string_view rest_;
  bool over_ = false;
  absl::string_view error_;
};

}  // namespace loadfleet
