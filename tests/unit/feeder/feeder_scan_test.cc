// What is in a feeder's file, and what is wrong with it, in whatever pieces it comes.
#include "common/feeder/feeder_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/feeder/row_text.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<ScannedRows> Scan(absl::string_view text, const std::string& name,
                                 size_t piece = SIZE_MAX) {
  FeederScan scan(name, FeederFormatOf(name));
  while (!text.empty()) {
    const absl::string_view part = text.substr(0, piece);
    if (absl::Status status = scan.Add(part); !status.ok()) return status;
    text.remove_prefix(part.size());
  }
  return scan.Finish();
}

std::string WrongCsv(absl::string_view text) {
  return std::string(Scan(text, "users.csv").status().message());
}
std::string WrongJson(absl::string_view text) {
  return std::string(Scan(text, "users.jsonl").status().message());
}

TEST(FeederFormat, IsWhatTheNameEndsWith) {
  EXPECT_EQ(FeederFormatOf("data/users.csv"), v1::Feeder::FORMAT_CSV);
  EXPECT_EQ(FeederFormatOf("USERS.CSV"), v1::Feeder::FORMAT_CSV);
  EXPECT_EQ(FeederFormatOf("a.jsonl"), v1::Feeder::FORMAT_JSON_LINES);
  EXPECT_EQ(FeederFormatOf("a.ndjson"), v1::Feeder::FORMAT_JSON_LINES);
  EXPECT_EQ(FeederFormatOf("a.json"), v1::Feeder::FORMAT_UNSPECIFIED);
}

TEST(FeederScan, CountsTheRowsBelowTheOneThatNamesTheColumns) {
  const auto scanned = Scan("name,password\nann,a\nbob,b\n", "users.csv");
  ASSERT_TRUE(scanned.ok()) << scanned.status();
  EXPECT_THAT(scanned->columns, ElementsAre("name", "password"));
  EXPECT_EQ(scanned->rows, 2u);
  EXPECT_EQ(scanned->file.size(), 26u);
}

TEST(FeederScan, KnowsTheContentByItsHash) {
  // sha256sum of "a\n1\n".
  EXPECT_EQ(absl::BytesToHexString(Scan("a\n1\n", "a.csv")->file.sha256()),
            "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc");
}

TEST(FeederScan, TakesAByteOrderMarkLineEndsOfBothKindsAndNoneAtTheEnd) {
  const std::string text = "\xef\xbb\xbfname,note\r\nann,\"a\r\nb\nc\"\r\n\r\nbob,\n\ncid,x";
  for (const size_t piece : {1, 2, 3, 7, 100}) {
    const auto scanned = Scan(text, "users.csv", piece);
    ASSERT_TRUE(scanned.ok()) << scanned.status() << " in pieces of " << piece;
    EXPECT_THAT(scanned->columns, ElementsAre("name", "note"));
    EXPECT_EQ(scanned->rows, 3u);
    EXPECT_EQ(scanned->file.size(), text.size());
    ASSERT_EQ(scanned->marks.size(), 1u);
    EXPECT_EQ(scanned->marks[0].row, 0u);
    EXPECT_EQ(scanned->marks[0].offset, text.find("ann"));
  }
}

