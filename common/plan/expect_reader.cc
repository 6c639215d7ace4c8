#include "common/plan/expect_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/json_path.h"
#include "common/limits.h"
#include "common/plan/environment.h"
#include "common/plan/json_text.h"
#include "common/regex.h"
#include "common/template_text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// An expectation is compared as it stands.
absl::Status NoTemplate(absl::string_view text) {
  return absl::StrContains(text, "{{") ? absl::InvalidArgumentError(NotSupported("{{ }}"))
                                       : absl::OkStatus();
}

constexpr size_t kRegexOverhead = 100;     // instructions that take as long as beginning with one
constexpr size_t kRegexTooLarge = 10'000;  // compiled until RE2 gives it up

// A small pattern may be a large program, so they are counted together.
absl::StatusOr<std::string> CheckedRegex(const std::string& text, size_t* allowance) {
  if (absl::Status status = NoTemplate(text); !status.ok()) return status;
  if (*allowance == 0) {
    return absl::InvalidArgumentError(absl::StrCat("the plan's regular expressions have more than ",
                                                   limits::kRegexInstructions,
                                                   " of RE2's instructions together"));
  }
  auto regex = CompileRegex(text);
  const size_t size =
      regex.ok() ? static_cast<size_t>((*regex)->ProgramSize()) + kRegexOverhead : kRegexTooLarge;
  *allowance -= std::min(*allowance, size);
  if (!regex.ok()) return regex.status();
  return text;
}

// Whether there are not too many of one kind.
bool AreFew(MapReader& expect, absl::string_view key, Place place, size_t count) {
  if (count <= limits::kExpectations) return true;
  expect.Add(key, place, absl::StrCat(count, " of them, the limit is ", limits::kExpectations));
  return false;
}

absl::StatusOr<std::string> CheckedPath(const std::string& text) {
  if (auto path = ParseJsonPath(text); !path.ok()) return path.status();
  return text;
}

absl::StatusOr<std::string> CheckedText(const std::string& text) {
  if (text.empty()) return absl::InvalidArgumentError("expected a text, got \"\"");
  if (absl::Status status = NoTemplate(text); !status.ok()) return status;
  return text;
}

// A name of a header or a cookie (RFC 9110, 5.6.2).
absl::StatusOr<std::string> CheckedToken(const std::string& text) {
  const bool token = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(c) && !absl::StrContains("()<>@,;:\\\"/[]?={}", c);
  });
  if (!token)
    return absl::InvalidArgumentError(absl::StrCat("expected a name, got ", Quoted(text)));
  return text;
}

// 200, or 2xx.
absl::StatusOr<v1::StatusRange> ParseStatus(absl::string_view text) {
  v1::StatusRange range;
  const bool hundred = text.size() == 3 && absl::EndsWithIgnoreCase(text, "xx");
  const absl::StatusOr<uint64_t> number = ParseCount(hundred ? text.substr(0, 1) : text);
  const uint64_t low = number.ok() ? *number * (hundred ? 100 : 1) : 0;
  if (low < 100 || low > 599) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a status such as 200 or 2xx, got ", Quoted(text)));
  }
  range.set_first(static_cast<uint32_t>(low));
  range.set_last(static_cast<uint32_t>(low + (hundred ? 99 : 0)));
  return range;
}

void ReadStatus(MapReader& expect, v1::Request* request) {
  const Entry* entry = expect.Find("status");
  if (entry == nullptr) return;
  if (!AreFew(expect, "status", entry->value.place, entry->value.items.size())) return;
  v1::StatusSet& set = *request->add_expect()->mutable_status();
  const Node& value = entry->value;
  const bool list = value.kind == Node::Kind::kSequence && !value.items.empty();
  const Node* const first = list ? value.items.data() : &value;
  for (const Node* one = first; one != first + (list ? value.items.size() : 1); ++one) {
    if (one->kind != Node::Kind::kScalar) {
      expect.Add("status", one->place, "expected a status such as 200 or 2xx, or a list of them");
      continue;
    }
    const absl::StatusOr<v1::StatusRange> range = ParseStatus(one->text);
    if (range.ok()) {
      *set.add_ranges() = *range;
    } else {
      expect.Add("status", one->place, range.status().message());
    }
  }
}

// A map whose keys are the author's, each with a scalar.
template <typename Use>
void ReadNamed(MapReader& expect, absl::string_view key, absl::string_view form, const Use& use) {
  const Entry* entry = expect.Find(key);
  if (entry == nullptr) return;
  if (entry->value.kind != Node::Kind::kMap) {
    expect.Add(key, entry->value.place, absl::StrCat("expected a map such as ", form));
    return;
  }
  if (!AreFew(expect, key, entry->value.place, entry->value.entries.size())) return;
  for (const Entry& named : entry->value.entries) {
    if (named.value.kind == Node::Kind::kRefused) continue;
    if (absl::Status status = use(named); !status.ok()) {
      expect.Add(key, named.place, status.message());
    }
  }
}

// `/.../` is a regular expression.
absl::Status ReadHeader(const Entry& named, size_t* regex_allowance, v1::HeaderExpectation* out) {
  auto name = CheckedToken(named.key);
  if (!name.ok()) return name.status();
  out->set_name(absl::AsciiStrToLower(*name));
  const std::string& text = named.value.text;
  if (named.value.kind != Node::Kind::kScalar) {
    return absl::InvalidArgumentError("expected a text, or a regular expression such as /json/");
  }
  if (absl::Status status = NoTemplate(text); !status.ok()) return status;
  if (text.size() < 2 || text.front() != '/' || text.back() != '/') {
    out->set_equals(text);
    return absl::OkStatus();
  }
  auto regex = CheckedRegex(text.substr(1, text.size() - 2), regex_allowance);
  if (!regex.ok()) return regex.status();
  out->set_matches(*std::move(regex));
  return absl::OkStatus();
}

