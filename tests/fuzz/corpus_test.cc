// Every input that has taught us something, once more: the corpora of ./dev fuzz.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fuzz/fuzz_targets.h"

namespace loadfleet {
namespace {

struct Target {
  const char* corpus;
  void (*run)(const uint8_t* data, size_t size);
  std::vector<std::string> seeds;  // folders with more of them
};

void PrintTo(const Target& target, std::ostream* out) {
  *out << target.corpus;
}

class Corpus : public ::testing::TestWithParam<Target> {};

// A promise that does not hold ends the process, after the line that says which.
TEST_P(Corpus, HoldsEveryPromise) {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> folders = GetParam().seeds;
  folders.push_back(std::filesystem::path(FUZZ_CORPUS) / GetParam().corpus);
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    GetParam().run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus,
                         ::testing::Values(Target{"agents", &FuzzAgents, {}},
                                           Target{"http1_response", &FuzzHttp1Response, {}},
                                           Target{"http2_session", &FuzzHttp2Session, {}},
                                           Target{"visit", &FuzzVisit, {}},
                                           Target{"plan", &FuzzPlan, {EXAMPLE_PLANS, WRONG_PLANS}}),
                         [](const auto& one) { return std::string(one.param.corpus); });

}  // namespace
}  // namespace loadfleet
