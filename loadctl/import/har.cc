#include "loadctl/import/har.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/limits.h"
#include "common/plan/headers.h"
#include "loadctl/import/json_document.h"

namespace loadfleet {
namespace {

constexpr absl::Duration kPause = absl::Seconds(1);             // that is somebody's, within a page
constexpr absl::Duration kThinkStep = absl::Milliseconds(100);  // finer is the network's doing

struct Entry {
  std::string pointer;
  const Json* request;
  const Json* entry;
  std::string page;
  std::optional<int> status;                // of the response; 0: there was none
  absl::Time start = absl::InfinitePast();  // when it has none that can be read
  absl::Time end = absl::InfinitePast();
};

absl::Status Error(const std::string& name, const std::string& pointer, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", pointer, ": ", what));
}

bool IsOneOf(absl::string_view word, absl::Span<const absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Of one connection, of the browser's own making, or about what its cache holds.
bool IsDropped(absl::string_view name) {
  static constexpr absl::string_view kDropped[] = {"dnt",
                                                   "host",
                                                   "if-modified-since",
                                                   "if-none-match",
                                                   "priority",
                                                   "proxy-authorization",
                                                   "upgrade-insecure-requests"};
  const std::string lower = absl::AsciiStrToLower(name);
  return lower.empty() || lower[0] == ':' || IsWrittenByAgent(name) ||
         absl::StartsWith(lower, "sec-") || absl::StartsWith(lower, "x-client-data") ||
         IsOneOf(lower, kDropped);
}

bool IsStatic(const Json& entry, absl::string_view url) {
  static constexpr absl::string_view kEndings[] = {
      ".avif", ".css",  ".eot",  ".gif",  ".ico",  ".jpeg", ".jpg", ".js",
      ".map",  ".mjs",  ".mp3",  ".mp4",  ".ogg",  ".otf",  ".png", ".svg",
      ".ttf",  ".wasm", ".webm", ".webp", ".woff", ".woff2"};
  static constexpr absl::string_view kTypes[] = {"application/javascript", "application/wasm",
                                                 "application/x-javascript", "text/css",
                                                 "text/javascript"};
  const absl::string_view path = url.substr(0, url.find_first_of("?#"));
  if (std::any_of(std::begin(kEndings), std::end(kEndings), [path](absl::string_view ending) {
        return absl::EndsWithIgnoreCase(path, ending);
      })) {
    return true;
  }
  const Json* response = Member(entry, "response");
  const Json* content = response == nullptr ? nullptr : Member(*response, "content");
  const std::string* type = content == nullptr ? nullptr : TextMember(*content, "mimeType");
  if (type == nullptr) return false;
  const std::string bare =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(type->substr(0, type->find(';'))));
  return absl::StartsWith(bare, "image/") || absl::StartsWith(bare, "font/") ||
         absl::StartsWith(bare, "audio/") || absl::StartsWith(bare, "video/") ||
         IsOneOf(bare, kTypes);
}

std::string OriginOf(absl::string_view url) {
  const size_t host = url.find("://");
  if (host == absl::string_view::npos) return "";
  return absl::AsciiStrToLower(url.substr(0, url.find_first_of("/?#", host + 3)));
}

// How many requests are not in the plan, and why.
enum Reason { kCached, kNotHttp, kUnanswered, kMethod, kStatic, kForeign, kBody, kReasons };
constexpr std::array<absl::string_view, kReasons> kWhy = {
    "came from the browser's cache",
    "were neither http nor https",
    "had no response (given up, blocked, or no connection)",
    "had a method that a plan cannot have",
    "were for static assets",
    "went to another origin",
    "had a body that a plan cannot have (a form with files)",
};

class Reader {
 public:
  Reader(const std::string& name, const HarOptions& options) : name_(name), options_(options) {}

  absl::StatusOr<Imported> Read(const Json& root) {
    imported_.from = name_;
    imported_.leave_out = true;
    if (absl::Status status = Collect(root); !status.ok()) return status;
    const bool timed = std::all_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
      return entry.start != absl::InfinitePast();
    });
    if (timed) {
      std::stable_sort(entries_.begin(), entries_.end(),
                       [](const Entry& a, const Entry& b) { return a.start < b.start; });
    }
    for (const Entry& entry : entries_) {
      if (absl::Status status = Add(entry); !status.ok()) return status;
      end_ = std::max(end_, entry.end);
    }
    AddNotes();
    return std::move(imported_);
  }

