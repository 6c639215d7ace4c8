#include "common/feeder/row_text.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace loadfleet {
namespace {

RowText Cut(absl::string_view rest, size_t end, size_t line_end) {
  RowText row{rest.substr(0, end), end + line_end};
  if (line_end > 0 && absl::EndsWith(row.text, "\r")) row.text.remove_suffix(1);
  return row;
}

}  // namespace

v1::Feeder::Format FeederFormatOf(absl::string_view file) {
  if (absl::EndsWithIgnoreCase(file, ".csv")) return v1::Feeder::FORMAT_CSV;
  if (absl::EndsWithIgnoreCase(file, ".jsonl") || absl::EndsWithIgnoreCase(file, ".ndjson")) {
    return v1::Feeder::FORMAT_JSON_LINES;
  }
  return v1::Feeder::FORMAT_UNSPECIFIED;
}

bool FirstRow(absl::string_view rest, v1::Feeder::Format format, bool all, RowText* row) {
  // A line end is the row's when the quotes before it come in pairs: those that open and close, and
  // those that stand for one.
  bool open = false;
  for (size_t from = 0;;) {
    const size_t end = rest.find('\n', from);
    if (end == rest.npos) break;
    if (format == v1::Feeder::FORMAT_CSV) {
      const absl::string_view line = rest.substr(from, end - from);
      open ^= std::count(line.begin(), line.end(), '"') % 2 != 0;
    }
    if (!open) {
      *row = Cut(rest, end, 1);
      return true;
    }
    from = end + 1;
  }
  if (all) *row = Cut(rest, rest.size(), 0);
  return all;
}

}  // namespace loadfleet
