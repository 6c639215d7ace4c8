#include "loadctl/outputs/output_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadctl/outputs/atomic_file.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// A folder of its own for each test.
class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() {
    std::string name = testing::TempDir() + "loadctl.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~OutputFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ / name; }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static std::string Content(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
  }

  std::filesystem::path folder_;
};

TEST_F(OutputFileTest, ReplacesAFileAsAWhole) {
  ASSERT_TRUE(WriteAtomically(Path("report.json"), "old").ok());
  ASSERT_TRUE(WriteAtomically(Path("report.json"), "new").ok());
  EXPECT_EQ(Content(Path("report.json")), "new");
  EXPECT_THAT(Files(), UnorderedElementsAre("report.json"));
}

TEST_F(OutputFileTest, LeavesNothingBehindWhenItCannotWrite) {
  ASSERT_TRUE(std::filesystem::create_directory(Path("report.json")));
  EXPECT_FALSE(WriteAtomically(Path("report.json"), "text").ok());
  EXPECT_THAT(Files(), UnorderedElementsAre("report.json"));
}

TEST_F(OutputFileTest, ANewFileHasTheUsualPermissions) {
  const mode_t before = umask(022);
  ASSERT_TRUE(WriteAtomically(Path("report.json"), "text").ok());
  umask(before);
  struct stat made = {};
  ASSERT_EQ(stat(Path("report.json").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777u, 0644u);
}

TEST_F(OutputFileTest, TheFormatFollowsTheEnding) {
  v1::Report report;
  report.set_run_id("r-0001");
  report.set_verdict(v1::VERDICT_ABORTED);
  const absl::StatusOr<std::vector<OutputFile>> files = PrepareOutputs(
      {Path("report.json"), Path("report.txt"), Path("report.xml"), Path("report.md")});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_THAT(Files(), UnorderedElementsAre());
  for (const OutputFile& file : *files) ASSERT_TRUE(file.Write(report).ok());
  EXPECT_THAT(Content(Path("report.json")), StartsWith("{\n \"version\": 1"));
  EXPECT_THAT(Content(Path("report.txt")), StartsWith("ABORTED"));
  EXPECT_THAT(Content(Path("report.xml")), StartsWith("<?xml"));
  EXPECT_THAT(Content(Path("report.md")), StartsWith("## ABORTED"));
}

TEST_F(OutputFileTest, OfAPlanLieInItsFolderWhateverTheirEndings) {
  v1::Plan plan;
  v1::Output& output = *plan.add_outputs();
  output.set_format("junit");
  output.set_file("report.junit");
  const absl::StatusOr<std::vector<OutputFile>> files =
      PrepareOutputs({Path("report.json")}, plan, Path("plan.yaml"));
  ASSERT_TRUE(files.ok()) << files.status();
  for (const OutputFile& file : *files) ASSERT_TRUE(file.Write({}).ok());
  EXPECT_THAT(Files(), UnorderedElementsAre("report.json", "report.junit"));
  EXPECT_THAT(Content(Path("report.junit")), StartsWith("<?xml"));
}

TEST_F(OutputFileTest, OfAPlanThatCannotBeWrittenIsAnErrorBeforeTheRun) {
  v1::Plan plan;
  v1::Output& output = *plan.add_outputs();
  output.set_format("json");
  output.set_file("missing/report.json");
  EXPECT_EQ(PrepareOutputs({}, plan, Path("plan.yaml")).status(),
            absl::InvalidArgumentError("cannot write " + Path("missing/report.json") +
                                       ": No such file or directory"));
}

TEST_F(OutputFileTest, AnUnknownEndingIsAnErrorBeforeTheRun) {
  const absl::Status status = PrepareOutputs({Path("report.docx")}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("this version writes .csv, .hgrm, .hlog, .html, .json, .xml, .md, .txt"));
}

TEST_F(OutputFileTest, AnUnwritablePlaceIsAnErrorBeforeTheRun) {
  EXPECT_EQ(PrepareOutputs({Path("missing/report.json")}).status(),
            absl::InvalidArgumentError("cannot write " + Path("missing/report.json") +
                                       ": No such file or directory"));
  ASSERT_TRUE(std::filesystem::create_directory(Path("folder.json")));
  EXPECT_EQ(PrepareOutputs({Path("folder.json")}).status(),
            absl::InvalidArgumentError("cannot write " + Path("folder.json") + ": Is a directory"));
}

}  // namespace
}  // namespace loadfleet
