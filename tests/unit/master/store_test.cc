#include "master/store/store.h"

#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~StoreTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Store> Open(const std::filesystem::path& directory) {
    auto store = Store::Open(directory);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  std::filesystem::path File() const { return directory_ / "runs.db"; }

  static StoredRun Run(const std::string& run_id) {
    StoredRun run;
    run.run_id = run_id;
    run.plan.set_name("plan of " + run_id);
    return run;
  }
  static void Save(Store& store, const StoredRun& run) {
    absl::Notification saved;
    store.SaveRun(run, [&saved](const absl::Status& status) {
      EXPECT_TRUE(status.ok());
      saved.Notify();
    });
    saved.WaitForNotification();
  }
  static void End(Store& store, const std::string& run_id) {
    v1::Report report;
    report.set_run_id(run_id);
    report.set_verdict(v1::VERDICT_PASSED);
    absl::Notification saved;
    store.SaveReport(report, [&saved](const absl::Status&) { saved.Notify(); });
    saved.WaitForNotification();
  }
  static std::vector<std::string> Listed(Store& store, uint32_t limit) {
    std::vector<std::string> ids;
    auto runs = store.ListRuns(limit);
    EXPECT_TRUE(runs.ok()) << runs.status();
    for (const v1::RunEntry& run : *runs) ids.push_back(run.run_id());
    return ids;
  }
  int64_t Count(const std::string& table) {
    sqlite3* db = nullptr;
    sqlite3_open_v2(File().c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, ("SELECT COUNT(*) FROM " + table).c_str(), -1, &statement, nullptr);
    sqlite3_step(statement);
    const int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
  }

  std::filesystem::path directory_;
};

TEST_F(StoreTest, AWriteIsOnTheDiskWhenItIsCalledDone) {
  auto store = Open(directory_);
  absl::Notification done;
  store->SaveRun(Run("r-0001"), [&](const absl::Status&) {
    EXPECT_EQ(Count("runs"), 1);
    done.Notify();
  });
  done.WaitForNotification();
}

TEST_F(StoreTest, AWindowIsOneRowOfTheLedgerWithItsSecondAndItsAgentsTotals) {
  auto store = Open(directory_);
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    WindowCommit commit;
    commit.run_id = "r-0001";
    commit.agent_id = "a1";
    commit.first_seq = seq;
    commit.last_seq = seq;
    commit.second = seq == 3 ? 1 : 0;
    store->CommitWindow(commit, [](const absl::Status&) {});
  }
  Save(*store, Run("r-0001"));  // queued behind them
  EXPECT_EQ(Count("windows"), 3);
  EXPECT_EQ(Count("seconds"), 2);
  EXPECT_EQ(Count("agent_totals"), 1);
}

TEST_F(StoreTest, KeepsWhoHasWhichPartOfTheLoadUntilTheRunHasEnded) {
  auto store = Open(directory_);
  const auto assigned = [](const std::string& agent, uint64_t epoch) {
    StoredAssignment stored{agent, 7, {}};
    stored.assignment.set_run_id("r-0001");
    stored.assignment.set_epoch(epoch);
    stored.assignment.set_slots("slots of " + agent);
    return stored;
  };
  StoredRun run = Run("r-0001");
  run.assignments = {assigned("a1", 1), assigned("a2", 1)};
  Save(*store, run);
  store->SaveEpoch({assigned("a2", 2)}, [](const absl::Status&) {});
  Save(*store, Run("r-0002"));  // queued behind it
  auto found = store->Assignments("r-0001");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[1].agent_id, "a2");
  EXPECT_EQ((*found)[2].assignment.epoch(), 2U);
  EXPECT_EQ((*found)[2].assignment.slots(), "slots of a2");
  EXPECT_EQ((*found)[2].incarnation, 7U);
  End(*store, "r-0001");
  EXPECT_TRUE(store->Assignments("r-0001")->empty());
}

