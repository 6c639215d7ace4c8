#include "common/plan/request_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/expect_reader.h"
#include "common/plan/headers.h"
#include "common/plan/json_text.h"
#include "common/plan/tls_reader.h"
#include "common/plan/url.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kMethodKeys[] = {"get",    "post", "put",    "patch",
                                             "delete", "head", "options"};
constexpr absl::string_view kRequestKeys[] = {"get",      "post",    "put",     "patch", "delete",
                                              "head",     "options", "headers", "body",  "json",
                                              "timeouts", "expect",  "capture"};
constexpr absl::string_view kLaterRequestKeys[] = {"body_file", "tags", "decompress"};
constexpr absl::string_view kLaterDefaults[] = {"trace"};
constexpr absl::string_view kLaterHttp[] = {"redirects", "cookies"};

constexpr Nanos kConnectTimeout = 2 * kSecond;
constexpr Nanos kFirstByteTimeout = 5 * kSecond;
constexpr Nanos kTotalTimeout = 10 * kSecond;
constexpr Nanos kDnsTtl = 30 * kSecond;

void ReadTimeouts(MapReader timeouts, v1::Timeouts* out) {
  const auto read = [&](absl::string_view key, int64_t inherited) {
    return timeouts.Duration(key, kMillisecond, limits::kTimeout).value_or(inherited);
  };
  out->set_connect_ns(read("connect", out->connect_ns()));
  out->set_first_byte_ns(read("first_byte", out->first_byte_ns()));
  out->set_total_ns(read("total", out->total_ns()));
  timeouts.Finish();
}

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
  connections->max_requests = map.Count("max_requests", 0, UINT32_MAX).value_or(0);
  connections->lifetime = map.Duration("lifetime", 0, limits::kDuration).value_or(0);
  connections->warm = map.Bool("warm").value_or(connections->warm);
  if (auto path = map.Read<std::string>("unix_socket", "a path", ParseSocketPath)) {
    connections->unix_socket = *std::move(path);
  }
  map.Finish();
}

v1::DnsPolicy ReadDns(MapReader map) {
  static constexpr Choice<v1::AddressOrder> kOrders[] = {
      {"round_robin", v1::ADDRESS_ROUND_ROBIN},
      {"first", v1::ADDRESS_FIRST},
  };
  v1::DnsPolicy dns;
  dns.set_ttl_ns(map.Duration("ttl", kSecond, limits::kDuration).value_or(kDnsTtl));
  dns.set_select(map.OneOf<v1::AddressOrder>("select", kOrders).value_or(v1::ADDRESS_ROUND_ROBIN));
  map.Finish();
  return dns;
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
  defaults->headers = ReadHeaders(http.Find("headers"), http.problems());
  ReadTimeouts(http.Map("timeouts"), &defaults->timeouts);
  if (const Entry* version = http.Find("version")) defaults->version_place = version->value.place;
  ReadConnections(http.Map("connections"), connections);
  defaults->tls = ReadTls(http.Map("tls"), files);
  defaults->dns = ReadDns(http.Map("dns"));
  http.Finish(kLaterHttp);
}

absl::Status CheckNotTemplate(absl::string_view text) {
  if (!absl::StrContains(text, "{{")) return absl::OkStatus();
  return absl::InvalidArgumentError(NotSupported("{{ }}"));
}

// A path, or an absolute URL that overrules the plan's target. An empty host stands for "bare
// path".
absl::StatusOr<Url> ParseRequestTarget(absl::string_view text) {
  if (absl::Status status = CheckNotTemplate(text); !status.ok()) return status;
  if (HasScheme(text)) return ParseUrl(text);
  if (absl::Status status = CheckRequestTarget(text); !status.ok()) return status;
  return Url{{}, std::string(text)};
}

void ReadMethod(MapReader& map, const HttpDefaults& defaults, v1::Request* request) {
  absl::string_view first;
  for (const absl::string_view key : kMethodKeys) {
    if (!map.Has(key)) continue;
    if (!first.empty()) {
      map.Refuse({key}, absl::StrCat("excludes `", first, "`: a request has one method"));
      continue;
    }
    first = key;
    const std::optional<Url> url = map.Read<Url>(key, "a path such as /ping", ParseRequestTarget);
    request->set_method(absl::AsciiStrToUpper(key));
    if (!url) continue;
    request->set_target(url->target);
    if (!url->origin.host().empty()) {
      *request->mutable_origin() = url->origin;
    } else if (defaults.origin) {
      *request->mutable_origin() = *defaults.origin;
    }
  }
  if (first.empty()) map.Require("get", "get: /ping");
}

absl::StatusOr<std::string> CheckedBody(std::string body) {
  if (absl::Status status = CheckNotTemplate(body); !status.ok()) return status;
  if (body.size() > limits::kBodyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(FormatSize(body.size()), ", the limit is ", FormatSize(limits::kBodyBytes)));
  }
  return body;
}

void ReadBody(MapReader& map, v1::Request* request) {
  if (map.Has("body") && map.Has("json")) {
    map.Refuse({"json"}, "excludes `body`: a request has one body");
    return;
  }
  if (auto body = map.Read<std::string>(
          "body", "a text", [](const std::string& text) { return CheckedBody(text); })) {
    request->set_body(*std::move(body));
  }
  const Entry* json = map.Find("json");
  if (json == nullptr) return;
  if (json->value.kind == Node::Kind::kScalar) {
    map.Add("json", json->value.place, "expected a map or a list; a text goes into `body`");
    return;
  }
  absl::StatusOr<std::string> body = CheckedBody(JsonText(json->value));
  if (!body.ok()) {
    map.Add("json", json->value.place, body.status().message());
    return;
  }
  request->set_body(*std::move(body));
}

}  // namespace

HttpDefaults ReadDefaults(MapReader& plan, PlanFiles* files, ConnectionDefaults* connections) {
  HttpDefaults defaults;
  defaults.timeouts.set_connect_ns(kConnectTimeout);
  defaults.timeouts.set_first_byte_ns(kFirstByteTimeout);
  defaults.timeouts.set_total_ns(kTotalTimeout);
  defaults.origin = ReadTarget(plan);
  MapReader map = plan.Map("defaults");
  ReadHttp(map.Map("http"), files, &defaults, connections);
  map.Finish(kLaterDefaults);
  return defaults;
}

v1::Request ReadRequest(MapReader& map, const HttpDefaults& defaults) {
  v1::Request request;
  ReadMethod(map, defaults, &request);
  std::vector<v1::Header> headers =
      MergeHeaders(defaults.headers, ReadHeaders(map.Find("headers"), map.problems()));
  ReadBody(map, &request);
  if (map.Has("json") && !HasHeader(headers, "Content-Type")) {
    v1::Header& type = headers.emplace_back();
    type.set_name("Content-Type");
    type.set_value("application/json");
  }
  if (headers.size() > limits::kHeaders) {
    map.problems()->Add(map.place(), absl::StrCat(headers.size(), " headers with the defaults, ",
                                                  "the limit is ", limits::kHeaders));
  }
  request.mutable_headers()->Assign(headers.begin(), headers.end());
  request.set_version(defaults.version);
  *request.mutable_timeouts() = defaults.timeouts;
  ReadTimeouts(map.Map("timeouts"), request.mutable_timeouts());
  ReadExpect(map, &request);
  ReadCapture(map, &request);
  return request;
}

absl::Span<const absl::string_view> RequestKeys() {
  return kRequestKeys;
}

absl::Span<const absl::string_view> LaterRequestKeys() {
  return kLaterRequestKeys;
}

}  // namespace loadfleet
