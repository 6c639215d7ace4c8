// Ports of the loopback interface, for tests that must know one before anybody listens.
#pragma once

namespace loadfleet {

// A port that nobody listens on now. Programs that can should be given port 0 instead and asked
// which they took: between this call and the use of the port another process may take it.
int UnusedPort();

// Takes a port and keeps it, without ever accepting, while it lives.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  int port() const { return port_; }

 private:
  int socket_ = -1;
  int port_ = 0;
};

}  // namespace loadfleet
