#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  perror(what);
  abort();
}

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe MakePipe() {
  int ends[2];
  Require(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  return {ends[0], ends[1]};
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    if (!added.contains(std::string(pair.substr(0, pair.find('='))))) all.emplace_back(pair);
  }
  for (const auto& [name, value] : added) all.push_back(absl::StrCat(name, "=", value));
  return all;
}

// In the child, between fork and exec, where only async-signal-safe calls are allowed: the parent
// has other threads.
[[noreturn]] void BecomeProgram(char** words, char** environment, int out, int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  // A group of its own: a Ctrl-C at the terminal reaches the test alone, whose end ends this.
  setpgid(0, 0);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvpe(words[0], words, environment);
  constexpr std::string_view kNotStarted = "cannot execute the program\n";
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, kNotStarted.data(), kNotStarted.size());
  _exit(127);
}

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Process::Process(Command command) {
  const Pipe out = MakePipe();
  const Pipe err = MakePipe();
  std::vector<std::string> environment = Environment(command.environment);
  const std::vector<char*> words = Pointers(command.words);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t parent = getpid();
  pid_ = fork();
  Require(pid_ >= 0, "fork");
  if (pid_ == 0) {
    BecomeProgram(const_cast<char**>(words.data()), const_cast<char**>(variables.data()), out.write,
                  err.write, parent);
  }
  close(out.write);
  close(err.write);
  capture_ = std::thread([this, out, err] { Capture(out.read, err.read); });
}

Process::~Process() {
  Signal(SIGKILL);
  capture_.join();
}

void Process::Signal(int signal) {
  // Under the lock that the reaping takes, so that the number cannot belong to a stranger by now.
  absl::MutexLock lock(&mutex_);
  if (!exit_code_) kill(pid_, signal);
}

std::optional<int> Process::Wait(absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  const auto ended = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return exit_code_.has_value(); };
  mutex_.AwaitWithTimeout(absl::Condition(&ended), limit);
  return exit_code_;
}

std::optional<std::string> Process::WaitForLine(absl::string_view text, absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  const auto settled = [this, text]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return exit_code_.has_value() || Line(text).has_value();
  };
  mutex_.AwaitWithTimeout(absl::Condition(&settled), limit);
  return Line(text);
}

std::optional<std::string> Process::Line(absl::string_view text) const {
  for (const std::string* output : {&out_, &err_}) {
    const size_t found = output->find(text.data(), 0, text.size());
    if (found == output->npos) continue;
    const size_t rest = found + text.size();
    const size_t end = output->find('\n', rest);
    if (end != output->npos) return output->substr(rest, end - rest);
  }
  return std::nullopt;
}

std::string Process::out() const {
  absl::MutexLock lock(&mutex_);
  return out_;
}

std::string Process::err() const {
  absl::MutexLock lock(&mutex_);
  return err_;
}

void Process::Capture(int out, int err) {
  std::array<pollfd, 2> pipes{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  const std::array<std::string*, 2> texts{&out_, &err_};
  std::array<char, 16'384> bytes;
  size_t open = pipes.size();
  while (open > 0) {
    if (poll(pipes.data(), pipes.size(), -1) < 0) {
      Require(errno == EINTR, "poll");
      continue;
    }
    for (size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      const ssize_t size = read(pipes[i].fd, bytes.data(), bytes.size());
      if (size > 0) {
        absl::MutexLock lock(&mutex_);
        texts[i]->append(bytes.data(), static_cast<size_t>(size));
      } else if (size == 0 || errno != EINTR) {
        close(pipes[i].fd);
        pipes[i].fd = -1;  // poll() passes over it
        --open;
      }
    }
  }
  // Wait for the end without reaping: until then the number stays the child's.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  absl::MutexLock lock(&mutex_);
  int status = 0;
  Require(waitpid(pid_, &status, 0) == pid_, "waitpid");
  exit_code_ = ExitCode(status);
}

Completed RunToEnd(Command command, absl::Duration limit) {
  Process process(std::move(command));
  const std::optional<int> exit_code = process.Wait(limit);
  return {exit_code, process.out(), process.err()};
}

}  // namespace loadfleet
