#include "tests/support/http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

absl::StatusOr<HttpAnswer> Parsed(const std::string& text) {
  HttpAnswer answer;
  const size_t end = text.find("\r\n\r\n");
  if (end == text.npos || !text.starts_with("HTTP/1.") || text.size() < 12 ||
      !absl::SimpleAtoi(text.substr(9, 3), &answer.status)) {
    return absl::DataLossError(absl::StrCat("not an HTTP response: \"", text, "\""));
  }
  answer.head = text.substr(0, end);
  answer.body = text.substr(end + 4);
  return answer;
}

absl::StatusOr<std::string> Exchange(int socket, const sockaddr_in& address,
                                     const std::string& request) {
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return absl::UnavailableError(absl::StrCat("nobody listens on port ", ntohs(address.sin_port)));
  }
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError("the request could not be sent");
  }
  std::string text;
  std::array<char, 16'384> bytes;
  while (true) {
    const ssize_t size = recv(socket, bytes.data(), bytes.size(), 0);
    if (size == 0) return text;
    if (size > 0) {
      text.append(bytes.data(), static_cast<size_t>(size));
    } else if (errno == EAGAIN) {
      return absl::DeadlineExceededError("the response did not end in time");
    } else if (errno != EINTR) {
      return absl::DataLossError("the connection broke before the response had ended");
    }
  }
}

}  // namespace

absl::StatusOr<HttpAnswer> HttpGet(int port, const std::string& path, absl::Duration limit) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return absl::ResourceExhaustedError("no socket");
  const timeval timeout = absl::ToTimeval(limit);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // HTTP/1.0: the end of the connection is the end of the response.
  const absl::StatusOr<std::string> text =
      Exchange(socket, address, absl::StrCat("GET ", path, " HTTP/1.0\r\nHost: localhost\r\n\r\n"));
  close(socket);
  if (!text.ok()) return text.status();
  return Parsed(*text);
}

}  // namespace loadfleet
