#include "agent/scenario/response_checks.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/scenario/shown_exchange.h"
#include "common/limits.h"
#include "common/regex.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr char kSetCookie[] = "set-cookie";

re2::StringPiece Piece(const std::string& text) {
  return {text.data(), text.size()};
}

// The value of the cookie that is set as `name=`: RFC 6265, 4.1.1.
bool FindCookie(const std::string& lines, const std::string& name, std::string* out) {
  bool found = false;
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    if (!absl::ConsumePrefix(&line, name)) continue;
    const absl::string_view value = line.substr(0, line.find(';'));
    out->assign(value.data(), value.size());
    found = true;  // the last one counts
  }
  return found;
}

// `200`, `200-299 or 404`.
std::string StatusText(const v1::StatusSet& set) {
  std::string text;
  for (const v1::StatusRange& range : set.ranges()) {
    absl::StrAppend(&text, text.empty() ? "" : " or ", range.first());
    if (range.last() != range.first()) absl::StrAppend(&text, "-", range.last());
  }
  return text;
}

// Where a capture looked, after "nothing".
std::string SourceText(const v1::Capture& capture) {
  switch (capture.from_case()) {
    case v1::Capture::kJson:
      return absl::StrCat("at ", capture.json());
    case v1::Capture::kRegex:
      return absl::StrCat("matches ", Quoted(capture.regex()));
    case v1::Capture::kHeader:
      return absl::StrCat("in the header ", capture.header());
    case v1::Capture::kCookie:
      return absl::StrCat("in a cookie ", Quoted(capture.cookie()));
    default:
      return "was found";
  }
}

// Where a text was looked for, in words.
std::string BodyText(const KeptResponse& kept) {
  return absl::StrCat("the body of ", kept.body_size(), " bytes");
}
std::string EncodedText() {
  return "a body that came encoded, which `decompress: true` reads";
}

void AssignNumber(uint64_t number, std::string* out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  out->assign(text, static_cast<size_t>(end.ptr - text));
}

}  // namespace

absl::StatusOr<std::unique_ptr<const ResponseChecks>> ResponseChecks::Of(
    const v1::Request& request, absl::FunctionRef<uint32_t(const std::string&)> slot_of) {
  if (request.expect().empty() && request.capture().empty()) return nullptr;
  auto checks = std::make_unique<ResponseChecks>();
  for (const v1::Expect& expect : request.expect()) {
    if (absl::Status status = checks->Add(expect); !status.ok()) return status;
  }
  for (const v1::Capture& capture : request.capture()) {
    if (absl::Status status = checks->Add(capture, slot_of(capture.name())); !status.ok()) {
      return status;
    }
  }
  checks->decompress_ = request.decompress();
  if (checks->decompress_ && checks->interest_.body_size) checks->interest_.body = true;
  if (checks->interest_.body)
    checks->content_encoding_ = checks->interest_.SlotOf("content-encoding");
  return checks;
}

absl::Status ResponseChecks::Add(const v1::Expect& expect) {
  switch (expect.kind_case()) {
    case v1::Expect::kStatus:
      has_status_ = true;
      statuses_.MergeFrom(expect.status());
      return absl::OkStatus();
    case v1::Expect::kHeader: {
      HeaderTest test{interest_.SlotOf(expect.header().name()), expect.header().equals(), nullptr};
      if (expect.header().has_matches()) {
        auto regex = CompileRegex(expect.header().matches());
        if (!regex.ok()) return regex.status();
        test.matches = *std::move(regex);
      }
      headers_.push_back(std::move(test));
      return absl::OkStatus();
    }
    case v1::Expect::kBodyContains:
      interest_.body = true;
      body_contains_.push_back(expect.body_contains());
      return absl::OkStatus();
    case v1::Expect::kBodyMatches: {
      interest_.body = true;
      auto regex = CompileRegex(expect.body_matches());
      if (!regex.ok()) return regex.status();
      body_matches_.push_back(*std::move(regex));
      return absl::OkStatus();
    }
    case v1::Expect::kJson: {
      interest_.body = reads_json_ = true;
      auto path = ParseJsonPath(expect.json().path());
      if (!path.ok()) return path.status();
      auto value = JsonScalar::Parse(expect.json().equals());
      if (!value) return absl::InvalidArgumentError("a JSON value that is compared is no scalar");
      json_.push_back(
          {*std::move(path), *std::move(value), expect.json().path(), expect.json().equals()});
      return absl::OkStatus();
    }
    case v1::Expect::kResponseTimeNs:
      response_times_.push_back(expect.response_time_ns());
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("this agent does not know all expectations of the plan");
  }
}

