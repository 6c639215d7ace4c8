// The floor under every closed-loop HTTP/1.1 generator: one write, one read and a share of an
// epoll_wait per request, fixed bytes, nothing parsed, no clock, no statistics. What a real
// generator costs above it is its own code.
//
//   floor PORT PATH CONNECTIONS SECONDS        always 127.0.0.1; prints the number of responses
//
// Every response must be as long as the first one.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr size_t kResponseBytes = 64 << 10;

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Connection {
  int fd = -1;
  size_t received = 0;  // of the response that is under way
};

class Floor {
 public:
  Floor(int port, const std::string& path, int connections)
      : request_("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                 "\r\n\r\n"),
        connections_(connections) {
    if (epoll_ < 0) Die("epoll_create1");
    for (Connection& connection : connections_) Connect(port, &connection);
  }

  uint64_t Run(int seconds) {
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    itimerspec end = {};
    end.it_value.tv_sec = seconds;
    if (timer < 0 || timerfd_settime(timer, 0, &end, nullptr) != 0) Die("timerfd");
    Watch(timer, nullptr);

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
  void Connect(int port, Connection* connection) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
      Die("connect");
    }
    Watch(connection->fd, connection);
  }

  void Watch(int fd, Connection* connection) {
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = connection;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll_ctl");
  }

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
