#include "common/plan/request_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/percent_encoding.h"
#include "common/plan/body_file.h"
#include "common/plan/expect_reader.h"
#include "common/plan/headers.h"
#include "common/plan/json_text.h"
#include "common/plan/multipart_reader.h"
#include "common/plan/tags_reader.h"
#include "common/plan/trace_reader.h"
#include "common/plan/url.h"
#include "common/template_text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kMethodKeys[] = {"get",    "post", "put",    "patch",
                                             "delete", "head", "options"};
constexpr absl::string_view kRequestKeys[] = {
    "get",      "post",   "put",     "patch",      "delete",    "head",      "options",
    "headers",  "body",   "json",    "form",       "multipart", "body_file", "auth",
    "timeouts", "expect", "capture", "decompress", "redirects", "tags"};
constexpr absl::string_view kBodyKeys[] = {"body", "json", "form", "multipart", "body_file"};

// With `{{ }}` the plan's part is checked as if a letter were filled in; one that begins so may
// come with a slash of its own. Scheme, host and port are the plan's to say: a pool belongs to
// each.
absl::StatusOr<Url> ParseTargetTemplate(absl::string_view text) {
  absl::StatusOr<std::vector<TemplatePart>> parts = ParseTemplate(text);
  if (!parts.ok()) return parts.status();
  std::string probe = parts->front().kind == TemplatePart::Kind::kLiteral ? "" : "/";
  for (const TemplatePart& part : *parts) {
    absl::StrAppend(&probe, part.kind == TemplatePart::Kind::kLiteral ? part.text : "x");
  }
  if (!HasScheme(probe)) {
    if (absl::Status status = CheckRequestTarget(probe); !status.ok()) return status;
    return Url{{}, std::string(text)};
  }
  absl::StatusOr<Url> url = ParseUrl(probe);
  if (!url.ok()) return url.status();
  const size_t path = text.find('/', text.find("://") + 3);
  if (text.find("{{") < path) {
    return absl::InvalidArgumentError("`{{ }}` can stand in path and query, not before them");
  }
  url->target = std::string(text.substr(path));
  return url;
}

// A path, or an absolute URL that overrules the plan's target. An empty host stands for "bare
// path".
absl::StatusOr<Url> ParseRequestTarget(absl::string_view text) {
  if (IsTemplate(text)) return ParseTargetTemplate(text);
  if (HasScheme(text)) return ParseUrl(text);
  if (absl::Status status = CheckRequestTarget(text); !status.ok()) return status;
  return Url{{}, std::string(text)};
}

void ReadMethod(MapReader& map, const HttpDefaults& defaults, v1::Request* request,
                VariableUses* uses) {
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
    uses->Add(url->target, absl::StrCat("`", key, "`"), map.Find(key)->value.place, map.problems());
    if (!url->origin.host().empty()) {
      *request->mutable_origin() = url->origin;
    } else if (defaults.origin) {
      *request->mutable_origin() = *defaults.origin;
    }
  }
  if (first.empty()) map.Require("get", "get: /ping");
}

absl::StatusOr<std::string> CheckedBody(std::string body) {
  if (body.size() > limits::kBodyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(FormatSize(body.size()), ", the limit is ", FormatSize(limits::kBodyBytes)));
  }
  return body;
}

// `a b={{ x }}` with the names that are filled in left as they are.
std::string FormText(absl::string_view text) {
  std::string encoded;
  while (!text.empty()) {
    const size_t begin = std::min(text.size(), text.find("{{"));
    AppendFormEncoded(text.substr(0, begin), &encoded);
    text.remove_prefix(begin);
    const size_t end = text.find("}}");
    const size_t size = end == text.npos ? text.size() : end + 2;
    absl::StrAppend(&encoded, text.substr(0, size));
    text.remove_prefix(size);
  }
  return encoded;
}

absl::StatusOr<std::string> ReadForm(const Node& form) {
  if (form.kind != Node::Kind::kMap || form.entries.empty()) {
    return absl::InvalidArgumentError("expected a map of names and texts");
  }
  std::string body;
  for (const Entry& field : form.entries) {
    if (field.value.kind == Node::Kind::kRefused) continue;
    if (field.value.kind != Node::Kind::kScalar) {
      return absl::InvalidArgumentError(absl::StrCat("expected a text for ", Quoted(field.key),
                                                     ", got ", KindName(field.value.kind)));
    }
    absl::StrAppend(&body, body.empty() ? "" : "&", FormText(field.key), "=",
                    FormText(field.value.text));
  }
  return body;
}

absl::StatusOr<std::string> ReadJsonBody(const Node& json) {
  if (json.kind != Node::Kind::kScalar) return JsonText(json);
  return absl::InvalidArgumentError("expected a map or a list; a text goes into `body`");
}

absl::StatusOr<std::string> ReadTextBody(const Node& text) {
  if (text.kind == Node::Kind::kScalar) return text.text;
  return absl::InvalidArgumentError(absl::StrCat("expected a text, got ", KindName(text.kind)));
}

// Its Content-Type goes into `headers`, in place of what the defaults may say: it names the
// boundary.
void ReadMultipartBody(const Node& list, MapReader& map, PlanFiles* files,
                       std::vector<v1::Header>* headers, v1::Request* request, VariableUses* uses) {
  const std::string boundary = ReadMultipart(list, files, map.problems(), uses, request);
  v1::Header type;
  type.set_name("Content-Type");
  type.set_value(absl::StrCat("multipart/form-data; boundary=", boundary));
  *headers = MergeHeaders(std::move(*headers), {type});
}

