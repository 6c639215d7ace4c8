#include "agent/connection/target_rules.h"

#include <netinet/in.h>
#include <string.h>

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/connection/dns_resolver.h"
#include "common/text.h"

namespace loadfleet {
namespace {

absl::Status Wrong(absl::string_view entry, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("allow: ", Quoted(entry), ": ", what));
}

struct Bytes {
  const uint8_t* data;
  int bits;
};

Bytes BytesOf(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    return {reinterpret_cast<const uint8_t*>(&v4->sin_addr), 32};
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) return {&v6->sin6_addr.s6_addr[12], 32};
  return {v6->sin6_addr.s6_addr, 128};
}

uint16_t PortOf(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
}

bool SameUpTo(int bits, const uint8_t* a, const uint8_t* b) {
  const int whole = bits / 8;
  if (memcmp(a, b, static_cast<size_t>(whole)) != 0) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8) & 0xff;
  return (a[whole] & mask) == (b[whole] & mask);
}

bool SameAddress(const SocketAddress& a, const SocketAddress& b) {
  const Bytes left = BytesOf(a);
  const Bytes right = BytesOf(b);
  return left.bits == right.bits && SameUpTo(left.bits, left.data, right.data);
}

bool IsHostName(absl::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
  });
}

bool HasHostBits(const SocketAddress& network, int bits) {
  const Bytes bytes = BytesOf(network);
  for (int bit = bits; bit < bytes.bits; ++bit) {
    if ((bytes.data[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  }
  return false;
}

// "10.0.0.0/8:443" as what it is for and its ports, which may be missing.
std::pair<absl::string_view, absl::string_view> SplitPorts(absl::string_view entry) {
  if (!entry.empty() && entry.front() == '[') {
    const size_t end = entry.find(']');
    if (end == absl::string_view::npos) return {"", ""};
    absl::string_view ports = entry.substr(end + 1);
    if (!ports.empty() && ports.front() != ':') return {"", ""};
    return {entry.substr(1, end - 1), ports.empty() ? ports : ports.substr(1)};
  }
  const size_t colon = entry.find(':');
  const bool v6 =
      colon != absl::string_view::npos && entry.find(':', colon + 1) != absl::string_view::npos;
  if (colon == absl::string_view::npos || v6) return {entry, ""};
  if (colon + 1 == entry.size()) return {"", ""};
  return {entry.substr(0, colon), entry.substr(colon + 1)};
}

}  // namespace

absl::StatusOr<TargetRules::Ports> TargetRules::ParsePorts(absl::string_view text) {
  if (text.empty()) return Ports();
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  const absl::string_view last_text = text.find('-') == text.npos ? ends.first : ends.second;
  const auto is_number = [](absl::string_view digits) {
    return !digits.empty() && std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
  };
  uint32_t first = 0;
  uint32_t last = 0;
  if (!is_number(ends.first) || !is_number(last_text) || !absl::SimpleAtoi(ends.first, &first) ||
      !absl::SimpleAtoi(last_text, &last) || first == 0 || last > 65'535 || last < first) {
    return absl::InvalidArgumentError("a port is a number from 1 to 65535, or FIRST-LAST of them");
  }
  return Ports{static_cast<uint16_t>(first), static_cast<uint16_t>(last)};
}

absl::Status TargetRules::Add(absl::string_view entry) {
  const auto [what, port_text] = SplitPorts(entry);
  if (what.empty()) return Wrong(entry, "expected an address, a network or a name");
  const absl::StatusOr<Ports> ports = ParsePorts(port_text);
  if (!ports.ok()) return Wrong(entry, ports.status().message());
  const size_t slash = what.find('/');
  const absl::StatusOr<SocketAddress> address = ParseIpAddress(what.substr(0, slash), 0);
  if (!address.ok()) {
    if (slash != what.npos || !IsHostName(what)) {
      return Wrong(entry, "expected an address, a network such as 10.0.0.0/8, or a name");
    }
    names_.push_back({std::string(what), *ports});
    return absl::OkStatus();
  }
  Range range{*address, BytesOf(*address).bits, *ports};
  if (slash != what.npos) {
    const absl::string_view bits = what.substr(slash + 1);
    int parsed = 0;
    if (bits.empty() || bits.size() > 3 ||
        !std::all_of(bits.begin(), bits.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(bits, &parsed) || parsed > range.bits) {
      return Wrong(entry, absl::StrCat("behind / stands a number up to ", range.bits));
    }
    range.bits = parsed;
    if (HasHostBits(range.network, range.bits)) {
      return Wrong(entry, "a network's address ends in zeros: is another / meant?");
    }
  }
  ranges_.push_back(range);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TargetRules>> TargetRules::Create(const Options& options) {
  auto rules = std::make_unique<TargetRules>();
  for (const std::string& entry : options.allow) {
    if (absl::Status status = rules->Add(entry); !status.ok()) return status;
  }
  rules->control_plane_ = options.control_plane;
  return rules;
}

void TargetRules::Resolve() {
  std::vector<Range> named;
  for (const Name& name : names_) {
    const auto addresses = ResolveHost(name.host, 0);
    if (!addresses.ok()) {
      spdlog::warn("allow: {}: {}", name.host, std::string(addresses.status().message()));
      continue;
    }
    for (const SocketAddress& address : *addresses) {
      named.push_back({address, BytesOf(address).bits, name.ports});
    }
  }
  std::vector<SocketAddress> own;
  for (const HostPort& listener : control_plane_) {
    const auto addresses = ResolveHost(listener.host, static_cast<uint16_t>(listener.port));
    if (addresses.ok()) own.insert(own.end(), addresses->begin(), addresses->end());
  }
  absl::MutexLock lock(&mutex_);
  named_ = std::move(named);
  own_ = std::move(own);
}

bool TargetRules::Matches(const Range& range, const SocketAddress& address) {
  const Bytes network = BytesOf(range.network);
  const Bytes bytes = BytesOf(address);
  const uint16_t port = PortOf(address);
  return network.bits == bytes.bits && port >= range.ports.first && port <= range.ports.last &&
         SameUpTo(range.bits, network.data, bytes.data);
}

absl::Status TargetRules::Check(const SocketAddress& address, TargetScope scope) const {
  if (address.family() == AF_UNIX) return CheckTarget(address, scope);
  bool allowed = false;
  bool exactly = false;            // this address alone
  bool exactly_with_port = false;  // and this port alone
  for (const Range& range : ranges_) {
    if (!Matches(range, address)) continue;
    allowed = true;
    if (range.bits != BytesOf(address).bits) continue;
    exactly = true;
    exactly_with_port = exactly_with_port || range.ports.first == range.ports.last;
  }
  absl::MutexLock lock(&mutex_);
  const bool own = std::any_of(own_.begin(), own_.end(), [&](const SocketAddress& listener) {
    return SameAddress(listener, address) && PortOf(listener) == PortOf(address);
  });
  if (own && !exactly_with_port) {
    return absl::PermissionDeniedError(absl::StrCat("the target ", address.ToString(),
                                                    " is where loadfleet itself listens: refused"));
  }
  if (exactly) return absl::OkStatus();
  if (ranges_.empty() && names_.empty()) return CheckTarget(address, scope);
  if (absl::Status status = CheckTarget(address, TargetScope::kAny); !status.ok()) return status;
  allowed = allowed || std::any_of(named_.begin(), named_.end(),
                                   [&](const Range& range) { return Matches(range, address); });
  if (allowed) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("the target ", address.ToString(), " is not on this agent's list (--allow)"));
}

}  // namespace loadfleet
