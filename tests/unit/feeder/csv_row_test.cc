// RFC 4180, 2, rule by rule, for one row.
#include "common/feeder/csv_row.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using testing::ElementsAre;

std::vector<std::string> FieldsOf(absl::string_view text, std::string* error = nullptr) {
  CsvRow row(text);
  CsvField field;
  std::vector<std::string> fields;
  while (row.Next(&field)) field.AssignTo(&fields.emplace_back());
  if (error != nullptr) *error = std::string(row.error());
  return fields;
}

std::string ErrorOf(absl::string_view text) {
  std::string error;
  FieldsOf(text, &error);
  return error;
}

TEST(CsvRow, SeparatesFieldsByCommas) {
  EXPECT_THAT(FieldsOf("aaa,bbb,ccc"), ElementsAre("aaa", "bbb", "ccc"));
}

TEST(CsvRow, KeepsSpacesAsPartOfAField) {
  EXPECT_THAT(FieldsOf(" a , b"), ElementsAre(" a ", " b"));
}

TEST(CsvRow, HasEmptyFields) {
  EXPECT_THAT(FieldsOf(",,"), ElementsAre("", "", ""));
  EXPECT_THAT(FieldsOf("\"\",a"), ElementsAre("", "a"));
}

TEST(CsvRow, TakesQuotesOff) {
  EXPECT_THAT(FieldsOf(R"("aaa","bbb",ccc)"), ElementsAre("aaa", "bbb", "ccc"));
}

TEST(CsvRow, HasCommasAndLineBreaksWithinQuotes) {
  EXPECT_THAT(FieldsOf("\"a,a\",\"b\r\nb\",\"c\nc\""), ElementsAre("a,a", "b\r\nb", "c\nc"));
}

TEST(CsvRow, MakesOneQuoteOfTwoWithinQuotes) {
  EXPECT_THAT(FieldsOf(R"("a""b","""","""""")"), ElementsAre("a\"b", "\"", "\"\""));
}

TEST(CsvRow, RefusesWhatTheFormatHasNot) {
  EXPECT_EQ(ErrorOf("a\"b"), "a quote within a field that does not begin with one");
  EXPECT_EQ(ErrorOf("a,\"b"), "a quote is not closed");
  EXPECT_EQ(ErrorOf("\"a\"b,c"), "text behind the closing quote of a field");
  EXPECT_EQ(ErrorOf("a\rb"), "a carriage return outside of quotes");
}

}  // namespace
}  // namespace loadfleet