absl::Status ReadJson(const Entry& named, v1::JsonExpectation* out) {
  auto path = CheckedPath(named.key);
  if (!path.ok()) return path.status();
  const Node::Kind kind = named.value.kind;
  if (kind != Node::Kind::kScalar && kind != Node::Kind::kNull) {
    return absl::InvalidArgumentError("is compared with a text, a number, true, false or null");
  }
  if (absl::Status status = NoTemplate(named.value.text); !status.ok()) return status;
  out->set_path(*std::move(path));
  out->set_equals(JsonText(named.value));
  return absl::OkStatus();
}

absl::StatusOr<Nanos> ParseBelow(absl::string_view text) {
  absl::ConsumePrefix(&text, "<");
  absl::StatusOr<Nanos> limit = ParseDuration(absl::StripAsciiWhitespace(text));
  if (!limit.ok() || (*limit > 0 && *limit <= limits::kTimeout)) return limit;
  return absl::InvalidArgumentError(absl::StrCat("expected 1ns to 1h, got ", Quoted(text)));
}

void ReadOneCapture(const Entry& entry, v1::Request* request, Problems* problems) {
  const std::string what = absl::StrCat("capture `", Shown(entry.key), "`");
  if (!IsVariableName(entry.key) || entry.key.size() > limits::kNameBytes) {
    problems->Add(entry.place, absl::StrCat(what, ": a name has letters, digits and _, up to ",
                                            limits::kNameBytes, ", and no digit first"));
  }
  const auto built_in = IterationVariables();
  if (std::find(built_in.begin(), built_in.end(), entry.key) != built_in.end()) {
    problems->Add(entry.place,
                  absl::StrCat(what, ": every iteration has a value of that name already"));
  }
  if (entry.value.kind == Node::Kind::kScalar) {
    problems->Add(entry.value.place, absl::StrCat(what, ": expected where it comes from, such as ",
                                                  R"({json: "$.id"}, got a text)"));
    return;
  }
  MapReader map(&entry.value, what, entry.place, problems);
  const auto checked_regex = [problems](const std::string& text) {
    return CheckedRegex(text, problems->regex_allowance());
  };
  v1::Capture& capture = *request->add_capture();
  capture.set_name(entry.key);
  capture.set_optional(map.Bool("optional").value_or(false));
  static constexpr absl::string_view kSources[] = {"json",   "regex",  "header",
                                                   "cookie", "status", "body_size"};
  absl::string_view first;
  for (const absl::string_view key : kSources) {
    if (!map.Has(key)) continue;
    if (first.empty()) {
      first = key;
    } else {
      map.Refuse({key}, absl::StrCat("excludes `", first, "`: a capture has one source"));
    }
  }
  if (first.empty()) map.Require("json", R"(json: "$.id")");
  if (auto path = map.Read<std::string>("json", "a path such as $.id", CheckedPath)) {
    capture.set_json(*path);
  } else if (auto regex = map.Read<std::string>("regex", "a regular expression", checked_regex)) {
    capture.set_regex(*regex);
  } else if (auto header = map.Read<std::string>("header", "a header's name", CheckedToken)) {
    capture.set_header(absl::AsciiStrToLower(*header));
  } else if (auto cookie = map.Read<std::string>("cookie", "a cookie's name", CheckedToken)) {
    capture.set_cookie(*cookie);
  } else if (map.Bool("status").value_or(false)) {
    capture.set_status(true);
  } else if (map.Bool("body_size").value_or(false)) {
    capture.set_body_size(true);
  } else if (first == "status" || first == "body_size") {
    map.Refuse({first}, "is captured by `true`");
  }
  map.Know(kSources);
  map.Finish();
}

}  // namespace

void ReadExpect(MapReader& step, v1::Request* request) {
  if (!step.Has("expect")) return;
  const Entry* entry = step.Find("expect");
  if (entry != nullptr && entry->value.kind == Node::Kind::kScalar) {
    step.Add("expect", entry->value.place, "expected a map such as {status: 200}, got a text");
    return;
  }
  MapReader expect = step.Map("expect");
  size_t* const regex_allowance = step.problems()->regex_allowance();
  ReadStatus(expect, request);
  ReadNamed(expect, "header", "{content-type: /json/}", [&](const Entry& named) {
    return ReadHeader(named, regex_allowance, request->add_expect()->mutable_header());
  });
  if (auto text = expect.Read<std::string>("body_contains", "a text", CheckedText)) {
    request->add_expect()->set_body_contains(*text);
  }
  const auto checked_regex = [&](const std::string& text) {
    return CheckedRegex(text, regex_allowance);
  };
  if (auto regex =
          expect.Read<std::string>("body_matches", "a regular expression", checked_regex)) {
    request->add_expect()->set_body_matches(*regex);
  }
  ReadNamed(expect, "json", R"({"$.state": done})", [request](const Entry& named) {
    return ReadJson(named, request->add_expect()->mutable_json());
  });
  if (auto limit = expect.Read<Nanos>("response_time", "a duration such as 200ms", ParseBelow)) {
    request->add_expect()->set_response_time_ns(*limit);
  }
  expect.Finish();
}

void ReadCapture(MapReader& step, v1::Request* request) {
  for (const Entry& entry :
       NamedEntries(step.Find("capture"), limits::kCaptures, step.problems())) {
    ReadOneCapture(entry, request, step.problems());
  }
}

}  // namespace loadfleet
