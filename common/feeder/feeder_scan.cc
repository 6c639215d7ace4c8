#include "common/feeder/feeder_scan.h"

#include <algorithm>
#include <set>
#include <utility>

#include <simdjson.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/feeder/csv_row.h"
#include "common/feeder/row_text.h"
#include "common/json_number.h"
#include "common/limits.h"
#include "common/sha256.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

// What is wrong with the columns; empty: nothing.
std::string WrongColumns(const std::vector<std::string>& columns) {
  if (columns.size() > limits::kFeederColumns) {
    return absl::StrCat(columns.size(), " columns, the limit is ", limits::kFeederColumns);
  }
  std::set<absl::string_view> seen;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& column = columns[i];
    if (column.empty()) return absl::StrCat("column ", i + 1, " has no name");
    if (column.size() > limits::kNameBytes) {
      return absl::StrCat("column ", Quoted(column), ": ", column.size(), " bytes, the limit is ",
                          limits::kNameBytes);
    }
    if (ValidUtf8Prefix(column) < column.size()) {
      return absl::StrCat("column ", i + 1, ": its name is not UTF-8");
    }
    if (!seen.insert(column).second) {
      return absl::StrCat("there are two columns ", Quoted(column));
    }
  }
  return "";
}

}  // namespace

// What a format makes of a row.
class FeederScan::Rows {
 public:
  virtual ~Rows() = default;
  // Reads the columns from the first row that there is. What is wrong with a row, empty: nothing.
  virtual std::string ReadColumns(absl::string_view row, std::vector<std::string>* columns) = 0;
  virtual std::string Check(absl::string_view row, const std::vector<std::string>& columns) = 0;
  // Whether the row with the columns has values too.
  virtual bool columns_are_values() const = 0;
};

class FeederScan::CsvRows final : public Rows {
 public:
  std::string ReadColumns(absl::string_view row, std::vector<std::string>* columns) override {
    CsvRow fields(row);
    CsvField field;
    while (fields.Next(&field)) field.AssignTo(&columns->emplace_back());
    return std::string(fields.error());
  }

  std::string Check(absl::string_view row, const std::vector<std::string>& columns) override {
    CsvRow fields(row);
    CsvField field;
    size_t count = 0;
    while (fields.Next(&field)) ++count;
    if (!fields.error().empty()) return std::string(fields.error());
    if (count == columns.size()) return "";
    return absl::StrCat(count, count == 1 ? " field" : " fields", ", and the first row has ",
                        columns.size());
  }

  bool columns_are_values() const override { return false; }
};

class FeederScan::JsonRows final : public Rows {
 public:
  std::string ReadColumns(absl::string_view row, std::vector<std::string>* columns) override {
    if (std::string wrong = Parse(row); !wrong.empty()) return wrong;
    for (const auto& member : object_) columns->emplace_back(member.key);
    return columns->empty() ? "an object without a key" : "";
  }

  std::string Check(absl::string_view row, const std::vector<std::string>& columns) override {
    if (std::string wrong = Parse(row); !wrong.empty()) return wrong;
    // Mostly all rows have the same keys in the same order.
    size_t at = 0;
    for (const auto& member : object_) {
      if (at < columns.size() && member.key == columns[at]) ++at;
    }
    if (at == columns.size()) return "";
    for (const std::string& column : columns) {
      if (object_.at_key(column).error() == simdjson::SUCCESS) continue;
      return absl::StrCat("the key ", Quoted(column), " of the first line is missing");
    }
    return "";
  }

  bool columns_are_values() const override { return true; }

 private:
  std::string Parse(absl::string_view row) {
    text_.assign(row.data(), row.size());
    text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
    simdjson::dom::element root;
    auto error = parser_.parse(text_.data(), text_.size(), false).get(root);
    if (error == simdjson::NUMBER_ERROR) {  // it may be beyond 64 bits, and is not looked at here
      BlankNumbers(&text_);
      error = parser_.parse(text_.data(), text_.size(), false).get(root);
    }
    if (error != simdjson::SUCCESS) return "this is no JSON";
    if (root.get_object().get(object_) != simdjson::SUCCESS) return "expected a JSON object";
    return "";
  }

