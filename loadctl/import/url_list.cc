#include "loadctl/import/url_list.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {
namespace {

bool IsUrl(absl::string_view word) {
  return absl::StartsWithIgnoreCase(word, "http://") ||
         absl::StartsWithIgnoreCase(word, "https://");
}

// The word before the first blank; `rest` is what follows it.
absl::string_view FirstWord(absl::string_view line, absl::string_view* rest) {
  const size_t end = std::min(line.find_first_of(" \t"), line.size());
  *rest = absl::StripLeadingAsciiWhitespace(line.substr(end));
  return line.substr(0, end);
}

class Reader {
 public:
  Reader(const std::string& name, const ReadsFile& read) : name_(name), read_(read) {}

  absl::StatusOr<Imported> Read(absl::string_view text) {
    imported_.from = name_;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++line_;
      line = absl::StripAsciiWhitespace(line);
      if (line.empty() || line.front() == '#') continue;
      if (absl::Status status = Line(line); !status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(Here(), ": ", status.message()));
      }
    }
    if (imported_.requests.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(name_, ": there is no URL in it"));
    }
    return std::move(imported_);
  }

 private:
  std::string Here() const { return absl::StrCat(name_, ":", line_); }

  absl::Status Line(absl::string_view line) {
    absl::string_view rest;
    const absl::string_view first = FirstWord(line, &rest);
    if (IsUrl(first)) return Siege(first, rest);
    absl::string_view after;
    if (IsUrl(FirstWord(rest, &after)) &&
        std::all_of(first.begin(), first.end(), absl::ascii_isalpha)) {
      if (!after.empty()) return Unexpected(after);
      return Begin(first, rest);
    }
    if (imported_.requests.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected a URL or `METHOD URL`, with http:// or https://, got ", Quoted(line)));
    }
    if (line.front() == '@') return BodyFrom(line.substr(1));
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos || colon == 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected a URL, `METHOD URL`, `Name: value` or `@file`, got ", Quoted(line)));
    }
    AddHeader(line.substr(0, colon), line.substr(colon + 1), &imported_.requests.back(),
              &imported_);
    return absl::OkStatus();
  }

  static absl::Status Unexpected(absl::string_view text) {
    return absl::InvalidArgumentError(
        absl::StrCat("nothing is expected after the URL, got ", Quoted(text)));
  }

  // `URL`, `URL POST text`, `URL POST <file`
  absl::Status Siege(absl::string_view url, absl::string_view rest) {
    if (rest.empty()) return Begin("GET", url);
    absl::string_view data;
    const absl::string_view method = FirstWord(rest, &data);
    if (!IsPlanMethod(absl::AsciiStrToUpper(method))) return Unexpected(rest);
    if (absl::Status status = Begin(method, url); !status.ok()) return status;
    if (absl::ConsumePrefix(&data, "<")) return BodyFrom(absl::StripAsciiWhitespace(data));
    if (data.empty()) return absl::OkStatus();
    ImportedRequest& request = imported_.requests.back();
    request.body = std::string(data);
    AddHeader("Content-Type", "application/x-www-form-urlencoded", &request, &imported_);
    return absl::OkStatus();
  }

  absl::Status Begin(absl::string_view method, absl::string_view url) {
    if (imported_.requests.size() == limits::kRequests) {
      return absl::InvalidArgumentError(
          absl::StrCat("more URLs than the ", limits::kRequests, " requests of a plan"));
    }
    ImportedRequest& request = imported_.requests.emplace_back();
    request.where = Here();
    request.method = absl::AsciiStrToUpper(method);
    request.url = std::string(url);
    if (IsPlanMethod(request.method)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("a plan cannot have the method ", Quoted(request.method)));
  }

  absl::Status BodyFrom(absl::string_view file) {
    const std::filesystem::path path =
        std::filesystem::path(name_).parent_path() / std::string(file);
    absl::StatusOr<std::string> body = read_(path);
    if (!body.ok()) return body.status();
    imported_.requests.back().body = *std::move(body);
    return absl::OkStatus();
  }

  const std::string& name_;
  const ReadsFile& read_;
  size_t line_ = 0;
  Imported imported_;
};

}  // namespace

absl::StatusOr<Imported> ImportUrls(absl::string_view text, const std::string& name,
                                    const ReadsFile& read) {
  return Reader(name, read).Read(text);
}

}  // namespace loadfleet