absl::Status ResponseChecks::Add(const v1::Capture& capture, uint32_t slot) {
  Capture made;
  made.slot = slot;
  made.optional = capture.optional();
  made.told = absl::StrCat("capture ", Shown(capture.name()), ": nothing ", SourceText(capture));
  switch (capture.from_case()) {
    case v1::Capture::kJson: {
      interest_.body = reads_json_ = true;
      made.from = From::kJson;
      auto path = ParseJsonPath(capture.json());
      if (!path.ok()) return path.status();
      made.path = *std::move(path);
      break;
    }
    case v1::Capture::kRegex: {
      interest_.body = true;
      made.from = From::kRegex;
      auto regex = CompileRegex(capture.regex());
      if (!regex.ok()) return regex.status();
      made.regex = *std::move(regex);
      break;
    }
    case v1::Capture::kHeader:
      made.from = From::kHeader;
      made.header = interest_.SlotOf(capture.header());
      break;
    case v1::Capture::kCookie:
      made.from = From::kCookie;
      made.header = interest_.SlotOf(kSetCookie);
      made.cookie = absl::StrCat(capture.cookie(), "=");
      break;
    case v1::Capture::kStatus:
      break;
    case v1::Capture::kBodySize:
      interest_.body_size = true;
      made.from = From::kBodySize;
      break;
    default:
      return absl::InvalidArgumentError("this agent does not know all captures of the plan");
  }
  captures_.push_back(std::move(made));
  return absl::OkStatus();
}

bool ResponseChecks::Holds(const v1::StatusSet& set, uint16_t status) {
  return std::any_of(set.ranges().begin(), set.ranges().end(),
                     [status](const v1::StatusRange& range) {
                       return status >= range.first() && status <= range.last();
                     });
}

Outcome ResponseChecks::Decode(KeptResponse* kept, ContentDecoder* decoder) const {
  const std::string* codings = kept->value(content_encoding_);
  if (codings == nullptr || kept->body_size() == 0) return Outcome::kOk;
  if (!decompress_) {
    if (!absl::EqualsIgnoreCase(*codings, "identity")) kept->SetEncoded();
    return Outcome::kOk;
  }
  if (!kept->whole()) return Outcome::kTooLarge;
  switch (decoder->Decode(*codings, &kept->body())) {
    case ContentDecoder::Result::kDone:
      kept->SetDecoded();
      break;
    case ContentDecoder::Result::kUnknown:
      kept->SetEncoded();
      break;
    case ContentDecoder::Result::kBroken:
      return Outcome::kMalformed;
    case ContentDecoder::Result::kTooLarge:
      return Outcome::kTooLarge;
  }
  return Outcome::kOk;
}

