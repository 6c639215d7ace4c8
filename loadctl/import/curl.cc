#include "loadctl/import/curl.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/text.h"
#include "loadctl/import/shell_words.h"

namespace loadfleet {
namespace {

enum class Meaning {
  kMethod,
  kHeader,
  kData,
  kDataRaw,
  kDataBinary,
  kDataUrlencode,
  kJson,
  kForm,
  kFormString,
  kUser,
  kUserAgent,
  kReferer,
  kCookie,
  kUrl,
  kInsecure,
  kLocation,
  kHead,
  kGet,
  kCompressed,
  kHttp11,
  kHttp2,
  kHttp2PriorKnowledge,
  kPrinted,     // only what curl prints, or where to
  kImpossible,  // in a plan
};

struct Option {
  char letter;  // 0: none
  absl::string_view name;
  Meaning meaning;
  bool has_value;
};

constexpr Option kOptions[] = {
    {'X', "request", Meaning::kMethod, true},
    {'H', "header", Meaning::kHeader, true},
    {'d', "data", Meaning::kData, true},
    {0, "data-ascii", Meaning::kData, true},
    {0, "data-raw", Meaning::kDataRaw, true},
    {0, "data-binary", Meaning::kDataBinary, true},
    {0, "data-urlencode", Meaning::kDataUrlencode, true},
    {0, "json", Meaning::kJson, true},
    {'F', "form", Meaning::kForm, true},
    {0, "form-string", Meaning::kFormString, true},
    {'u', "user", Meaning::kUser, true},
    {'A', "user-agent", Meaning::kUserAgent, true},
    {'e', "referer", Meaning::kReferer, true},
    {'b', "cookie", Meaning::kCookie, true},
    {0, "url", Meaning::kUrl, true},
    {'k', "insecure", Meaning::kInsecure, false},
    {'L', "location", Meaning::kLocation, false},
    {'I', "head", Meaning::kHead, false},
    {'G', "get", Meaning::kGet, false},
    {0, "compressed", Meaning::kCompressed, false},
    {0, "http1.1", Meaning::kHttp11, false},
    {0, "http2", Meaning::kHttp2, false},
    {0, "http2-prior-knowledge", Meaning::kHttp2PriorKnowledge, false},
    {'s', "silent", Meaning::kPrinted, false},
    {'S', "show-error", Meaning::kPrinted, false},
    {'v', "verbose", Meaning::kPrinted, false},
    {'i', "include", Meaning::kPrinted, false},
    {'f', "fail", Meaning::kPrinted, false},
    {'N', "no-buffer", Meaning::kPrinted, false},
    {'#', "progress-bar", Meaning::kPrinted, false},
    {0, "no-progress-meter", Meaning::kPrinted, false},
    {'o', "output", Meaning::kPrinted, true},
    {'O', "remote-name", Meaning::kPrinted, false},
    {'w', "write-out", Meaning::kPrinted, true},
    {'T', "upload-file", Meaning::kImpossible, true},
    {'x', "proxy", Meaning::kImpossible, true},
    {'K', "config", Meaning::kImpossible, true},
    {':', "next", Meaning::kImpossible, false},
};

absl::Status Error(absl::string_view option, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("curl ", Shown(option), ": ", what));
}

class Reader {
 public:
  explicit Reader(const ReadsFile& read) : read_(read) {}

  absl::StatusOr<Imported> Read(std::vector<std::string> words) {
    words_ = std::move(words);
    if (!words_.empty() && words_[0] == "$") ++at_;  // a prompt that was copied along
    if (at_ >= words_.size() || (words_[at_] != "curl" && !absl::EndsWith(words_[at_], "/curl"))) {
      return absl::InvalidArgumentError("curl: a command line that begins with `curl` is expected");
    }
    for (++at_; at_ < words_.size(); ++at_) {
      if (absl::Status status = Word(words_[at_]); !status.ok()) return status;
    }
    return Finish();
  }