  simdjson::dom::parser parser_;
  simdjson::dom::object object_;
  std::string text_;
};

FeederScan::FeederScan(std::string name, v1::Feeder::Format format)
    : name_(std::move(name)), format_(format), digest_(std::make_unique<Sha256>()) {
  if (format_ == v1::Feeder::FORMAT_CSV) {
    reader_ = std::make_unique<CsvRows>();
  } else {
    reader_ = std::make_unique<JsonRows>();
  }
}

FeederScan::~FeederScan() = default;

absl::Status FeederScan::Add(absl::string_view piece) {
  digest_->Add(piece);
  scanned_.file.set_size(scanned_.file.size() + piece.size());
  if (scanned_.file.size() > limits::kFeederFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, ": the limit is ", limits::kFeederFileBytes >> 30, " GiB"));
  }
  waiting_.append(piece.data(), piece.size());
  return TakeRows(false);
}

absl::Status FeederScan::TakeRows(bool all) {
  absl::string_view rest = waiting_;
  if (taken_ == 0) {
    if (!all && rest.size() < kByteOrderMark.size()) return absl::OkStatus();
    if (absl::StartsWith(rest, kByteOrderMark)) {
      rest.remove_prefix(kByteOrderMark.size());
      taken_ += kByteOrderMark.size();
    }
  }
  RowText row;
  while (!rest.empty() && FirstRow(rest, format_, all, &row)) {
    if (!row.text.empty()) {
      if (absl::Status status = TakeRow(row.text); !status.ok()) return status;
    }
    line_ += static_cast<uint64_t>(
        std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(row.size), '\n'));
    taken_ += row.size;
    rest.remove_prefix(row.size);
  }
  // What is not a row by now is none.
  if (rest.size() > limits::kFeederRowBytes) return TakeRow(rest);
  waiting_.erase(0, waiting_.size() - rest.size());
  return absl::OkStatus();
}

absl::Status FeederScan::TakeRow(absl::string_view row) {
  if (row.size() > limits::kFeederRowBytes) {
    return Wrong(absl::StrCat(
        "the row is longer than ", limits::kFeederRowBytes >> 10, " KiB",
        format_ == v1::Feeder::FORMAT_CSV ? ", or has a quote that is not closed" : ""));
  }
  const bool first = scanned_.columns.empty();
  std::string wrong =
      first ? reader_->ReadColumns(row, &scanned_.columns) : reader_->Check(row, scanned_.columns);
  if (wrong.empty() && first) wrong = WrongColumns(scanned_.columns);
  if (!wrong.empty()) return Wrong(wrong);
  if (first && !reader_->columns_are_values()) return absl::OkStatus();
  if (scanned_.rows == limits::kFeederRows) {
    return Wrong(absl::StrCat("the limit is ", limits::kFeederRows, " rows"));
  }
  std::vector<ScannedRows::Mark>& marks = scanned_.marks;
  if (marks.empty() || scanned_.rows - marks.back().row == ScannedRows::kMarkRows ||
      taken_ - marks.back().offset > ScannedRows::kMarkBytes) {
    marks.push_back({scanned_.rows, taken_});
  }
  ++scanned_.rows;
  return absl::OkStatus();
}

absl::Status FeederScan::Wrong(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ":", line_, ": ", what));
}

absl::StatusOr<ScannedRows> FeederScan::Finish() {
  if (absl::Status status = TakeRows(true); !status.ok()) return status;
  if (scanned_.columns.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name_, ": the file is empty"));
  }
  if (scanned_.rows == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, ": there are no rows below the one that names the columns"));
  }
  scanned_.file.set_sha256(digest_->Finish());
  return std::move(scanned_);
}

}  // namespace loadfleet