TEST_F(StoreTest, AFileOfTheFirstSchemaGetsWhatIsNew) {
  {
    auto store = Open(directory_);
    Save(*store, Run("r-0001"));
  }
  sqlite3* db = nullptr;
  sqlite3_open(File().c_str(), &db);
  sqlite3_exec(db, "DROP TABLE assignments; PRAGMA user_version = 1", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  auto store = Open(directory_);
  EXPECT_THAT(Listed(*store, 10), ElementsAre("r-0001"));
  EXPECT_TRUE(store->Assignments("r-0001").ok());
}

TEST_F(StoreTest, CallsBackInTheOrderOfTheWrites) {
  auto store = Open(directory_);
  std::vector<int> order;  // of the store's thread
  for (int i = 0; i < 50; ++i) {
    store->SaveRun(Run("r-000" + std::to_string(i % 7 + 1)),
                   [&order, i](const absl::Status&) { order.push_back(i); });
  }
  Save(*store, Run("r-0001"));
  EXPECT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(StoreTest, ACopyOfTheFilesOfALivingStoreHoldsEverythingThatWasDone) {
  auto store = Open(directory_);
  Save(*store, Run("r-0001"));
  End(*store, "r-0001");
  Save(*store, Run("r-0002"));
  // As a machine that lost its power would find them.
  const std::filesystem::path copy = directory_ / "copy";
  std::filesystem::create_directory(copy);
  for (const char* name : {"runs.db", "runs.db-wal"}) {
    std::filesystem::copy_file(directory_ / name, copy / name);
  }
  auto found = Open(copy);
  EXPECT_THAT(Listed(*found, 10), ElementsAre("r-0002", "r-0001"));
  EXPECT_EQ(found->GetReport("r-0001")->verdict(), v1::VERDICT_PASSED);
  auto unfinished = found->UnfinishedRuns();
  ASSERT_EQ(unfinished->size(), 1U);
  EXPECT_EQ(unfinished->front().plan.name(), "plan of r-0002");
  EXPECT_EQ(*found->NextRunNumber(), 3U);
}

TEST_F(StoreTest, WhatIsQueuedAtTheEndIsStillWritten) {
  {
    Open(directory_)->SaveRun(Run("r-0001"), [](const absl::Status&) {});
  }
  EXPECT_THAT(Listed(*Open(directory_), 10), ElementsAre("r-0001"));
}

TEST_F(StoreTest, ListsTheNewestFirstBeyondFourDigits) {
  auto store = Open("");
  for (const char* id : {"r-0999", "r-10000", "r-9999"}) Save(*store, Run(id));
  EXPECT_THAT(Listed(*store, 2), ElementsAre("r-10000", "r-9999"));
  EXPECT_EQ(*store->NextRunNumber(), 10'001U);
}

TEST_F(StoreTest, TellsAnUnknownRunFromAnUnfinishedOne) {
  auto store = Open("");
  Save(*store, Run("r-0001"));
  EXPECT_EQ(store->GetReport("r-0001").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store->GetReport("r-0002").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(StoreTest, ADamagedFileIsRefusedWithItsPathAndARemedyAndLeftAsItIs) {
  { Save(*Open(directory_), Run("r-0001")); }
  std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(0);
  file << "this is not a database at all....";
  file.close();
  const auto size = std::filesystem::file_size(File());
  const auto store = Store::Open(directory_);
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(File().string()));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("restore"));
  EXPECT_EQ(std::filesystem::file_size(File()), size);
}

TEST_F(StoreTest, AFileOfANewerVersionIsRefused) {
  { Open(directory_); }
  sqlite3* db = nullptr;
  sqlite3_open(File().c_str(), &db);
  sqlite3_exec(db, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto store = Store::Open(directory_);
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("schema 99"));
}

TEST_F(StoreTest, TwoMastersDoNotShareADirectory) {
  auto store = Open(directory_);
  const auto second = Store::Open(directory_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

}  // namespace
}  // namespace loadfleet
