#include "common/plan/defaults_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/headers.h"
#include "common/plan/resolve_reader.h"
#include "common/plan/tls_reader.h"
#include "common/plan/trace_reader.h"
#include "common/plan/url.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr Nanos kConnectTimeout = 2 * kSecond;
constexpr Nanos kFirstByteTimeout = 5 * kSecond;
constexpr Nanos kTotalTimeout = 10 * kSecond;
constexpr Nanos kDnsTtl = 30 * kSecond;

std::optional<v1::Origin> ReadTarget(MapReader& plan) {
  const std::optional<Url> url =
      plan.Read<Url>("target", "a URL", [](absl::string_view text) -> absl::StatusOr<Url> {
        absl::StatusOr<Url> parsed = ParseUrl(text);
        if (parsed.ok() && parsed->target != "/") {
          return absl::InvalidArgumentError(
              absl::StrCat("scheme, host and port only; the path ", Quoted(parsed->target),
                           " belongs to the request, such as `get: ", Shown(parsed->target), "`"));
        }
        return parsed;
      });
  if (!url) return std::nullopt;
  return url->origin;
}

// Each agent has a working directory of its own: only the root is the same everywhere.
absl::StatusOr<std::string> ParseSocketPath(absl::string_view text) {
  if (text.empty() || text.front() != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat("expected an absolute path such as /run/app.sock, got ", Quoted(text)));
  }
  if (text.size() > limits::kSocketPathBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(text.size(), " bytes, the limit is ", limits::kSocketPathBytes));
  }
  return std::string(text);
}

void ReadConnections(MapReader map, ConnectionDefaults* connections) {
  if (const auto max = map.Count("max", 1, limits::kConnections)) {
    connections->max = static_cast<uint32_t>(*max);
  }
  connections->keep_alive = map.Bool("keep_alive").value_or(connections->keep_alive);
  connections->max_streams = static_cast<uint32_t>(
      map.Count("max_streams", 1, limits::kMaxStreams).value_or(connections->max_streams));
  connections->pipelining = static_cast<uint32_t>(
      map.Count("pipelining", 1, limits::kPipelining).value_or(connections->pipelining));
  connections->max_requests = map.Count("max_requests", 0, UINT32_MAX).value_or(0);
  connections->lifetime = map.Duration("lifetime", 0, limits::kDuration).value_or(0);
  connections->warm = map.Bool("warm").value_or(connections->warm);
  if (auto path = map.Read<std::string>("unix_socket", "a path", ParseSocketPath)) {
    connections->unix_socket = *std::move(path);
  }
  map.Finish();
}

void ReadDns(MapReader map, v1::DnsPolicy* dns) {
  static constexpr Choice<v1::AddressOrder> kOrders[] = {
      {"round_robin", v1::ADDRESS_ROUND_ROBIN},
      {"first", v1::ADDRESS_FIRST},
  };
  dns->set_ttl_ns(map.Duration("ttl", kSecond, limits::kDuration).value_or(kDnsTtl));
  dns->set_select(map.OneOf<v1::AddressOrder>("select", kOrders).value_or(v1::ADDRESS_ROUND_ROBIN));
  map.Finish();
}

void ReadHttp(MapReader http, PlanFiles* files, HttpDefaults* defaults,
              ConnectionDefaults* connections) {
  static constexpr Choice<v1::HttpVersion> kVersions[] = {
      {"auto", v1::HTTP_VERSION_AUTO},
      {"1.1", v1::HTTP_VERSION_1_1},
      {"2", v1::HTTP_VERSION_2},
      {"h2c", v1::HTTP_VERSION_H2C},
  };
  defaults->version =
      http.OneOf<v1::HttpVersion>("version", kVersions).value_or(v1::HTTP_VERSION_AUTO);
  VariableUses uses;
  defaults->headers = ReadHeaders(http.Find("headers"), http.problems(), &uses);
  defaults->setup_uses = uses.TakeSetup();
  if (defaults->traced) RefuseTraceparent(http.Find("headers"), http.problems());
  uses.Check(v1::Flow(), v1::Plan(),
             http.problems());  // every flow's: what one captures the others lack
  ReadTimeouts(http.Map("timeouts"), &defaults->timeouts);
  if (const Entry* version = http.Find("version")) defaults->version_place = version->value.place;
  ReadConnections(http.Map("connections"), connections);
  defaults->tls = ReadTls(http.Map("tls"), files);
  ReadDns(http.Map("dns"), &defaults->dns);
  static constexpr Choice<bool> kCookies[] = {{"per_vu", true}, {"off", false}};
  defaults->cookies = http.OneOf<bool>("cookies", kCookies);
  defaults->redirects = ReadRedirects(http, 0);
  http.Finish();
}

}  // namespace

void ReadTimeouts(MapReader timeouts, v1::Timeouts* out) {
  const auto read = [&](absl::string_view key, int64_t inherited) {
    return timeouts.Duration(key, kMillisecond, limits::kTimeout).value_or(inherited);
  };
  out->set_connect_ns(read("connect", out->connect_ns()));
  out->set_first_byte_ns(read("first_byte", out->first_byte_ns()));
  out->set_total_ns(read("total", out->total_ns()));
  timeouts.Finish();
}

uint32_t ReadRedirects(MapReader& map, uint32_t inherited) {
  return static_cast<uint32_t>(map.Count("redirects", 0, limits::kRedirects).value_or(inherited));
}

HttpDefaults ReadDefaults(MapReader& plan, PlanFiles* files, ConnectionDefaults* connections) {
  HttpDefaults defaults;
  defaults.timeouts.set_connect_ns(kConnectTimeout);
  defaults.timeouts.set_first_byte_ns(kFirstByteTimeout);
  defaults.timeouts.set_total_ns(kTotalTimeout);
  defaults.origin = ReadTarget(plan);
  ReadResolve(plan.Find("resolve"), plan.problems(), &defaults.dns);
  MapReader map = plan.Map("defaults");
  defaults.traced = map.Has("trace");
  if (defaults.traced) defaults.trace = ReadTrace(map.Map("trace"));
  ReadHttp(map.Map("http"), files, &defaults, connections);
  map.Finish();
  return defaults;
}

}  // namespace loadfleet
