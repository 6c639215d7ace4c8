#include "agent/http/request_bytes.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

bool Names(const v1::Request& request, absl::string_view header) {
  for (const v1::Header& own : request.headers()) {
    if (absl::EqualsIgnoreCase(own.name(), header)) return true;
  }
  return false;
}

bool ExpectsBody(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool HasBody(const v1::Request& request) {
  return !request.body().empty() || !request.body_parts().empty();
}

}  // namespace

std::string Authority(const v1::Origin& origin) {
  const bool v6 = absl::StrContains(origin.host(), ':');
  std::string authority = v6 ? absl::StrCat("[", origin.host(), "]") : origin.host();
  const uint32_t default_port = origin.scheme() == v1::SCHEME_HTTPS ? 443 : 80;
  if (origin.port() != default_port) absl::StrAppend(&authority, ":", origin.port());
  return authority;
}

std::string BodyOf(const v1::Request& request) {
  if (request.body_parts().empty()) return request.body();
  std::string body;
  for (const v1::BodyPart& part : request.body_parts()) body.append(part.content());
  return body;
}

std::vector<HeaderField> RequestFields(const v1::Request& request) {
  return RequestFields(request, absl::StrCat(BodyOf(request).size()));
}

std::vector<HeaderField> RequestFields(const v1::Request& request,
                                       absl::string_view content_length) {
  const bool secure = request.origin().scheme() == v1::SCHEME_HTTPS;
  std::vector<HeaderField> fields = {
      {":method", request.method()},
      {":scheme", secure ? "https" : "http"},
      {":authority", Authority(request.origin())},
      {":path", request.target()},
  };
  constexpr size_t kAuthority = 2;
  for (const v1::Header& header : request.headers()) {
    if (absl::EqualsIgnoreCase(header.name(), "Host")) {
      fields[kAuthority].value = header.value();
    } else {
      fields.push_back({absl::AsciiStrToLower(header.name()), header.value()});
    }
  }
  if (!Names(request, "User-Agent")) fields.push_back({"user-agent", "loadfleet"});
  if (HasBody(request) || ExpectsBody(request.method())) {
    fields.push_back({"content-length", std::string(content_length)});
  }
  return fields;
}

std::string RenderRequest(const v1::Request& request, bool keep_alive) {
  const std::string body = BodyOf(request);
  return absl::StrCat(request.method(), " ", request.target(),
                      RenderHead(request, keep_alive, absl::StrCat(body.size())), body);
}

std::string RenderHead(const v1::Request& request, bool keep_alive,
                       absl::string_view content_length) {
  std::string bytes = " HTTP/1.1\r\n";
  if (!Names(request, "Host")) {
    absl::StrAppend(&bytes, "Host: ", Authority(request.origin()), "\r\n");
  }
  for (const v1::Header& header : request.headers()) {
    absl::StrAppend(&bytes, header.name(), ": ", header.value(), "\r\n");
  }
  if (!Names(request, "User-Agent")) absl::StrAppend(&bytes, "User-Agent: loadfleet\r\n");
  if (HasBody(request) || ExpectsBody(request.method())) {
    absl::StrAppend(&bytes, "Content-Length: ", content_length, "\r\n");
  }
  if (!keep_alive) absl::StrAppend(&bytes, "Connection: close\r\n");
  absl::StrAppend(&bytes, "\r\n");
  return bytes;
}

}  // namespace loadfleet