ResponseChecks::Counts ResponseChecks::Judge(const Result& result, Nanos response_time,
                                             KeptResponse* kept, JsonReader* json,
                                             std::vector<Captured>* captured,
                                             std::vector<std::string>* failed) const {
  Counts counts;
  // What is told is made only for somebody who listens.
  const auto check = [&counts, failed](bool holds, absl::FunctionRef<std::string()> tell) {
    ++(holds ? counts.passed : counts.failed);
    if (!holds && counts.failed == 1) counts.first_failed = counts.passed;
    if (!holds && failed != nullptr) failed->push_back(tell());
  };
  if (has_status_) {
    check(Holds(statuses_, result.status), [&] {
      return absl::StrCat("status: expected ", StatusText(statuses_), ", got ", result.status);
    });
  }
  for (const HeaderTest& test : headers_) {
    const std::string& name = interest_.headers[test.header];
    const std::string* value = kept->value(test.header);
    check(value != nullptr &&
              (test.matches == nullptr ? *value == test.equals
                                       : RE2::PartialMatch(Piece(*value), *test.matches)),
          [&] {
            return absl::StrCat(
                "header ", name, ": expected ",
                test.matches == nullptr ? Quoted(test.equals)
                                        : absl::StrCat("/", Shown(test.matches->pattern()), "/"),
                ", got ", value == nullptr ? "none" : Quoted(WithoutCredentials(name, *value)));
          });
  }
  const bool readable = kept == nullptr || !kept->encoded();
  for (const std::string& text : body_contains_) {
    check(readable && absl::StrContains(kept->body(), text), [&] {
      return absl::StrCat("body_contains: ", Quoted(text), " is not in ",
                          readable ? BodyText(*kept) : EncodedText());
    });
  }
  for (const auto& regex : body_matches_) {
    check(readable && RE2::PartialMatch(Piece(kept->body()), *regex), [&] {
      return absl::StrCat("body_matches: ", Quoted(regex->pattern()), " matches nothing in ",
                          readable ? BodyText(*kept) : EncodedText());
    });
  }
  if (reads_json_ && (!readable || !json->Read(&kept->body()))) json = nullptr;
  for (const JsonTest& test : json_) {
    check(json != nullptr && json->Equals(test.path, test.equals), [&] {
      std::string found;
      const bool there = json != nullptr && json->Get(test.path, &found);
      return absl::StrCat("json ", test.path_text, ": expected ", test.equals_text, ", got ",
                          !readable         ? EncodedText()
                          : json == nullptr ? "a body that is no JSON"
                          : there           ? Quoted(found)
                                            : "nothing or null");
    });
  }
  for (const Nanos limit : response_times_) {
    check(response_time < limit, [&] {
      return absl::StrCat("response_time: expected below ", FormatDuration(limit), ", was ",
                          FormatDuration(response_time / kMicrosecond * kMicrosecond));
    });
  }
  for (const Capture& capture : captures_) {
    Captured& slot = (*captured)[capture.slot];
    slot.present = Take(capture, result, kept, json, &slot.text);
    if (slot.text.size() > limits::kCapturedBytes) {
      slot.present = false;
      std::string().swap(slot.text);  // thousands of iterations may have one
    }
    if (!capture.optional) check(slot.present, [&] { return capture.told; });
  }
  return counts;
}

bool ResponseChecks::Take(const Capture& capture, const Result& result, KeptResponse* kept,
                          const JsonReader* json, std::string* out) const {
  switch (capture.from) {
    case From::kJson:
      return json != nullptr && json->Get(capture.path, out);
    case From::kRegex: {
      if (kept->encoded()) return false;
      re2::StringPiece groups[2];
      const int wanted = std::min(2, 1 + capture.regex->NumberOfCapturingGroups());
      const std::string& body = kept->body();
      if (!capture.regex->Match(Piece(body), 0, body.size(), RE2::UNANCHORED, groups, wanted)) {
        return false;
      }
      out->assign(groups[wanted - 1].data(), groups[wanted - 1].size());
      return true;
    }
    case From::kHeader:
    case From::kCookie: {
      const std::string* value = kept->value(capture.header);
      if (value == nullptr) return false;
      if (capture.from == From::kCookie) return FindCookie(*value, capture.cookie, out);
      out->assign(*value);
      return true;
    }
    case From::kStatus:
      AssignNumber(result.status, out);
      return true;
    case From::kBodySize:
      AssignNumber(kept->body_size(), out);
      return true;
  }
  return false;
}

ResponseChecks::Counts ResponseChecks::JudgeNone(std::vector<Captured>* captured) const {
  Counts counts;
  counts.failed =
      static_cast<uint32_t>((has_status_ ? 1 : 0) + headers_.size() + body_contains_.size() +
                            body_matches_.size() + json_.size() + response_times_.size());
  for (const Capture& capture : captures_) {
    (*captured)[capture.slot].present = false;
    counts.failed += capture.optional ? 0 : 1;
  }
  return counts;
}

}  // namespace loadfleet
