// What both floors do with sockets: as little as can be done.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace loadfleet::bench {

inline constexpr size_t kResponseBytes = 64 << 10;

[[noreturn]] inline void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline std::string GetRequest(int port, const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
}

// To 127.0.0.1, blocking; ends the program when nobody listens.
inline int Connect(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int on = 1;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
    Die("connect");
  }
  return fd;
}

// Edge-triggered for reading, once and for good.
inline void Watch(int epoll, int fd, void* data) {
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = data;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll_ctl");
}

}  // namespace loadfleet::bench