 private:
  absl::Status Collect(const Json& root) {
    const Json* log = Member(root, "log");
    const Json* entries = log == nullptr ? nullptr : Member(*log, "entries");
    if (entries == nullptr || !entries->is_array()) {
      return Error(name_, "/log/entries", "a list is expected here; is this an HTTP Archive?");
    }
    for (size_t i = 0; i < entries->size(); ++i) {
      Entry entry;
      entry.pointer = absl::StrCat("/log/entries/", i);
      entry.entry = &(*entries)[i];
      entry.request = Member(*entry.entry, "request");
      if (entry.request == nullptr || TextMember(*entry.request, "method") == nullptr ||
          TextMember(*entry.request, "url") == nullptr) {
        return Error(name_, entry.pointer, "a request with `method` and `url` is expected here");
      }
      if (const std::string* page = TextMember(*entry.entry, "pageref")) entry.page = *page;
      has_pages_ = has_pages_ || !entry.page.empty();
      entry.status = StatusOf(*entry.entry);
      ReadTimes(&entry);
      entries_.push_back(std::move(entry));
    }
    return absl::OkStatus();
  }

  static std::optional<int> StatusOf(const Json& entry) {
    const Json* response = Member(entry, "response");
    const Json* status = response == nullptr ? nullptr : Member(*response, "status");
    if (status == nullptr || !status->is_number_integer()) return std::nullopt;
    return std::clamp<int64_t>(status->get<int64_t>(), 0, 999);
  }

  static void ReadTimes(Entry* entry) {
    const std::string* started = TextMember(*entry->entry, "startedDateTime");
    if (started == nullptr ||
        !absl::ParseTime(absl::RFC3339_full, *started, &entry->start, nullptr)) {
      entry->start = absl::InfinitePast();
      return;
    }
    const Json* took = Member(*entry->entry, "time");
    const double millis = took != nullptr && took->is_number() ? took->get<double>() : 0;
    // A broken recording must not become a think time of years.
    entry->end = entry->start + absl::Milliseconds(std::clamp(millis, 0.0, 3.6e6));
  }

  absl::Status Add(const Entry& entry) {
    const std::string& url = *TextMember(*entry.request, "url");
    const std::string method = absl::AsciiStrToUpper(*TextMember(*entry.request, "method"));
    if (const std::optional<Reason> reason = WhyNot(entry, method, url)) {
      ++left_out_[*reason];
      return absl::OkStatus();
    }
    ImportedRequest request;
    request.where = absl::StrCat(name_, ": ", entry.pointer);
    request.method = method;
    request.url = url;
    if (absl::Status status = AddHeaders(entry, &request); !status.ok()) return status;
    if (!AddBody(*entry.request, &request) || LacksFiles(*entry.request, request.body)) {
      ++left_out_[kBody];
      return absl::OkStatus();
    }
    if (entry.status >= 400 && entry.status < 600) request.status = *entry.status;
    request.think = ThinkBefore(entry);
    page_ = entry.page;
    imported_.requests.push_back(std::move(request));
    return absl::OkStatus();
  }

  std::optional<Reason> WhyNot(const Entry& entry, const std::string& method,
                               const std::string& url) {
    const Json* cached = Member(*entry.entry, "_fromCache");
    if (cached != nullptr && !cached->is_null()) return kCached;
    if (!absl::StartsWithIgnoreCase(url, "http://") &&
        !absl::StartsWithIgnoreCase(url, "https://")) {
      return kNotHttp;
    }
    if (entry.status == 0) return kUnanswered;
    if (!IsPlanMethod(method)) return kMethod;
    if (!options_.static_assets && IsStatic(*entry.entry, url)) return kStatic;
    if (origin_.empty()) origin_ = OriginOf(url);
    if (options_.same_origin && OriginOf(url) != origin_) return kForeign;
    return std::nullopt;
  }

  absl::Status AddHeaders(const Entry& entry, ImportedRequest* request) {
    const Json* headers = Member(*entry.request, "headers");
    if (headers == nullptr || !headers->is_array()) return absl::OkStatus();
    for (size_t i = 0; i < headers->size(); ++i) {
      const std::string* name = TextMember((*headers)[i], "name");
      const std::string* value = TextMember((*headers)[i], "value");
      if (name == nullptr || value == nullptr) {
        return Error(name_, absl::StrCat(entry.pointer, "/request/headers/", i),
                     "a header with `name` and `value` is expected here");
      }
      if (absl::EqualsIgnoreCase(*name, "Cookie")) {
        cookies_ = true;
      } else if (!IsDropped(*name)) {
        secrets_ = secrets_ || absl::EqualsIgnoreCase(*name, "Authorization");
        AddHeader(*name, *value, request, &imported_);
      }
    }
    return absl::OkStatus();
  }

