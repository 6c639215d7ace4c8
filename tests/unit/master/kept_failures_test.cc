// Which failing exchanges of all agents a report shows.
#include "master/results/kept_failures.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

v1::ExchangeRecord Failure(int64_t intended, uint32_t status = 503, uint32_t request = 0) {
  v1::ExchangeRecord record;
  record.set_outcome(v1::OUTCOME_BAD_STATUS);
  record.set_request(request);
  record.set_intended_ns(intended);
  record.set_response_head(absl::StrCat("HTTP/1.1 ", status, "\r\n\r\n"));
  return record;
}

std::vector<int64_t> Times(const KeptFailures& failures) {
  KeptFailures::List list;
  failures.Fill(&list);
  std::vector<int64_t> times;
  for (const v1::ExchangeRecord& record : list) times.push_back(record.intended_ns());
  return times;
}

TEST(KeptFailures, AreTheFirstFewOfEachKindByTheirTimes) {
  KeptFailures failures;
  for (const int64_t time : {9, 3, 7, 1, 5}) failures.Add(Failure(time));
  for (const int64_t time : {20, 10}) failures.Add(Failure(time, 404));
  for (const int64_t time : {4, 2}) failures.Add(Failure(time, 503, 1));
  EXPECT_EQ(Times(failures), (std::vector<int64_t>{1, 2, 3, 4, 5, 10, 20}));
}

TEST(KeptFailures, EachCheckIsAKindOfItsOwn) {
  KeptFailures failures;
  for (int64_t time = 1; time <= 8; ++time) {
    v1::ExchangeRecord record = Failure(time, 200);
    record.set_outcome(v1::OUTCOME_OK);
    record.add_failed_checks(time % 2 == 0 ? absl::StrCat("json $.a: expected 1, got ", time)
                                           : "status: expected 201, got 200");
    failures.Add(record);
  }
  EXPECT_EQ(Times(failures), (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
}

TEST(KeptFailures, AreTheSameInAnyOrder) {
  std::mt19937_64 random(1);
  std::vector<v1::ExchangeRecord> records;
  for (int i = 0; i < 400; ++i) {
    records.push_back(Failure(i, 500 + static_cast<uint32_t>(random() % 5), random() % 10));
  }
  KeptFailures expected;
  for (const v1::ExchangeRecord& record : records) expected.Add(record);
  for (int i = 0; i < 5; ++i) {
    std::shuffle(records.begin(), records.end(), random);
    KeptFailures shuffled;
    for (const v1::ExchangeRecord& record : records) shuffled.Add(record);
    EXPECT_EQ(Times(shuffled), Times(expected));
  }
}

TEST(KeptFailures, BeyondTheMostARepetitionGoesBeforeAKind) {
  KeptFailures failures;
  const auto kinds = static_cast<uint32_t>(limits::kRunFailures);
  for (int64_t time = 0; time < 3; ++time) failures.Add(Failure(time));
  for (uint32_t request = 1; request < kinds; ++request) {
    failures.Add(Failure(1'000 + request, 503, request));
  }
  KeptFailures::List list;
  failures.Fill(&list);
  ASSERT_EQ(list.size(), static_cast<int>(kinds));
  EXPECT_EQ(list[0].intended_ns(), 0);
  EXPECT_EQ(list[1].intended_ns(), 1'001) << "each kind has one";
}

TEST(KeptFailures, TheirBytesAreBounded) {
  KeptFailures failures;
  const size_t bytes = limits::kFailureBytes - 200;
  for (uint32_t request = 0; request < limits::kRunFailures; ++request) {
    v1::ExchangeRecord record = Failure(request, 503, request);
    record.set_response_body(std::string(bytes, 'x'));
    ASSERT_TRUE(KeptFailures::Check(record).ok());
    failures.Add(std::move(record));
  }
  KeptFailures::List list;
  failures.Fill(&list);
  EXPECT_LE(static_cast<size_t>(list.size()) * bytes, limits::kRunFailureBytes);
  EXPECT_GT(list.size(), 10);
  EXPECT_EQ(list[0].intended_ns(), 0);
}

TEST(KeptFailures, WhatIsNoFailureOrTooLargeIsRefused) {
  EXPECT_TRUE(KeptFailures::Check(Failure(0)).ok());
  v1::ExchangeRecord record = Failure(0);
  record.set_outcome(v1::OUTCOME_OK);
  EXPECT_FALSE(KeptFailures::Check(record).ok());
  record.set_outcome(v1::OUTCOME_INTERRUPTED);
  EXPECT_FALSE(KeptFailures::Check(record).ok());
  record.set_outcome(v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(KeptFailures::Check(record).ok());
  record = Failure(0);
  record.set_response_body(std::string(limits::kFailureBytes, 'x'));
  EXPECT_FALSE(KeptFailures::Check(record).ok());
}

}  // namespace
}  // namespace loadfleet
