// Where the rows are in the text of a feeder's file: as CSV a row may have line breaks within
// quotes, as JSON lines a row is a line. Empty lines are no rows.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The format that a file's name says: .csv, .jsonl or .ndjson; FORMAT_UNSPECIFIED: none.
v1::Feeder::Format FeederFormatOf(absl::string_view file);

struct RowText {
  absl::string_view text;  // without its line end, LF or CRLF
  size_t size = 0;         // with it
};

// The row, or the empty line, that `rest` begins with; `rest` is not empty. What has no line end is
// a row only when it is `all` that comes. False: it is not all here.
bool FirstRow(absl::string_view rest, v1::Feeder::Format format, bool all, RowText* row);

}  // namespace loadfleet
