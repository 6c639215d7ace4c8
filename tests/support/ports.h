// Ports of the loopback interface, for tests that must know one before anybody listens.
#pragma once

namespace loadfleet {

// Takes a port and keeps it, without ever accepting, while it lives.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  int port() const { return port_; }

 private:
  const int socket_;
  int port_ = 0;
};

// A port that nobody listens on now, drawn at random from below those that Linux gives to outgoing
// connections: the load of a test that runs beside this one cannot take it.
int UnusedPort();

}  // namespace loadfleet
