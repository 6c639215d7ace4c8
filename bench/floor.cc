// The floor under every closed-loop HTTP/1.1 generator: one write, one read and a share of an
// epoll_wait per request, fixed bytes, nothing parsed, no clock, no statistics. What a real
// generator costs above it is its own code.
//
//   floor PORT PATH CONNECTIONS SECONDS        always 127.0.0.1; prints the number of responses
//
// Every response must be as long as the first one.
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

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

struct Connection {
  int fd = -1;
  size_t received = 0;  // of the response that is under way
};

class Floor {
 public:
  Floor(int port, const std::string& path, int connections)
      : request_(GetRequest(port, path)), connections_(connections) {
    if (epoll_ < 0) Die("epoll_create1");
    for (Connection& connection : connections_) {
      connection.fd = Connect(port);
      Watch(epoll_, connection.fd, &connection);
    }
  }

  uint64_t Run(int seconds) {
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    itimerspec end = {};
    end.it_value.tv_sec = seconds;
    if (timer < 0 || timerfd_settime(timer, 0, &end, nullptr) != 0) Die("timerfd");
    Watch(epoll_, timer, nullptr);

    for (Connection& connection : connections_) Send(connection);
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      if (count < 0) Die("epoll_wait");
      for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr == nullptr) return responses_;
        Receive(static_cast<Connection*>(events[i].data.ptr));
      }
    }
  }

 private:
  void Send(const Connection& connection) {
    if (write(connection.fd, request_.data(), request_.size()) !=
        static_cast<ssize_t>(request_.size())) {
      Die("write");
    }
  }

  void Receive(Connection* connection) {
    const ssize_t n = read(connection->fd, buffer_.data(), buffer_.size());
    if (n <= 0) Die("the target closed a connection: read");
    if (response_bytes_ == 0) response_bytes_ = static_cast<size_t>(n);
    connection->received += static_cast<size_t>(n);
    if (connection->received < response_bytes_) return;
    connection->received = 0;
    ++responses_;
    Send(*connection);
  }

  const int epoll_ = epoll_create1(0);
  const std::string request_;
  std::vector<Connection> connections_;
  std::array<char, kResponseBytes> buffer_;
  size_t response_bytes_ = 0;
  uint64_t responses_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: floor PORT PATH CONNECTIONS SECONDS\n", stderr);
    return 2;
  }
  Floor floor(std::atoi(argv[1]), argv[2], std::atoi(argv[3]));
  std::printf("%llu\n", static_cast<unsigned long long>(floor.Run(std::atoi(argv[4]))));
  return 0;
}