 private:
  absl::Status Word(const std::string& word) {
    if (only_urls_ || word.size() < 2 || word[0] != '-') return SetUrl(word);
    if (word == "--") {
      only_urls_ = true;
      return absl::OkStatus();
    }
    return word[1] == '-' ? Long(word) : Letters(word);
  }

  absl::Status Long(const std::string& word) {
    const auto option = std::find_if(
        std::begin(kOptions), std::end(kOptions),
        [&](const Option& known) { return known.name == absl::string_view(word).substr(2); });
    if (option == std::end(kOptions)) return Error(word, "unknown option");
    if (!option->has_value) return Apply(*option, word, "");
    if (at_ + 1 >= words_.size()) return Error(word, "its value is missing");
    return Apply(*option, word, words_[++at_]);
  }

  // -sSL, -XPOST, -d @file
  absl::Status Letters(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const std::string shown = {'-', word[i]};
      const auto option =
          std::find_if(std::begin(kOptions), std::end(kOptions),
                       [&](const Option& known) { return known.letter == word[i]; });
      if (option == std::end(kOptions)) return Error(shown, "unknown option");
      if (!option->has_value) {
        if (absl::Status status = Apply(*option, shown, ""); !status.ok()) return status;
        continue;
      }
      if (i + 1 < word.size()) return Apply(*option, shown, word.substr(i + 1));
      if (at_ + 1 >= words_.size()) return Error(shown, "its value is missing");
      return Apply(*option, shown, words_[++at_]);
    }
    return absl::OkStatus();
  }

  absl::Status SetUrl(const std::string& url) {
    if (!url_.empty()) {
      return Error(url, "a second URL; import one command at a time, or `loadctl import urls`");
    }
    url_ = absl::StrContains(url, "://") ? url : absl::StrCat("http://", url);
    return absl::OkStatus();
  }

  absl::Status Apply(const Option& option, const std::string& shown, const std::string& value) {
    switch (option.meaning) {
      case Meaning::kMethod:
        method_ = value;
        return absl::OkStatus();
      case Meaning::kHeader:
        return Header(shown, value);
      case Meaning::kData:
      case Meaning::kDataRaw:
      case Meaning::kDataBinary:
      case Meaning::kDataUrlencode:
      case Meaning::kJson:
        return Data(option.meaning, shown, value);
      case Meaning::kForm:
      case Meaning::kFormString:
        return Form(option.meaning, shown, value);
      case Meaning::kUser:
        if (!absl::StrContains(value, ':')) {
          return Error(shown, "curl would ask for the password; write user:password");
        }
        Replace("Authorization", absl::StrCat("Basic ", absl::Base64Escape(value)));
        return absl::OkStatus();
      case Meaning::kUserAgent:
        Replace("User-Agent", value);
        return absl::OkStatus();
      case Meaning::kReferer:
        Replace("Referer", std::string(absl::StripSuffix(value, ";auto")));
        return absl::OkStatus();
      case Meaning::kCookie:
        if (!absl::StrContains(value, '=')) {
          return Error(shown, "a file of cookies cannot be in a plan; write name=value");
        }
        AddHeader("Cookie", value, &request_, &imported_);
        return absl::OkStatus();
      case Meaning::kUrl:
        return SetUrl(value);
      case Meaning::kImpossible:
        return Error(shown, absl::StrCat("a plan cannot have this (--", option.name, ")"));
      default:
        Flag(option.meaning);
        return absl::OkStatus();
    }
  }

  void Flag(Meaning meaning) {
    switch (meaning) {
      case Meaning::kInsecure:
        imported_.insecure = true;
        break;
      case Meaning::kLocation:
        request_.redirects = limits::kRedirects;  // as many as curl follows
        break;
      case Meaning::kHead:
        head_ = true;
        break;
      case Meaning::kGet:
        get_ = true;
        break;
      case Meaning::kCompressed:
        request_.decompress = true;
        break;
      case Meaning::kHttp11:
        imported_.http_version = "1.1";
        break;
      case Meaning::kHttp2:
        // By ALPN and with a way back, as `auto` has it.
        imported_.http_version = "auto";
        break;
      case Meaning::kHttp2PriorKnowledge:
        prior_knowledge_ = true;
        break;
      default:
        break;
    }
  }