// Whoever looks for a row passes over what is between it and the mark before it.
TEST(FeederScan, MarksWhatIsBehindManyEmptyLines) {
  std::string text = "a\n";
  for (int row = 0; row < 4; ++row) {
    absl::StrAppend(&text, row, "\n", std::string(2 * ScannedRows::kMarkBytes, '\n'));
  }
  const auto scanned = Scan(text, "a.csv", 4'096);
  ASSERT_TRUE(scanned.ok()) << scanned.status();
  ASSERT_EQ(scanned->marks.size(), 4u);
  for (uint64_t row = 0; row < 4; ++row) {
    EXPECT_EQ(scanned->marks[row].row, row);
    EXPECT_EQ(text[scanned->marks[row].offset], static_cast<char>('0' + row));
  }
}

TEST(FeederScan, SaysInWhichLineAFileOfCsvIsWrong) {
  EXPECT_EQ(WrongCsv(""), "users.csv: the file is empty");
  EXPECT_EQ(WrongCsv("\n\n"), "users.csv: the file is empty");
  EXPECT_EQ(WrongCsv("a,b\n"), "users.csv: there are no rows below the one that names the columns");
  EXPECT_EQ(WrongCsv("a,,b\n1,2,3\n"), "users.csv:1: column 2 has no name");
  EXPECT_EQ(WrongCsv("a,b,a\n1,2,3\n"), "users.csv:1: there are two columns \"a\"");
  EXPECT_EQ(WrongCsv("\xff\n1\n"), "users.csv:1: column 1: its name is not UTF-8");
  EXPECT_EQ(WrongCsv("a,b\n1,2\n3\n"), "users.csv:3: 1 field, and the first row has 2");
  EXPECT_EQ(WrongCsv("a\n\"x\n\n y\"\n1,2\n"), "users.csv:5: 2 fields, and the first row has 1");
  EXPECT_EQ(WrongCsv("a\n1\nb\"c\n2\n"),
            "users.csv:3: a quote within a field that does not begin with one");
  EXPECT_EQ(WrongCsv("a\n1\n\"c\n2\n"), "users.csv:3: a quote is not closed");
}

TEST(FeederScan, TakesTheColumnsOfJsonLinesFromTheFirst) {
  const auto scanned = Scan(
      "{\"id\": 1, \"tags\": [1, 2]}\r\n\n{\"more\": 0, \"tags\": null, \"id\": \"x\"}", "a.jsonl");
  ASSERT_TRUE(scanned.ok()) << scanned.status();
  EXPECT_THAT(scanned->columns, ElementsAre("id", "tags"));
  EXPECT_EQ(scanned->rows, 2u);
}

TEST(FeederScan, TakesNumbersOfAnySizeInJson) {
  const auto scanned = Scan("{\"id\": 1}\n{\"id\": 123456789012345678901234567890}\n", "a.jsonl");
  ASSERT_TRUE(scanned.ok()) << scanned.status();
  EXPECT_EQ(scanned->rows, 2u);
  EXPECT_EQ(WrongJson("{\"a\": 1}\n{\"a\": 01234567890123456789012}\n"),
            "users.jsonl:2: this is no JSON");
}

TEST(FeederScan, SaysInWhichLineAFileOfJsonIsWrong) {
  EXPECT_EQ(WrongJson("{\"a\": 1}\n{\"a\": }\n"), "users.jsonl:2: this is no JSON");
  EXPECT_EQ(WrongJson("[1]\n"), "users.jsonl:1: expected a JSON object");
  EXPECT_EQ(WrongJson("{}\n"), "users.jsonl:1: an object without a key");
  EXPECT_EQ(WrongJson("{\"a\": 1, \"b\": 2}\n\n{\"b\": 1}\n"),
            "users.jsonl:3: the key \"a\" of the first line is missing");
}

TEST(FeederScan, RefusesWhatIsBeyondALimit) {
  const std::string row(limits::kFeederRowBytes + 1, 'x');
  EXPECT_EQ(WrongCsv(absl::StrCat("a\n", row, "\n")),
            "users.csv:2: the row is longer than 64 KiB, or has a quote that is not closed");
  std::string columns;
  for (size_t i = 0; i <= limits::kFeederColumns; ++i) absl::StrAppend(&columns, "c", i, ",");
  EXPECT_EQ(WrongCsv(absl::StrCat(columns, "x\n")), "users.csv:1: 1002 columns, the limit is 1000");
}

// A row that does not end is told when it is too long, not when everything is in memory.
TEST(FeederScan, HoldsNoMoreThanARowAndAPiece) {
  FeederScan scan("users.csv", v1::Feeder::FORMAT_CSV);
  ASSERT_TRUE(scan.Add("a\n\"").ok());
  const std::string piece(1'000, 'x');
  absl::Status status;
  size_t taken = 0;
  for (; status.ok(); taken += piece.size()) status = scan.Add(piece);
  EXPECT_LE(taken, limits::kFeederRowBytes + 2 * piece.size());
  EXPECT_THAT(std::string(status.message()), HasSubstr("users.csv:2: the row is longer"));
}

}  // namespace
}  // namespace loadfleet
