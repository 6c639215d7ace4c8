#include "common/plan/resolve_reader.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/reader.h"
#include "common/plan/url.h"
#include "common/text.h"

namespace loadfleet {
namespace {

bool IsAddress(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  return inet_pton(AF_INET, text.c_str(), &v4) == 1 || inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

// What is wrong with a host's name; empty when nothing is.
std::string ProblemOfHost(const std::string& host, const v1::DnsPolicy& dns) {
  if (IsAddress(host)) return "is an address itself: nobody looks it up";
  if (!IsHostName(host)) return "expected a host name, without scheme and port";
  const bool twice = std::any_of(dns.hosts().begin(), dns.hosts().end(),
                                 [&](const auto& other) { return other.host() == host; });
  return twice ? "is there already: case makes no difference" : "";
}

}  // namespace

void ReadResolve(const Entry* entry, Problems* problems, v1::DnsPolicy* dns) {
  for (const Entry& host : NamedEntries(entry, limits::kResolvedHosts, problems)) {
    if (host.value.kind == Node::Kind::kRefused) continue;
    const std::string what = absl::StrCat("host `", Shown(host.key), "`");
    const std::string name = absl::AsciiStrToLower(host.key);
    if (const std::string problem = ProblemOfHost(name, *dns); !problem.empty()) {
      problems->Add(host.place, absl::StrCat(what, ": ", problem));
      continue;
    }
    const Node& value = host.value;
    const bool alone = value.kind == Node::Kind::kScalar;
    const absl::Span<const Node> addresses =
        alone ? absl::MakeConstSpan(&value, 1) : absl::MakeConstSpan(value.items);
    if (addresses.empty() || addresses.size() > limits::kHostAddresses) {
      problems->Add(
          value.kind == Node::Kind::kNull ? host.place : value.place,
          addresses.empty()
              ? absl::StrCat(what, ": expected a list of addresses such as [10.0.0.7, 10.0.0.8]")
              : absl::StrCat(what, ": ", addresses.size(), " addresses, the limit is ",
                             limits::kHostAddresses));
      continue;
    }
    v1::HostAddresses& made = *dns->add_hosts();
    made.set_host(name);
    for (const Node& address : addresses) {
      if (address.kind == Node::Kind::kRefused) continue;
      if (address.kind == Node::Kind::kScalar && IsAddress(address.text)) {
        made.add_addresses(address.text);
        continue;
      }
      problems->Add(address.place, absl::StrCat(what, ": expected an IPv4 or IPv6 address, got ",
                                                address.kind == Node::Kind::kScalar
                                                    ? Quoted(address.text)
                                                    : std::string(KindName(address.kind))));
    }
  }
}

}  // namespace loadfleet
