// The program as an operator and a container runtime see it: exit codes, messages, signals.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "common/web/http_listener.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

// One loadagent; killed at the end if it still runs.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), LOADAGENT);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, LOADAGENT, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_fd_ = ends[0];
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(output_fd_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Reads until `text` has been printed, or the process has ended. What was printed so far.
  const std::string& ReadUntil(const std::string& text) {
    char buffer[512];
    while (output_.find(text) == std::string::npos) {
      const ssize_t n = read(output_fd_, buffer, sizeof(buffer));
      if (n <= 0) break;
      output_.append(buffer, static_cast<size_t>(n));
    }
    return output_;
  }

  void Signal(int signal) { EXPECT_EQ(kill(pid_, signal), 0); }

  // Everything that it printed is in output() afterwards.
  int ExitCode() {
    ReadUntil("\xff");  // never printed: reads to the end
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    return WEXITSTATUS(status);
  }
  const std::string& output() const { return output_; }

 private:
  pid_t pid_ = -1;
  int output_fd_ = -1;
  std::string output_;
};

// Nobody listens at a discard port: the agent waits for its master.
const std::vector<std::string> kAlone = {"--master", "127.0.0.1:9", "--workers", "1"};

std::vector<std::string> Alone(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = kAlone;
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Loadagent, PrintsItsVersion) {
  Process agent({"--version"});
  EXPECT_EQ(agent.ExitCode(), 0);
  EXPECT_THAT(agent.output(), HasSubstr("loadagent "));
}

TEST(Loadagent, RefusesAWrongCommandLineInOneLine) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--mastr", "x:1"},
                                             {"--workers", "many"},
                                             {"--master", "nowhere"},
                                             {"--label", "no-value"},
                                             {"--http", "example.test:80"},
                                             {"--log-level", "loud"},
                                             {"--config", "/nonexistent.yaml"}}) {
    Process agent(wrong);
    EXPECT_EQ(agent.ExitCode(), 2) << wrong[0];
    EXPECT_EQ(agent.output().find('\n'), agent.output().size() - 1) << agent.output();
    EXPECT_EQ(agent.output().compare(0, 11, "loadagent: "), 0) << agent.output();
  }
}

TEST(Loadagent, SaysThatItsPortIsInUse) {
  auto other = HttpListener::Start("127.0.0.1:0", false, {});
  ASSERT_TRUE(other.ok()) << other.status();
  const std::string address = "127.0.0.1:" + std::to_string((*other)->port());
  Process agent(Alone({"--http", address}));
  EXPECT_EQ(agent.ExitCode(), 5);
  EXPECT_EQ(agent.output(), "loadagent: cannot listen on " + address + ": address in use\n");
}

TEST(Loadagent, ListensBeyondLoopbackOnlyWhenToldTo) {
  Process agent(Alone({"--http", "0.0.0.0:0"}));
  EXPECT_EQ(agent.ExitCode(), 5);
  EXPECT_THAT(agent.output(), HasSubstr("--insecure-listen"));
}

TEST(Loadagent, RunsWithoutAMasterAndDrainsOnEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Process agent(Alone({"--http", "127.0.0.1:0"}));
    ASSERT_THAT(agent.ReadUntil("the master is away"), HasSubstr("the master is away"));
    agent.Signal(signal);
    EXPECT_EQ(agent.ExitCode(), 0);
    EXPECT_THAT(agent.output(), HasSubstr("draining"));
  }
}

TEST(Loadagent, TakesTheConfigurationThatComesWithIt) {
  Process agent(Alone({"--config", LOADFLEET_SOURCE_DIR "/configs/agent.yaml", "--http", ""}));
  ASSERT_THAT(agent.ReadUntil("127.0.0.1:9"), HasSubstr("the master at 127.0.0.1:9\n"));
  agent.Signal(SIGTERM);
  EXPECT_EQ(agent.ExitCode(), 0);
}

}  // namespace
}  // namespace loadfleet
