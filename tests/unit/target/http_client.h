// A blocking HTTP/1.1 client that sends exactly the bytes a test says and reads one response at a
// time.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace loadfleet {

struct Response {
  int status = 0;  // 0: the connection ended, or stayed silent for ten seconds
  std::string head;
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const timeval patience = {10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~HttpClient() { close(fd_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connected_; }

  // False once the server has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  void EndInput() { shutdown(fd_, SHUT_WR); }

  Response Read(bool head_only = false) {
    Response response;
    size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive()) return response;
    }
    response.head = Take(end + 4);
    const int status = std::atoi(response.head.c_str() + std::string_view("HTTP/1.1 ").size());
    const bool bodiless = head_only || status == 204 || status == 304 || status / 100 == 1;
    if (!bodiless && !ReadBody(&response)) return response;
    response.status = status;
    return response;
  }

  Response Get(std::string_view path) {
    Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n\r\n");
    return Read();
  }

  // Whether the server closes without another byte.
  bool AtEnd() { return received_.empty() && !Receive() && ended_; }

 private:
  bool Receive() {
    char buffer[64 << 10];
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
    ended_ = n == 0;
    if (n > 0) received_.append(buffer, static_cast<size_t>(n));
    return n > 0;
  }

  std::string Take(size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }

  bool ReadExactly(size_t bytes, std::string* out) {
    while (received_.size() < bytes) {
      if (!Receive()) return false;
    }
    out->append(Take(bytes));
    return true;
  }

  bool ReadChunks(std::string* out) {
    for (;;) {
      size_t line = 0;
      while ((line = received_.find("\r\n")) == std::string::npos) {
        if (!Receive()) return false;
      }
      const size_t size = std::strtoul(Take(line + 2).c_str(), nullptr, 16);
      std::string line_end;
      if (!ReadExactly(size, out) || !ReadExactly(2, &line_end) || line_end != "\r\n") return false;
      if (size == 0) return true;
    }
  }

  bool ReadBody(Response* response) {
    if (response->head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos) {
      return ReadChunks(&response->body);
    }
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t at = response->head.find(kLength);
    if (at != std::string::npos) {
      return ReadExactly(std::strtoul(response->head.c_str() + at + kLength.size(), nullptr, 10),
                         &response->body);
    }
    while (Receive()) {
    }
    response->body = Take(received_.size());
    return ended_;
  }

  const int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace loadfleet
