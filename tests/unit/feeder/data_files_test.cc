// What the master keeps of what was uploaded, and for how long.
#include "master/data/data_files.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;

constexpr char kText[] = "name\nann\nbob\n";

v1::DataFile FileOf(absl::string_view text) {
  FeederScan scan("users.csv", v1::Feeder::FORMAT_CSV);
  EXPECT_TRUE(scan.Add(text).ok());
  return scan.Finish()->file;
}

class Data : public testing::Test {
 protected:
  absl::Status Upload(const v1::DataFile& file, absl::string_view text) {
    auto upload = files_->Begin(file, v1::Feeder::FORMAT_CSV);
    if (!upload.ok()) return upload.status();
    absl::Status status = (*upload)->Add(text);
    return status.ok() ? (*upload)->Finish() : status;
  }
  bool Has(const v1::DataFile& file) {
    return files_->Find(file, v1::Feeder::FORMAT_CSV).has_value();
  }
  int OnDisk() const {
    std::error_code missing;  // the folder, before the first upload
    const std::filesystem::directory_iterator folder(directory_.path() / "feeders", missing);
    return static_cast<int>(std::distance(begin(folder), end(folder)));
  }

  ManualClock clock_;
  TemporaryDirectory directory_;
  std::unique_ptr<DataFiles> files_ = *DataFiles::Open(directory_.path(), clock_);
};

TEST_F(Data, IsCountedAndReadInPieces) {
  const v1::DataFile file = FileOf(kText);
  EXPECT_FALSE(Has(file));
  ASSERT_TRUE(Upload(file, kText).ok());
  const auto counted = files_->Find(file, v1::Feeder::FORMAT_CSV);
  ASSERT_TRUE(counted);
  EXPECT_THAT(counted->columns, ElementsAre("name"));
  EXPECT_EQ(counted->rows, 2u);
  const auto opened = files_->Read(file);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*(*opened)->Read(5, 4), "ann\n");
  EXPECT_EQ(*(*opened)->Read(9, 100), "bob\n");
  EXPECT_EQ(*(*opened)->Read(13, 100), "");
}

TEST_F(Data, IsNotBelievedToBeWhatItIsSaidToBe) {
  v1::DataFile wrong = FileOf(kText);
  EXPECT_TRUE(absl::IsDataLoss(Upload(wrong, "name\nann\nbib\n")));
  EXPECT_TRUE(absl::IsDataLoss(Upload(wrong, "name\nann\nbob\ncid\n")));
  EXPECT_TRUE(absl::IsDataLoss(Upload(wrong, "name\nann\n")));
  EXPECT_TRUE(absl::IsInvalidArgument(Upload(wrong, "name\n\"nn\nbob\n")));
  EXPECT_TRUE(absl::IsNotFound(files_->Read(wrong).status()));
  EXPECT_EQ(OnDisk(), 0);
}

TEST_F(Data, IsRemovedWhenNoRunHasNeededItForAWhile) {
  const v1::DataFile file = FileOf(kText);
  ASSERT_TRUE(Upload(file, kText).ok());
  clock_.Advance(limits::kDataKept + 1);
  files_->Trim({file.sha256()});  // a run has it
  clock_.Advance(limits::kDataKept);
  files_->Trim({});
  EXPECT_TRUE(Has(file));
  const auto opened = files_->Read(file);
  clock_.Advance(limits::kDataKept + 1);
  files_->Trim({});
  EXPECT_FALSE(Has(file));
  EXPECT_EQ(OnDisk(), 0);
  EXPECT_EQ(*(*opened)->Read(0, 100), kText);  // who is reading it goes on
}

TEST_F(Data, HasNoMoreRoomThanTheLimit) {
  files_ = *DataFiles::Open(directory_.path(), clock_, 2 * sizeof(kText));
  const v1::DataFile file = FileOf(kText);
  auto first = files_->Begin(file, v1::Feeder::FORMAT_CSV);
  auto second = files_->Begin(file, v1::Feeder::FORMAT_CSV);
  auto third = files_->Begin(file, v1::Feeder::FORMAT_CSV);
  ASSERT_TRUE((*first)->Add(kText).ok());
  ASSERT_TRUE((*second)->Add(kText).ok());
  EXPECT_TRUE(absl::IsResourceExhausted((*third)->Add(kText)));
  EXPECT_TRUE(absl::IsResourceExhausted(Upload(file, kText)));
  first->reset();
  EXPECT_TRUE(Upload(file, kText).ok());
  v1::DataFile large = file;
  large.set_size(limits::kFeederFileBytes + 1);
  EXPECT_TRUE(absl::IsResourceExhausted(files_->Begin(large, v1::Feeder::FORMAT_CSV).status()));
}

TEST_F(Data, RoomIsTakenByWhatComesAndNotByWhatIsSaid) {
  v1::DataFile large = FileOf(kText);
  large.set_size(limits::kFeederFileBytes);
  std::vector<std::unique_ptr<DataFiles::Upload>> uploads;
  for (uint64_t bytes = 0; bytes < 2 * limits::kDataBytes; bytes += large.size()) {
    auto upload = files_->Begin(large, v1::Feeder::FORMAT_CSV);
    ASSERT_TRUE(upload.ok()) << upload.status();
    uploads.push_back(*std::move(upload));
  }
  EXPECT_TRUE(Upload(FileOf(kText), kText).ok());
}

TEST_F(Data, AnUploadThatFallsSilentIsGivenUp) {
  files_ = *DataFiles::Open(directory_.path(), clock_, sizeof(kText));
  const v1::DataFile file = FileOf(kText);
  auto upload = files_->Begin(file, v1::Feeder::FORMAT_CSV);
  clock_.Advance(DataFiles::kUploadIdle);
  ASSERT_TRUE((*upload)->Add("name\nann\n").ok());
  clock_.Advance(DataFiles::kUploadIdle);
  files_->Trim({});
  EXPECT_TRUE(absl::IsResourceExhausted(Upload(file, kText)));
  clock_.Advance(1);
  files_->Trim({});
  EXPECT_TRUE(Upload(file, kText).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded((*upload)->Add("bob\n")));
  EXPECT_FALSE((*upload)->Finish().ok());
  upload->reset();
  EXPECT_EQ(OnDisk(), 1);
  EXPECT_TRUE(Has(file));
}

TEST_F(Data, OfAnEarlierMasterIsForgotten) {
  ASSERT_TRUE(Upload(FileOf(kText), kText).ok());
  auto next = DataFiles::Open(directory_.path(), clock_);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(OnDisk(), 0);
  EXPECT_FALSE((*next)->Find(FileOf(kText), v1::Feeder::FORMAT_CSV));
}

}  // namespace
}  // namespace loadfleet
