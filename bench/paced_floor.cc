// The floor under every open-loop HTTP/1.1 generator that is precise: it wakes for each arrival,
// sends fixed bytes, and times each response from its schedule. Nothing is parsed. It is also the
// truth that response times are compared with: there is nothing in it that could be wrong.
//
//   paced_floor PORT PATH CONNECTIONS RATE SECONDS     always 127.0.0.1
//   prints responses p50 p90 p99 p99.9                 of the response times, nanoseconds
//
// Every response must be as long as the first one, and never more requests be out than there are
// connections.
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/floor_socket.h"

namespace {

using loadfleet::bench::Connect;
using loadfleet::bench::Die;
using loadfleet::bench::GetRequest;
using loadfleet::bench::kResponseBytes;
using loadfleet::bench::Watch;

constexpr int64_t kSecond = 1'000'000'000;

int64_t Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

struct Connection {
  int fd = -1;
  size_t received = 0;  // of the response that is under way
  int64_t intended = 0;
};

class PacedFloor {
 public:
  PacedFloor(int port, const std::string& path, int connections)
      : request_(GetRequest(port, path)), connections_(connections) {
    if (epoll_ < 0) Die("epoll_create1");
    for (Connection& connection : connections_) {
      connection.fd = Connect(port);
      Watch(epoll_, connection.fd, &connection);
      free_.push_back(&connection);
    }
  }

  void Run(int64_t rate, int64_t seconds) {
    const int64_t total = rate * seconds;
    const int64_t begin = Now() + 10'000'000;
    times_.reserve(total);
    int64_t sent = 0;
    std::array<epoll_event, 256> events;
    while (static_cast<int64_t>(times_.size()) < total) {
      // rate * seconds * 1e9 is far below 2^63.
      int64_t intended = begin + sent * kSecond / rate;
      while (sent < total && intended <= Now()) {
        Send(intended);
        ++sent;
        intended = begin + sent * kSecond / rate;
      }
      const int64_t wait = sent < total ? std::max<int64_t>(0, intended - Now()) : kSecond;
      const timespec timeout = {wait / kSecond, wait % kSecond};
      const int count = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
      if (count < 0) Die("epoll_pwait2");
      const int64_t now = Now();
      for (int i = 0; i < count; ++i) Receive(static_cast<Connection*>(events[i].data.ptr), now);
    }
  }

  void Print() {
    std::sort(times_.begin(), times_.end());
    std::printf("%zu", times_.size());
    for (const double q : {0.5, 0.9, 0.99, 0.999}) {
      const auto rank = static_cast<size_t>(q * static_cast<double>(times_.size() - 1));
      std::printf(" %lld", static_cast<long long>(times_[rank]));
    }
    std::printf("\n");
  }

 private:
  void Send(int64_t intended) {
    while (free_.empty()) Drain();
    Connection* connection = free_.back();
    free_.pop_back();
    connection->intended = intended;
    if (write(connection->fd, request_.data(), request_.size()) !=
        static_cast<ssize_t>(request_.size())) {
      Die("write");
    }
  }

  // Every connection is taken: the arrival waits, and its response time knows.
  void Drain() {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0) Die("epoll_wait");
    const int64_t now = Now();
    for (int i = 0; i < count; ++i) Receive(static_cast<Connection*>(events[i].data.ptr), now);
  }

  void Receive(Connection* connection, int64_t now) {
    const ssize_t n = read(connection->fd, buffer_.data(), buffer_.size());
    if (n <= 0) Die("the target closed a connection: read");
    if (response_bytes_ == 0) response_bytes_ = static_cast<size_t>(n);
    connection->received += static_cast<size_t>(n);
    if (connection->received < response_bytes_) return;
    connection->received = 0;
    times_.push_back(now - connection->intended);
    free_.push_back(connection);
  }

  const int epoll_ = epoll_create1(0);
  const std::string request_;
  std::vector<Connection> connections_;
  std::vector<Connection*> free_;  // last in, first out, as pools have it
  std::vector<int64_t> times_;
  std::array<char, kResponseBytes> buffer_;
  size_t response_bytes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: paced_floor PORT PATH CONNECTIONS RATE SECONDS\n", stderr);
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1UL);  // wakes on time, as whoever is precise must
  PacedFloor floor(std::atoi(argv[1]), argv[2], std::atoi(argv[3]));
  floor.Run(std::atoll(argv[4]), std::atoll(argv[5]));
  floor.Print();
  return 0;
}
