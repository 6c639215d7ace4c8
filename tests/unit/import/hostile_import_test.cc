// What somebody else made may be anything. Each answer is a plan or one error, in bounded time and
// memory: the tests' own time limit and the sanitizers see to that.
#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "loadctl/import/curl.h"
#include "loadctl/import/har.h"
#include "loadctl/import/input_file.h"
#include "loadctl/import/openapi.h"
#include "loadctl/import/plan_writer.h"
#include "loadctl/import/url_list.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;

absl::StatusOr<std::string> NoFile(const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
}

absl::StatusOr<std::string> PlanOf(const std::string& format, const std::string& text) {
  absl::StatusOr<Imported> imported = format == ".curl"   ? ImportCurl(text, NoFile)
                                      : format == ".urls" ? ImportUrls(text, "a", NoFile)
                                      : format == ".har"  ? ImportHar(text, "a", {})
                                                          : ImportOpenApi(text, "a", {});
  if (!imported.ok()) return imported.status();
  return WritePlan(*std::move(imported), {});
}

// Every sample, with its format.
std::vector<std::pair<std::string, std::string>> Samples() {
  std::vector<std::pair<std::string, std::string>> samples;
  for (const auto& entry : std::filesystem::directory_iterator(IMPORT_SAMPLES)) {
    const std::string format = entry.path().extension();
    if (format == ".plan" || format == ".json") continue;
    samples.emplace_back(format, ReadInput(entry.path()).value());
  }
  return samples;
}

TEST(HostileImport, ACutSampleIsAPlanOrAnError) {
  for (const auto& [format, text] : Samples()) {
    for (size_t end = 0; end < text.size(); end += 1 + text.size() / 200) {
      const absl::StatusOr<std::string> plan = PlanOf(format, text.substr(0, end));
      EXPECT_TRUE(plan.ok() || absl::IsInvalidArgument(plan.status())) << plan.status();
    }
  }
}

TEST(HostileImport, AChangedSampleIsAPlanOrAnError) {
  std::mt19937 random(1);  // the same changes every time
  for (const auto& [format, text] : Samples()) {
    for (int round = 0; round < 300; ++round) {
      std::string changed = text;
      for (int change = 0; change < 3; ++change) {
        changed[random() % changed.size()] = static_cast<char>(random() % 256);
      }
      const absl::StatusOr<std::string> plan = PlanOf(format, changed);
      EXPECT_TRUE(plan.ok() || absl::IsInvalidArgument(plan.status())) << plan.status();
    }
  }
}

TEST(HostileImport, AFileBeyondTheLimitIsRefusedWithTheLimit) {
  TemporaryDirectory directory;
  const std::string path = directory.Write("large.har", "{");
  std::filesystem::resize_file(path, limits::kImportBytes + 1);  // a hole, on the disk
  EXPECT_EQ(ReadInput(path).status().message(),
            absl::StrCat(path, ": more than 64MiB, the limit of what can be imported"));
  EXPECT_THAT(ReadInput("/dev/zero").status().message(), HasSubstr("more than 64MiB"));
}

TEST(HostileImport, AFileThatCannotBeReadIsNamed) {
  EXPECT_EQ(ReadInput("/nowhere/a.har").status().message(),
            "cannot read /nowhere/a.har: No such file or directory");
  EXPECT_EQ(ReadInput("/").status().message(), "cannot read /: Is a directory");
}

TEST(HostileImport, NothingInTheNameOfASourceBecomesAKeyOfThePlan) {
  const absl::StatusOr<Imported> imported = ImportUrls("http://a/", "x\nvus: 1000\n# ", NoFile);
  ASSERT_TRUE(imported.ok());
  const absl::StatusOr<std::string> plan = WritePlan(*imported, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(*plan, HasSubstr("# Made by loadctl import from xvus: 1000# .\ntarget: "));
}

}  // namespace
}  // namespace loadfleet
