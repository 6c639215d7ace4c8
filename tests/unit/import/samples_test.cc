// Every tests/golden/imports/NAME.FORMAT is imported, and NAME.FORMAT.plan is what must come of it.
// To add one, write both files: what is written for people is part of the interface.
#include <algorithm>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "common/plan/compile.h"
#include "loadctl/import/curl.h"
#include "loadctl/import/har.h"
#include "loadctl/import/input_file.h"
#include "loadctl/import/openapi.h"
#include "loadctl/import/plan_writer.h"
#include "loadctl/import/url_list.h"

namespace loadfleet {
namespace {

const std::filesystem::path& Folder() {
  static const auto& folder = *new std::filesystem::path(IMPORT_SAMPLES);
  return folder;
}

absl::StatusOr<std::string> ReadSample(const std::string& name) {
  return ReadInput(Folder() / name);
}

absl::StatusOr<Imported> Import(const std::string& sample, const std::string& text) {
  const std::string format = std::filesystem::path(sample).extension();
  if (format == ".curl") return ImportCurl(text, ReadSample);
  if (format == ".urls") return ImportUrls(text, sample, ReadSample);
  if (format == ".har") return ImportHar(text, sample, {});
  if (format == ".openapi") return ImportOpenApi(text, sample, {});
  return absl::InvalidArgumentError("nobody imports " + format);
}

std::string PlanOfSample(const std::string& sample) {
  const absl::StatusOr<std::string> text = ReadSample(sample);
  EXPECT_TRUE(text.ok()) << text.status();
  absl::StatusOr<Imported> imported = Import(sample, *text);
  EXPECT_TRUE(imported.ok()) << imported.status();
  if (!imported.ok()) return "";
  const absl::StatusOr<std::string> plan = WritePlan(*std::move(imported), {});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or("");
}

std::vector<std::string> Samples() {
  std::vector<std::string> samples;
  for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
    if (entry.path().extension() == ".plan") samples.push_back(entry.path().stem());
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

class ImportedSample : public testing::TestWithParam<std::string> {};

TEST_P(ImportedSample, BecomesThePlanBesideIt) {
  EXPECT_EQ(PlanOfSample(GetParam()), *ReadSample(GetParam() + ".plan"));
}

INSTANTIATE_TEST_SUITE_P(Golden, ImportedSample, testing::ValuesIn(Samples()), TestName);

class ValidSample : public testing::TestWithParam<std::string> {};

TEST_P(ValidSample, CompilesAsItIsWritten) {
  v1::PlanSource source;
  source.set_name(GetParam() + ".yaml");
  source.set_text(PlanOfSample(GetParam()));
  for (const std::string& file : CompilePlan(source).files) (*source.mutable_files())[file];
  for (const v1::Problem& problem : CompilePlan(source).problems) {
    ADD_FAILURE() << FormatProblem(problem);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, ValidSample, testing::ValuesIn(Samples()), TestName);

}  // namespace
}  // namespace loadfleet
