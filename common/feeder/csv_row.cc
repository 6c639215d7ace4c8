#include "common/feeder/csv_row.h"

#include <algorithm>

namespace loadfleet {

void CsvField::AssignTo(std::string* out) const {
  if (!doubled) {
    out->assign(text.data(), text.size());
    return;
  }
  out->clear();
  for (size_t at = 0; at < text.size(); ++at) {
    out->push_back(text[at]);
    if (text[at] == '"') ++at;  // the second of the two
  }
}

bool CsvRow::Fail(absl::string_view error) {
  over_ = true;
  error_ = error;
  return false;
}

bool CsvRow::Next(CsvField* field) {
  if (over_) return false;
  if (!rest_.empty() && rest_.front() == '"') return NextQuoted(field);
  const size_t end = std::min(rest_.size(), rest_.find(','));
  field->text = rest_.substr(0, end);
  field->doubled = false;
  for (const char c : field->text) {
    if (c == '"') return Fail("a quote within a field that does not begin with one");
    if (c == '\r') return Fail("a carriage return outside of quotes");
  }
  over_ = end == rest_.size();
  if (!over_) rest_.remove_prefix(end + 1);
  return true;
}

bool CsvRow::NextQuoted(CsvField* field) {
  field->doubled = false;
  size_t end = 1;
  for (;; end += 2) {
    end = rest_.find('"', end);
    if (end == rest_.npos) return Fail("a quote is not closed");
    if (end + 1 == rest_.size() || rest_[end + 1] != '"') break;
    field->doubled = true;
  }
  field->text = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  over_ = rest_.empty();
  if (over_) return true;
  if (rest_.front() != ',') return Fail("text behind the closing quote of a field");
  rest_.remove_prefix(1);
  return true;
}

}  // namespace loadfleet
