#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

constexpr size_t kHeader = 12;
constexpr size_t kUdpBytes = 512;
constexpr size_t kTcpBytes = 65'535;
constexpr uint16_t kTypeA = 1;

void Append16(std::string* out, size_t value) {
  out->push_back(static_cast<char>(value >> 8));
  out->push_back(static_cast<char>(value));
}

uint16_t Read16(const std::string& from, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(from[at]) << 8 |
                               static_cast<uint8_t>(from[at + 1]));
}

// The name at the front of a question; `*end` is behind its last byte.
std::string NameAt(const std::string& message, size_t* end) {
  std::string name;
  size_t at = kHeader;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<size_t>(message[at]);
    absl::StrAppend(&name, name.empty() ? "" : ".", message.substr(at + 1, length));
    at += length + 1;
  }
  *end = at + 1;
  return name;
}

bool ReadAll(int fd, char* data, size_t size) {
  while (size > 0) {
    const ssize_t n = read(fd, data, size);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

DnsServer::DnsServer(Script script) : script_(std::move(script)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  // The same port for both, which TCP's may be taken.
  while (true) {
    udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = 0;
    EXPECT_EQ(bind(udp_, any, length), 0);
    EXPECT_EQ(getsockname(udp_, any, &length), 0);
    if (bind(tcp_, any, length) == 0) break;
    close(udp_);
    close(tcp_);
  }
  EXPECT_EQ(listen(tcp_, 16), 0);
  port_ = ntohs(address.sin_port);
  quit_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Serve(); });
}

DnsServer::~DnsServer() {
  eventfd_write(quit_, 1);
  thread_.join();
  close(quit_);
  close(tcp_);
  close(udp_);
}

std::string DnsServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

void DnsServer::Serve() {
  while (true) {
    std::array<pollfd, 3> fds = {{{quit_, POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[0].revents != 0) return;
    if (fds[1].revents != 0) ServeUdp();
    if (fds[2].revents != 0) ServeTcp();
  }
}

void DnsServer::ServeUdp() const {
  std::string question(kTcpBytes, '\0');
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  const ssize_t n = recvfrom(udp_, question.data(), question.size(), 0,
                             reinterpret_cast<sockaddr*>(&from), &length);
  if (n < static_cast<ssize_t>(kHeader)) return;
  question.resize(static_cast<size_t>(n));
  const auto answer = AnswerTo(question, kUdpBytes);
  if (!answer) return;
  sendto(udp_, answer->data(), answer->size(), 0, reinterpret_cast<sockaddr*>(&from), length);
}

// One question at a time, until whoever asks closes.
void DnsServer::ServeTcp() const {
  const int fd = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
  std::string size(2, '\0');
  while (fd >= 0 && ReadAll(fd, size.data(), size.size())) {
    std::string question(Read16(size, 0), '\0');
    if (!ReadAll(fd, question.data(), question.size())) break;
    const auto answer = AnswerTo(question, kTcpBytes);
    if (!answer) break;
    std::string framed;
    Append16(&framed, answer->size());
    framed += *answer;
    if (send(fd, framed.data(), framed.size(), MSG_NOSIGNAL) < 0) break;
  }
  if (fd >= 0) close(fd);
}

std::optional<std::string> DnsServer::AnswerTo(const std::string& question, size_t limit) const {
  size_t end = 0;
  const std::string name = NameAt(question, &end);
  const bool ipv4 = Read16(question, end) == kTypeA;
  Answer answer;
  if (ipv4) {
    const auto scripted = script_(name);
    if (!scripted) return std::nullopt;
    answer = *scripted;
  }
  std::string records;
  size_t count = 0;
  for (const std::string& address : answer.addresses) {
    Append16(&records, 0xc000 | kHeader);  // the question's name
    Append16(&records, kTypeA);
    Append16(&records, 1);  // the internet
    Append16(&records, 0);
    Append16(&records, 60);  // seconds to live
    Append16(&records, 4);
    in_addr raw{};
    EXPECT_EQ(inet_pton(AF_INET, address.c_str(), &raw), 1);
    records.append(reinterpret_cast<const char*>(&raw), sizeof raw);
    ++count;
  }
  const bool cut = end + 4 + records.size() > limit;
  if (cut) count = 0;
  std::string message = question.substr(0, 2);
  Append16(&message, 0x8180U | (cut ? 0x0200U : 0U) | static_cast<unsigned>(answer.code));
  Append16(&message, 1);
  Append16(&message, count);
  Append16(&message, 0);
  Append16(&message, 0);
  message += question.substr(kHeader, end + 4 - kHeader);
  if (!cut) message += records;
  return message;
}

}  // namespace loadfleet
