#include "common/daemon/config_file.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include <CLI/CLI.hpp>

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() : path_(testing::TempDir() + "loadfleet-config-XXXXXX") {
    close(mkstemp(path_.data()));
    app_.add_option("--listen", listen_);
    app_.add_option("--max-things", max_things_)->check(CLI::Range(0, 10));
    app_.add_option("--label", labels_);
    app_.add_flag("--insecure-listen", insecure_);
    app_.add_option("--config")->configurable(false);
  }
  ~ConfigFileTest() override { unlink(path_.c_str()); }

  absl::Status Apply(const std::string& text, std::vector<std::string> arguments = {}) {
    std::ofstream(path_) << text;
    app_.parse(std::move(arguments));
    return ApplyConfigFile(path_, app_);
  }
  // What Apply says of a wrong file, without the file's name.
  std::vector<std::string> Problems(const std::string& text) {
    const absl::Status status = Apply(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    std::vector<std::string> lines;
    std::istringstream message{std::string(status.message())};
    for (std::string line; std::getline(message, line);) {
      EXPECT_EQ(line.compare(0, path_.size(), path_), 0) << line;
      lines.push_back(line.substr(path_.size()));
    }
    return lines;
  }

  std::string path_;
  CLI::App app_;
  std::string listen_ = "default";
  int max_things_ = 1;
  std::vector<std::string> labels_;
  bool insecure_ = false;
};

TEST_F(ConfigFileTest, SetsWhatTheCommandLineLeftAlone) {
  ASSERT_TRUE(Apply("listen: 127.0.0.1:1\nmax_things: 7\ninsecure_listen: true\n").ok());
  EXPECT_EQ(listen_, "127.0.0.1:1");
  EXPECT_EQ(max_things_, 7);
  EXPECT_TRUE(insecure_);
}

TEST_F(ConfigFileTest, LosesAgainstFlags) {
  // CLI11 takes arguments from the back.
  ASSERT_TRUE(Apply("listen: from-file\nmax_things: 7\nlabel: [a=1]\n",
                    {"b=2", "--label", "from-flag", "--listen"})
                  .ok());
  EXPECT_EQ(listen_, "from-flag");
  EXPECT_EQ(max_things_, 7);
  EXPECT_THAT(labels_, ElementsAre("b=2"));
}

TEST_F(ConfigFileTest, MayTurnASwitchOffExplicitly) {
  ASSERT_TRUE(Apply("insecure_listen: false\n").ok());
  EXPECT_FALSE(insecure_);
}

TEST_F(ConfigFileTest, MaySetATextToNothing) {
  ASSERT_TRUE(Apply("listen: \"\"\n").ok());
  EXPECT_EQ(listen_, "");
}

TEST_F(ConfigFileTest, TakesAMapForAnOptionThatRepeats) {
  ASSERT_TRUE(Apply("label: {zone: a, rack: 12}\n").ok());
  EXPECT_THAT(labels_, UnorderedElementsAre("zone=a", "rack=12"));
}

TEST_F(ConfigFileTest, MayBeEmpty) {
  EXPECT_TRUE(Apply("# nothing yet\n").ok());
  EXPECT_EQ(listen_, "default");
}

TEST_F(ConfigFileTest, NamesEveryProblemWithItsPlace) {
  EXPECT_THAT(Problems("# a comment\n"
                       "lisetn: x\n"
                       "max_things: 11\n"
                       "insecure_listen: perhaps\n"
                       "listen: [a, b]\n"
                       "label: {a: {b: c}}\n"),
              ElementsAre(":2:1: unknown key `lisetn`; did you mean `listen`?",
                          HasSubstr(":3:13: `max_things`: Value 11 not in range"),
                          ":4:18: `insecure_listen`: is either true or false",
                          ":5:9: `listen`: takes one value", ":6:8: `label`: takes texts only"));
}

TEST_F(ConfigFileTest, WantsAValueForEachKeyAndEachKeyOnce) {
  EXPECT_THAT(Problems("max_things:\nlisten: a\nlisten: b\n"),
              ElementsAre(":1:1: `max_things`: has no value", ":3:1: `listen` stands here twice"));
}

TEST_F(ConfigFileTest, CannotNameAnotherConfigFile) {
  EXPECT_THAT(Problems("config: other.yaml\n"), ElementsAre(":1:1: unknown key `config`"));
}

TEST_F(ConfigFileTest, SaysWhereTextIsNoYaml) {
  EXPECT_THAT(Problems("listen: a\n  max: [\n"), ElementsAre(HasSubstr(":2:")));
  EXPECT_THAT(Problems("- listen\n"), ElementsAre(":1:1: expected `key: value` lines"));
}

TEST_F(ConfigFileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(ApplyConfigFile("/nonexistent/agent.yaml", app_).message(),
            "cannot read /nonexistent/agent.yaml: No such file or directory");
  EXPECT_THAT(std::string(ApplyConfigFile("/", app_).message()), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace loadfleet
