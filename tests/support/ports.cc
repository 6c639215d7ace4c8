#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace loadfleet {

TakenPort::TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (socket_ < 0 || bind(socket_, general, size) != 0 || listen(socket_, 1) != 0 ||
      getsockname(socket_, general, &size) != 0) {
    perror("no port on loopback");
    abort();
  }
  port_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() {
  close(socket_);
}

int UnusedPort() {
  return TakenPort().port();
}

}  // namespace loadfleet
