// A name server on loopback, over UDP and TCP (RFC 1035), that answers what a test says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace loadfleet {

class DnsServer {
 public:
  struct Answer {
    int code = 0;                        // RCODE: 0 no error, 2 server failure, 3 no such name
    std::vector<std::string> addresses;  // of IPv4
  };
  // Called with the name of each question for IPv4 addresses, on the server's thread; nothing: it
  // is not answered. Whoever asks for IPv6 addresses hears that there are none.
  using Script = std::function<std::optional<Answer>(const std::string& name)>;

  explicit DnsServer(Script script);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::string address() const;  // "127.0.0.1:PORT"

 private:
  void Serve();
  void ServeUdp() const;
  void ServeTcp() const;
  // `limit`: longer answers are cut off, and say so.
  std::optional<std::string> AnswerTo(const std::string& question, size_t limit) const;

  const Script script_;
  int udp_ = -1;
  int tcp_ = -1;
  int quit_ = -1;  // an eventfd
  int port_ = 0;
  std::thread thread_;
};

}  // namespace loadfleet
