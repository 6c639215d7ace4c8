#include "loadctl/plan_source/flag_overrides.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/plan/compile.h"

namespace loadfleet {
namespace {

// What wrk's users get without saying so: ten connections for ten seconds.
constexpr char kDefaultVus[] = "10";
constexpr char kDefaultDuration[] = "10s";

void Set(std::vector<std::string> path, std::string value, std::string origin,
         v1::PlanSource* source) {
  v1::Override* change = source->add_overrides();
  for (std::string& key : path) change->add_path(std::move(key));
  change->set_value(std::move(value));
  change->set_origin(std::move(origin));
}

// A text that is meant as it stands, whatever YAML would make of it.
void SetText(std::vector<std::string> path, absl::string_view text, std::string origin,
             v1::PlanSource* source) {
  Set(std::move(path), QuoteForOverride(text), std::move(origin), source);
}

struct SplitUrl {
  std::string origin;  // scheme and authority
  std::string target;  // path and query, at least "/"
};

SplitUrl Split(absl::string_view url) {
  const size_t fragment = url.find('#');
  if (fragment != absl::string_view::npos) url = url.substr(0, fragment);
  const std::string whole =
      url.find("://") == absl::string_view::npos ? absl::StrCat("http://", url) : std::string(url);
  const size_t authority = whole.find("://") + 3;
  const size_t end = std::min(whole.find_first_of("/?", authority), whole.size());
  std::string target = whole.substr(end);
  if (target.empty() || target.front() != '/') target.insert(0, "/");
  return {whole.substr(0, end), std::move(target)};
}

absl::Status SetMethod(const PlanFlags& flags, const std::string& target, v1::PlanSource* source) {
  static constexpr std::array<const char*, 7> kMethods = {"GET",    "POST", "PUT",    "PATCH",
                                                          "DELETE", "HEAD", "OPTIONS"};
  const char* fallback = flags.body.empty() ? "GET" : "POST";
  const std::string method = flags.method.empty() ? fallback : absl::AsciiStrToUpper(flags.method);
  const bool known = std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
  if (!known) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--method ", flags.method, ": one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"));
  }
  SetText({absl::AsciiStrToLower(method)}, target, "--url", source);
  return absl::OkStatus();
}

absl::Status SetHeaders(const PlanFlags& flags, v1::PlanSource* source) {
  std::set<std::string> seen;
  for (const std::string& header : flags.headers) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(header, absl::MaxSplits(':', 1));
    const std::string name(absl::StripAsciiWhitespace(parts.first));
    if (name.empty() || header.find(':') == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("--header ", header, ": it must be 'Name: value'"));
    }
    if (!seen.insert(absl::AsciiStrToLower(name)).second) {
      return absl::InvalidArgumentError(absl::StrCat("--header ", name, ": given twice"));
    }
    SetText({"defaults", "http", "headers", name}, absl::StripAsciiWhitespace(parts.second),
            absl::StrCat("--header ", name), source);
  }
  return absl::OkStatus();
}

absl::Status SetHttpVersion(const PlanFlags& flags, v1::PlanSource* source) {
  static constexpr std::array<absl::string_view, 4> kVersions = {"1.1", "2", "h2c", "auto"};
  if (std::find(kVersions.begin(), kVersions.end(), flags.http) == kVersions.end()) {
    return absl::InvalidArgumentError(absl::StrCat("--http ", flags.http, ": 1.1, 2, h2c or auto"));
  }
  Set({"defaults", "http", "version"}, flags.http, "--http", source);
  return absl::OkStatus();
}

absl::Status SetUrl(const PlanFlags& flags, v1::PlanSource* source) {
  const SplitUrl url = Split(flags.url);
  SetText({"target"}, url.origin, "--url", source);
  if (absl::Status status = SetMethod(flags, url.target, source); !status.ok()) return status;
  if (!flags.rate.empty()) {
    Set({"rate"}, flags.rate, "--rate", source);
  } else {
    Set({"vus"}, flags.vus.empty() ? kDefaultVus : flags.vus, "--vus", source);
  }
  Set({"duration"}, flags.duration.empty() ? kDefaultDuration : flags.duration, "--duration",
      source);
  if (absl::Status status = SetHeaders(flags, source); !status.ok()) return status;
  if (!flags.body.empty()) SetText({"body"}, flags.body, "--body", source);
  if (!flags.http.empty()) {
    if (absl::Status status = SetHttpVersion(flags, source); !status.ok()) return status;
  }
  if (!flags.connections.empty()) {
    Set({"defaults", "http", "connections", "max"}, flags.connections, "--connections", source);
  }
  if (!flags.streams.empty()) {
    Set({"defaults", "http", "connections", "max_streams"}, flags.streams, "--streams", source);
  }
  if (!flags.unix_socket.empty()) {
    SetText({"defaults", "http", "connections", "unix_socket"}, flags.unix_socket, "--unix-socket",
            source);
  }
  if (flags.insecure) {
    Set({"defaults", "http", "tls", "insecure"}, "true", "--insecure", source);
  }
  return absl::OkStatus();
}

struct KeyAndValue {
  std::string key;
  std::string value;
};

absl::StatusOr<KeyAndValue> SplitAtEquals(absl::string_view flag, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return absl::InvalidArgumentError(absl::StrCat(flag, " ", text, ": it must be key=value"));
  }
  return KeyAndValue{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

absl::Status AddOverrides(const PlanFlags& flags, v1::PlanSource* source) {
  if (!flags.url.empty()) {
    if (absl::Status status = SetUrl(flags, source); !status.ok()) return status;
  }
  if (!flags.name.empty()) SetText({"name"}, flags.name, "--name", source);
  for (const std::string& label : flags.labels) {
    absl::StatusOr<KeyAndValue> split = SplitAtEquals("--label", label);
    if (!split.ok()) return split.status();
    SetText({"labels", split->key}, split->value, absl::StrCat("--label ", split->key), source);
  }
  for (const std::string& set : flags.overrides) {
    absl::StatusOr<KeyAndValue> split = SplitAtEquals("--set", set);
    if (!split.ok()) return split.status();
    Set(absl::StrSplit(split->key, '.'), split->value, absl::StrCat("--set ", split->key), source);
  }
  return absl::OkStatus();
}

}  // namespace loadfleet
