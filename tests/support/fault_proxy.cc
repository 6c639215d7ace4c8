#include "tests/support/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace loadfleet {
namespace {

constexpr size_t kQueuedBytes = 256 << 10;  // of a direction; beyond it TCP stops the sender
constexpr size_t kPiece = 4'096;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The next close() of it is a reset.
void ResetAtClose(int fd) {
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void PrepareEnd(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

struct FaultProxy::Direction {
  struct Piece {
    std::string bytes;
    absl::Time due;
  };

  const int way;
  const int from;
  const int to;
  std::deque<Piece> queue = {};
  size_t queued = 0;
  absl::Time last_due = absl::InfinitePast();
  bool read_end = false;   // the sender has ended
  bool wrote_end = false;  // and the receiver knows
};

struct FaultProxy::Connection {
  Connection(int client, int server)
      : directions{{.way = static_cast<int>(Way::kToServer), .from = client, .to = server},
                   {.way = static_cast<int>(Way::kToClient), .from = server, .to = client}} {}
  ~Connection() {
    close(directions[0].from);
    close(directions[0].to);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void ResetBoth() {
    ResetAtClose(directions[0].from);
    ResetAtClose(directions[0].to);
    over = true;
  }

  Direction directions[2];
  bool over = false;
};

FaultProxy::FaultProxy(int server_port)
    : server_port_(server_port),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, any, length) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, any, &length) != 0) {
    perror("the proxy cannot listen");
    abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

FaultProxy::~FaultProxy() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  Wake();
  thread_.join();
  close(listener_);
  close(wake_);
}

std::string FaultProxy::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

// --- the faults ---

void FaultProxy::SetConditions(const Conditions& conditions) {
  absl::MutexLock lock(&mutex_);
  conditions_ = conditions;
  Wake();
}

void FaultProxy::Stall(Way way) {
  absl::MutexLock lock(&mutex_);
  stalled_[static_cast<int>(way)] = true;
  Wake();
}

void FaultProxy::Resume() {
  absl::MutexLock lock(&mutex_);
  stalled_[0] = stalled_[1] = false;
  Wake();
}

void FaultProxy::Reset() {
  absl::MutexLock lock(&mutex_);
  reset_ = true;
  Wake();
}

void FaultProxy::HalfClose(Way way) {
  absl::MutexLock lock(&mutex_);
  half_close_[static_cast<int>(way)] = true;
  Wake();
}

void FaultProxy::FlipBits(Way way, int pieces) {
  absl::MutexLock lock(&mutex_);
  flips_[static_cast<int>(way)] = pieces;
}

void FaultProxy::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

// --- the relay ---

void FaultProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++accepted_;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ResetAtClose(client);
    close(client);
    close(server);
    return;
  }
  PrepareEnd(client);
  PrepareEnd(server);
  connections_.emplace_back(client, server);
}

void FaultProxy::Apply() {
  for (Connection& connection : connections_) {
    if (reset_) connection.ResetBoth();
    for (Direction& direction : connection.directions) {
      if (half_close_[direction.way]) direction.read_end = true;
    }
  }
  reset_ = half_close_[0] = half_close_[1] = false;
}

// Whether the connection lives.
bool FaultProxy::Read(Direction& direction) {
  thread_local std::mt19937 random(1);
  std::string bytes(kPiece, '\0');
  const ssize_t size = recv(direction.from, bytes.data(), bytes.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) {
    direction.read_end = true;
    return true;
  }
  bytes.resize(static_cast<size_t>(size));
  if (flips_[direction.way] > 0) {
    --flips_[direction.way];
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
  }
  const absl::Time now = absl::Now();
  std::uniform_real_distribution<double> spread(-1, 1);
  absl::Time due = now + conditions_.delay + spread(random) * conditions_.jitter;
  if (conditions_.bytes_per_second > 0) {
    absl::Time& pipe = pipe_free_[direction.way];
    pipe = std::max(pipe, now) + absl::Seconds(static_cast<double>(size) /
                                               static_cast<double>(conditions_.bytes_per_second));
    due += pipe - now;
  }
  direction.last_due = std::max(direction.last_due, due);
  direction.queued += bytes.size();
  direction.queue.push_back({std::move(bytes), direction.last_due});
  return true;
}

absl::Duration FaultProxy::UntilDue(const Direction& direction, absl::Time now) const {
  if (stalled_[direction.way] || direction.wrote_end) return absl::InfiniteDuration();
  if (!direction.queue.empty()) return direction.queue.front().due - now;
  return direction.read_end ? absl::ZeroDuration() : absl::InfiniteDuration();
}

// Whether the connection lives.
bool FaultProxy::Write(Direction& direction, absl::Time now) {
  while (!direction.queue.empty() && direction.queue.front().due <= now) {
    std::string& bytes = direction.queue.front().bytes;
    const ssize_t size = send(direction.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    direction.queued -= static_cast<size_t>(size);
    bytes.erase(0, static_cast<size_t>(size));
    if (bytes.empty()) direction.queue.pop_front();
  }
  if (direction.queue.empty() && direction.read_end) {
    shutdown(direction.to, SHUT_WR);
    direction.wrote_end = true;
  }
  return true;
}

void FaultProxy::Run() {
  std::vector<pollfd> watched;
  for (;;) {
    absl::Duration wait = absl::Seconds(60);
    watched = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) break;
      Apply();
      connections_.remove_if([](const Connection& connection) {
        return connection.over ||
               (connection.directions[0].wrote_end && connection.directions[1].wrote_end);
      });
      const absl::Time now = absl::Now();
      for (Connection& connection : connections_) {
        for (Direction& direction : connection.directions) {
          const bool reads =
              !stalled_[direction.way] && !direction.read_end && direction.queued < kQueuedBytes;
          const absl::Duration due = UntilDue(direction, now);
          const bool writes = due <= absl::ZeroDuration();
          if (!writes) wait = std::min(wait, due);
          // poll() passes over negative ones, and so does not tell of an end that nobody may see.
          watched.push_back({reads ? direction.from : -1, POLLIN, 0});
          watched.push_back({writes ? direction.to : -1, POLLOUT, 0});
        }
      }
    }
    poll(watched.data(), watched.size(),
         static_cast<int>(absl::ToInt64Milliseconds(wait + absl::Milliseconds(1))));
    uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t size = read(wake_, &wakes, sizeof wakes);
    {
      absl::MutexLock lock(&mutex_);
      size_t i = 2;
      for (Connection& connection : connections_) {
        for (Direction& direction : connection.directions) {
          bool lives = true;
          if (watched[i++].revents != 0) lives = Read(direction);
          if (watched[i++].revents != 0 && lives) lives = Write(direction, absl::Now());
          if (!lives) connection.ResetBoth();
        }
      }
    }
    if (watched[1].revents != 0) Accept();
  }
  connections_.clear();
}

}  // namespace loadfleet