void ReadBody(MapReader& map, PlanFiles* files, std::vector<v1::Header>* headers,
              v1::Request* request, VariableUses* uses) {
  absl::string_view key;
  for (const absl::string_view one : kBodyKeys) {
    if (!map.Has(one)) continue;
    if (key.empty()) {
      key = one;
    } else {
      map.Refuse({one}, absl::StrCat("excludes `", key, "`: a request has one body"));
    }
  }
  const Entry* entry = key.empty() ? nullptr : map.Find(key);
  if (entry == nullptr) return;
  const Node& value = entry->value;
  if (key == "multipart") return ReadMultipartBody(value, map, files, headers, request, uses);
  absl::StatusOr<std::string> body;
  if (key == "json") {
    body = ReadJsonBody(value);
    request->set_body_form(v1::BODY_FORM_JSON);
  } else if (key == "form") {
    body = ReadForm(value);
    request->set_body_form(v1::BODY_FORM_URLENCODED);
  } else if (key == "body_file") {
    body = ReadBodyFile(value, files);
    request->set_body_form(IsTemplateFile(value) ? v1::BODY_FORM_TEXT : v1::BODY_FORM_LITERAL);
  } else {
    body = ReadTextBody(value);
    request->set_body_form(v1::BODY_FORM_TEXT);
  }
  if (body.ok()) body = CheckedBody(*std::move(body));
  if (!body.ok()) {
    map.Add(key, value.place, body.status().message());
    return;
  }
  if (request->body_form() != v1::BODY_FORM_LITERAL) {
    uses->Add(*body, absl::StrCat("`", key, "`"), value.place, map.problems());
  }
  request->set_body(*std::move(body));
}

// Whoever unpacks says what can be unpacked, unless the plan says so itself.
void ReadDecompress(MapReader& map, std::vector<v1::Header>* headers, v1::Request* request) {
  request->set_decompress(map.Bool("decompress").value_or(false));
  if (!request->decompress() || HasHeader(*headers, "Accept-Encoding")) return;
  v1::Header& added = headers->emplace_back();
  added.set_name("Accept-Encoding");
  added.set_value("gzip, deflate, br");
}

// A text of `auth` that can be part of a header.
std::string ReadCredential(MapReader& map, absl::string_view key, absl::string_view example) {
  map.Require(key, example);
  return map
      .Read<std::string>(key, "a text",
                         [](const std::string& text) -> absl::StatusOr<std::string> {
                           if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
                             return absl::InvalidArgumentError("has a control character");
                           }
                           return text;
                         })
      .value_or("");
}

// RFC 7617 and RFC 6750, 2.1.
void ReadAuth(MapReader& map, std::vector<v1::Header>* headers, VariableUses* uses) {
  if (!map.Has("auth")) return;
  if (HasHeader(*headers, "Authorization")) {
    map.Refuse({"auth"}, "excludes the header `Authorization`");
    return;
  }
  MapReader auth = map.Map("auth");
  v1::Header& header = headers->emplace_back();
  header.set_name("Authorization");
  if (auth.Has("basic")) {
    auth.Refuse({"bearer"}, "excludes `basic`");
    MapReader basic = auth.Map("basic");
    const std::string user = ReadCredential(basic, "user", "user: ada");
    const std::string password = ReadCredential(basic, "password", "password: secret");
    if (absl::StrContains(user, ':')) basic.Refuse({"user"}, "cannot have a colon (RFC 7617)");
    if (IsTemplate(user) || IsTemplate(password)) {
      auth.Refuse({"basic"}, "cannot be filled in by {{ }}: it is encoded as a whole");
    }
    basic.Finish();
    header.set_value(absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(user, ":", password))));
  } else {
    header.set_value(
        absl::StrCat("Bearer ", ReadCredential(auth, "bearer", "bearer: \"{{ token }}\"")));
    uses->Add(header.value(), "`bearer`", auth.place(), map.problems());
  }
  auth.Finish();
}

}  // namespace

v1::Request ReadRequest(MapReader& map, const HttpDefaults& defaults, PlanFiles* files,
                        VariableUses* uses) {
  v1::Request request;
  ReadMethod(map, defaults, &request, uses);
  std::vector<v1::Header> own = ReadHeaders(map.Find("headers"), map.problems(), uses);
  if (defaults.traced) RefuseTraceparent(map.Find("headers"), map.problems());
  ReadAuth(map, &own, uses);
  std::vector<v1::Header> headers = MergeHeaders(defaults.headers, own);
  if (map.Has("multipart") && HasHeader(own, "Content-Type")) {
    map.Refuse({"multipart"}, "excludes the header `Content-Type`: its boundary is the agent's");
  }
  ReadBody(map, files, &headers, &request, uses);
  ReadDecompress(map, &headers, &request);
  const char* const type = map.Has("json")   ? "application/json"
                           : map.Has("form") ? "application/x-www-form-urlencoded"
                                             : nullptr;
  if (type != nullptr && !HasHeader(headers, "Content-Type")) {
    v1::Header& added = headers.emplace_back();
    added.set_name("Content-Type");
    added.set_value(type);
  }
  if (headers.size() > limits::kHeaders) {
    map.problems()->Add(map.place(), absl::StrCat(headers.size(), " headers with the defaults, ",
                                                  "the limit is ", limits::kHeaders));
  }
  request.mutable_headers()->Assign(headers.begin(), headers.end());
  request.set_version(defaults.version);
  *request.mutable_timeouts() = defaults.timeouts;
  ReadTimeouts(map.Map("timeouts"), request.mutable_timeouts());
  request.set_redirects(ReadRedirects(map, defaults.redirects));
  ReadExpect(map, &request);
  ReadCapture(map, &request);
  ReadTags(map, &request);
  return request;
}

absl::Span<const absl::string_view> RequestKeys() {
  return kRequestKeys;
}

absl::Span<const absl::string_view> MethodKeys() {
  return kMethodKeys;
}

}  // namespace loadfleet