  // Whether a plan can have the body.
  bool AddBody(const Json& request, ImportedRequest* out) {
    const Json* data = Member(request, "postData");
    if (data == nullptr || !data->is_object()) return true;
    const std::string* type = TextMember(*data, "mimeType");
    if (const std::string* text = TextMember(*data, "text"); text != nullptr && !text->empty()) {
      const std::string* encoding = TextMember(*data, "encoding");
      if (encoding == nullptr || *encoding != "base64") {
        out->body = *text;
      } else if (!absl::Base64Unescape(*text, &out->body)) {
        return false;
      }
    } else if (const Json* params = Member(*data, "params");
               params != nullptr && params->is_array() && !params->empty()) {
      if (type == nullptr || !absl::StartsWith(*type, "application/x-www-form-urlencoded")) {
        return false;
      }
      out->body = FormOf(*params);
    }
    if (!out->body.empty() && type != nullptr && !type->empty() &&
        FindHeader(*out, "Content-Type") == nullptr) {
      AddHeader("Content-Type", *type, out, &imported_);
    }
    return true;
  }

  // Of a form with files Chromium records all but the files.
  static bool LacksFiles(const Json& request, const std::string& body) {
    const std::string* type = RecordedHeader(request, "content-type");
    const std::string* length = RecordedHeader(request, "content-length");
    uint64_t sent = 0;
    return type != nullptr && absl::StartsWithIgnoreCase(*type, "multipart/") &&
           length != nullptr && absl::SimpleAtoi(*length, &sent) && sent != body.size();
  }

  static const std::string* RecordedHeader(const Json& request, absl::string_view name) {
    const Json* headers = Member(request, "headers");
    if (headers == nullptr || !headers->is_array()) return nullptr;
    for (const Json& header : *headers) {
      const std::string* found = TextMember(header, "name");
      if (found != nullptr && absl::EqualsIgnoreCase(*found, name)) {
        return TextMember(header, "value");
      }
    }
    return nullptr;
  }

  // The parameters are recorded as they were sent, encoded.
  static std::string FormOf(const Json& params) {
    std::string form;
    for (const Json& param : params) {
      const std::string* name = TextMember(param, "name");
      const std::string* value = TextMember(param, "value");
      if (name == nullptr) continue;
      absl::StrAppend(&form, form.empty() ? "" : "&", *name, "=", value == nullptr ? "" : *value);
    }
    return form;
  }

  Nanos ThinkBefore(const Entry& entry) const {
    if (imported_.requests.empty() || entry.start == absl::InfinitePast() ||
        end_ == absl::InfinitePast()) {
      return 0;
    }
    const absl::Duration pause = absl::Trunc(entry.start - end_, kThinkStep);
    const absl::Duration least = has_pages_ && entry.page != page_ ? kThinkStep : kPause;
    if (pause < least) return 0;
    return std::min<Nanos>(absl::ToInt64Nanoseconds(pause), limits::kTimeout);
  }

  void AddNotes() {
    for (size_t reason = 0; reason < kReasons; ++reason) {
      if (left_out_[reason] == 0) continue;
      AddNote(absl::StrCat("Left out, because they ", kWhy[reason], ": ", left_out_[reason], "."),
              &imported_);
    }
    if (cookies_) {
      AddNote("Cookies were left out: they belong to the session that was recorded.", &imported_);
    }
    if (secrets_) {
      AddNote("Authorization headers are in this plan as they were recorded: secrets, perhaps.",
              &imported_);
    }
  }

  const std::string& name_;
  const HarOptions& options_;
  std::vector<Entry> entries_;
  bool has_pages_ = false;
  Imported imported_;
  std::array<int, kReasons> left_out_ = {};
  std::string origin_;                     // where the first request goes
  std::string page_;                       // of the newest request that was kept
  absl::Time end_ = absl::InfinitePast();  // of everything before
  bool cookies_ = false;
  bool secrets_ = false;
};

}  // namespace

absl::StatusOr<Imported> ImportHar(absl::string_view text, const std::string& name,
                                   const HarOptions& options) {
  const absl::StatusOr<Json> root = ParseJson(text, name);
  if (!root.ok()) return root.status();
  return Reader(name, options).Read(*root);
}

}  // namespace loadfleet