  void Replace(absl::string_view name, const std::string& value) {
    RemoveHeader(name, &request_);
    if (!value.empty()) AddHeader(name, value, &request_, &imported_);
  }

  // `Name: value`; `Name;` is one without a value; `Name:` keeps curl from sending its own.
  absl::Status Header(const std::string& shown, const std::string& text) {
    if (absl::StartsWith(text, "@")) return Error(shown, "a file of headers cannot be in a plan");
    const size_t colon = text.find(':');
    if (colon == std::string::npos) {
      if (text.size() < 2 || text.back() != ';') {
        return Error(shown, absl::StrCat("`Name: value` is expected, got ", Quoted(text)));
      }
      AddHeader(text.substr(0, text.size() - 1), "", &request_, &imported_);
      return absl::OkStatus();
    }
    const absl::string_view value =
        absl::StripAsciiWhitespace(absl::string_view(text).substr(colon + 1));
    const std::string name(absl::StripAsciiWhitespace(text.substr(0, colon)));
    if (value.empty()) {
      removed_.push_back(name);
    } else {
      AddHeader(name, value, &request_, &imported_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> File(const std::string& shown, const std::string& path) {
    if (path == "-") return Error(shown, "standard input is not there; name a file");
    return read_(path);
  }

  absl::Status Data(Meaning meaning, const std::string& shown, const std::string& value) {
    std::string data = value;
    if (meaning == Meaning::kDataUrlencode) {
      absl::StatusOr<std::string> encoded = Urlencoded(shown, value);
      if (!encoded.ok()) return encoded.status();
      data = *std::move(encoded);
    } else if (meaning != Meaning::kDataRaw && absl::StartsWith(value, "@")) {
      absl::StatusOr<std::string> file = File(shown, value.substr(1));
      if (!file.ok()) return file.status();
      data = meaning == Meaning::kData ? absl::StrReplaceAll(*file, {{"\r", ""}, {"\n", ""}})
                                       : *std::move(file);
    }
    const bool json = meaning == Meaning::kJson;
    json_ = json_ || json;
    if (has_data_ && !json) request_.body.push_back('&');
    request_.body.append(data);
    has_data_ = true;
    return absl::OkStatus();
  }

  // `text`, `=text`, `name=text`, `@file`, `name@file`: the name stands as it is.
  absl::StatusOr<std::string> Urlencoded(const std::string& shown, const std::string& value) {
    const size_t mark = value.find_first_of("=@");
    if (mark == std::string::npos) return PercentEncoded(value);
    std::string content = value.substr(mark + 1);
    if (value[mark] == '@') {
      absl::StatusOr<std::string> file = File(shown, content);
      if (!file.ok()) return file.status();
      content = *std::move(file);
    }
    return absl::StrCat(value.substr(0, mark), mark > 0 ? "=" : "", PercentEncoded(content));
  }

  // `name=text`, `name=@file`, `name=<file`, with `;type=...` and `;filename=...` behind it.
  absl::Status Form(Meaning meaning, const std::string& shown, const std::string& value) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(shown, absl::StrCat("`name=content` is expected, got ", Quoted(value)));
    }
    ImportedPart& part = request_.parts.emplace_back();
    part.name = value.substr(0, equals);
    absl::string_view content = absl::string_view(value).substr(equals + 1);
    if (meaning == Meaning::kFormString) {
      part.text = std::string(content);
      return absl::OkStatus();
    }
    const bool file = absl::ConsumePrefix(&content, "@");
    const bool read = !file && absl::ConsumePrefix(&content, "<");
    const bool quoted = absl::StartsWith(content, "\"");
    std::string text = FormWord(&content);
    if (file && (absl::StartsWith(content, ",") || (!quoted && absl::StrContains(text, ',')))) {
      return Error(shown,
                   "several files in one part cannot be in a plan; a name with a comma goes "
                   "into double quotes");
    }
    if (file) {
      if (text == "-") return Error(shown, "standard input is not there; name a file");
      part.file = std::move(text);
    } else if (read) {
      absl::StatusOr<std::string> of_file = File(shown, text);
      if (!of_file.ok()) return of_file.status();
      part.text = *std::move(of_file);
    } else {
      part.text = std::move(text);
    }
    while (!content.empty()) {
      if (absl::ConsumePrefix(&content, ";type=")) {
        part.content_type = FormWord(&content);
      } else if (absl::ConsumePrefix(&content, ";filename=")) {
        part.filename = FormWord(&content);
      } else {
        return Error(shown, absl::StrCat("a plan cannot have this: ", Quoted(content)));
      }
    }
    return absl::OkStatus();
  }

  // Up to a semicolon; in double quotes, with backslashes before what would end it there.
  static std::string FormWord(absl::string_view* rest) {
    std::string word;
    if (!absl::ConsumePrefix(rest, "\"")) {
      word = std::string(rest->substr(0, rest->find(';')));
      rest->remove_prefix(word.size());
      return word;
    }
    while (!rest->empty() && rest->front() != '"') {
      if (rest->front() == '\\' && rest->size() > 1) rest->remove_prefix(1);
      word.push_back(rest->front());
      rest->remove_prefix(1);
    }
    absl::ConsumePrefix(rest, "\"");
    return word;
  }

  absl::StatusOr<Imported> Finish() {
    if (url_.empty()) return absl::InvalidArgumentError("curl: there is no URL in it");
    const bool form = !request_.parts.empty();
    if (form && (has_data_ || get_)) {
      return Error("-F", absl::StrCat("does not go with ", get_ ? "-G" : "-d"));
    }
    request_.where = "curl";
    request_.url = url_.substr(0, url_.find('#'));
    if (get_ && has_data_) {
      const char* separator = absl::StrContains(request_.url, '?') ? "&" : "?";
      absl::StrAppend(&request_.url, separator, std::exchange(request_.body, ""));
    } else if (has_data_) {
      SetDataHeaders();
    }
    request_.method = !method_.empty()     ? absl::AsciiStrToUpper(method_)
                      : head_              ? "HEAD"
                      : form               ? "POST"
                      : has_data_ && !get_ ? "POST"
                                           : "GET";
    if (absl::Status status = CheckMethod(); !status.ok()) return status;
    const bool https = absl::StartsWithIgnoreCase(url_, "https:");
    if (prior_knowledge_) imported_.http_version = https ? "2" : "h2c";
    imported_.from = "a curl command";
    imported_.requests.push_back(std::move(request_));
    return std::move(imported_);
  }

  void SetDataHeaders() {
    const auto add = [this](const char* name, const char* value) {
      const bool removed = std::any_of(removed_.begin(), removed_.end(), [&](const auto& other) {
        return absl::EqualsIgnoreCase(other, name);
      });
      if (removed || FindHeader(request_, name) != nullptr) return;
      AddHeader(name, value, &request_, &imported_);
    };
    add("Content-Type", json_ ? "application/json" : "application/x-www-form-urlencoded");
    if (json_) add("Accept", "application/json");
  }

  absl::Status CheckMethod() const {
    if (IsPlanMethod(request_.method)) return absl::OkStatus();
    return Error("-X", absl::StrCat("a plan cannot have the method ", Quoted(request_.method)));
  }

  const ReadsFile& read_;
  std::vector<std::string> words_;
  size_t at_ = 0;
  bool only_urls_ = false;
  Imported imported_;
  ImportedRequest request_;
  std::string url_;
  std::string method_;
  std::vector<std::string> removed_;  // headers that curl is kept from sending
  bool head_ = false;
  bool get_ = false;
  bool has_data_ = false;
  bool json_ = false;
  bool prior_knowledge_ = false;
};

}  // namespace

absl::StatusOr<Imported> ImportCurl(absl::string_view command, const ReadsFile& read) {
  absl::StatusOr<std::vector<std::string>> words = ShellWords(command);
  if (!words.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("curl command:", words.status().message()));
  }
  return Reader(read).Read(*std::move(words));
}

}  // namespace loadfleet
