#include "common/net/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

bool IsDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError(absl::StrCat("address '", text, "': expected HOST:PORT"));
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return malformed;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port = text.substr(colon + 1);
  if (!host.empty() && host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return malformed;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("address '", text, "': an IPv6 address stands in brackets, as in [::1]:7070"));
  }
  HostPort parsed{std::string(host)};
  // SimpleAtoi alone would accept signs and spaces.
  if (!IsDigits(port) || !absl::SimpleAtoi(port, &parsed.port) || parsed.port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("address '", text, "': the port must be a number from 0 to 65535"));
  }
  return parsed;
}

bool ListenAddress::IsLoopback() const {
  if (ipv6) {
    in6_addr address;
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

std::string ListenAddress::ToString() const {
  return ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  auto parsed = ParseHostPort(text);
  if (!parsed.ok()) return parsed.status();
  if (parsed->host.empty()) return ListenAddress{"0.0.0.0", parsed->port, false};
  if (parsed->host == "localhost") return ListenAddress{"127.0.0.1", parsed->port, false};
  in_addr v4;
  if (inet_pton(AF_INET, parsed->host.c_str(), &v4) == 1) {
    return ListenAddress{parsed->host, parsed->port, false};
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, parsed->host.c_str(), &v6) == 1) {
    return ListenAddress{parsed->host, parsed->port, true};
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "address '", text, "': to listen takes an IP address or localhost, not another name"));
}

absl::StatusOr<ListenAddress> AllowedListenAddress(absl::string_view text, bool insecure_listen) {
  auto address = ParseListenAddress(text);
  if (address.ok() && !insecure_listen && !address->IsLoopback()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "will not listen on ", address->ToString(),
        ": it is not encrypted and asks nobody who he is; listen on 127.0.0.1, give --tls for "
        "what agents and loadctl connect to, or say --insecure-listen if the network is yours "
        "alone"));
  }
  return address;
}

}  // namespace loadfleet
