#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>

namespace loadfleet {
namespace {

// Ours: see net.ipv4.ip_local_port_range, which begins at 32768.
constexpr int kFirst = 15'000;
constexpr int kLast = 32'000;

bool Bind(int socket, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

TakenPort::TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::random_device random;
  std::uniform_int_distribution<int> any(kFirst, kLast);
  for (int attempt = 0; attempt < 100; ++attempt) {
    port_ = any(random);
    if (Bind(socket_, port_) && listen(socket_, 1) == 0) return;
  }
  perror("no port on loopback");
  abort();
}

TakenPort::~TakenPort() {
  close(socket_);
}

int UnusedPort() {
  return TakenPort().port();
}

}  // namespace loadfleet
