#include "common/plan/headers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/plan/reader.h"
#include "common/text.h"

namespace loadfleet {
namespace {

// RFC 9110, 5.6.2.
bool IsToken(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("!#$%&'*+-.^_`|~", c);
  });
}

// What is wrong with the header; empty when nothing is.
std::string ProblemOf(absl::string_view name, const Node& value) {
  if (!IsToken(name)) return "not a header name (RFC 9110: letters, digits and !#$%&'*+-.^_`|~)";
  if (IsWrittenByAgent(name)) {
    return absl::EqualsIgnoreCase(name, "Connection")
               ? "written by the agent; see defaults.http.connections.keep_alive"
               : "written by the agent";
  }
  if (value.kind == Node::Kind::kNull) return "has no value; write \"\" for an empty one";
  if (value.kind != Node::Kind::kScalar) {
    return absl::StrCat("expected a text, got ", KindName(value.kind));
  }
  const size_t bytes = name.size() + value.text.size();
  if (bytes > limits::kHeaderBytes) {
    return absl::StrCat(bytes, " bytes, the limit is ", limits::kHeaderBytes);
  }
  const bool control = std::any_of(value.text.begin(), value.text.end(),
                                   [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; });
  if (control) return absl::StrCat("control character in ", Quoted(value.text));
  return {};
}

std::vector<v1::Header>::iterator FindHeader(std::vector<v1::Header>& headers,
                                             absl::string_view name) {
  return std::find_if(headers.begin(), headers.end(), [&](const v1::Header& header) {
    return absl::EqualsIgnoreCase(header.name(), name);
  });
}

}  // namespace

bool IsWrittenByAgent(absl::string_view name) {
  for (const absl::string_view own :
       {"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade"}) {
    if (absl::EqualsIgnoreCase(name, own)) return true;
  }
  return false;
}

std::vector<v1::Header> ReadHeaders(const Entry* entry, Problems* problems, VariableUses* uses) {
  std::vector<v1::Header> headers;
  for (const Entry& header : NamedEntries(entry, limits::kHeaders, problems)) {
    if (header.value.kind == Node::Kind::kRefused) continue;
    std::string problem = ProblemOf(header.key, header.value);
    // The very same key twice has been reported with the document's other duplicates.
    if (const auto same = FindHeader(headers, header.key);
        problem.empty() && same != headers.end() && same->name() != header.key) {
      problem = absl::StrCat("the same header as `", same->name(), "`");
    }
    if (!problem.empty()) {
      problems->Add(header.value.place,
                    absl::StrCat("header `", Shown(header.key), "`: ", problem));
      continue;
    }
    uses->Add(header.value.text, absl::StrCat("header `", Shown(header.key), "`"),
              header.value.place, problems);
    v1::Header& added = headers.emplace_back();
    added.set_name(header.key);
    added.set_value(std::string(absl::StripAsciiWhitespace(header.value.text)));
  }
  return headers;
}

std::vector<v1::Header> MergeHeaders(std::vector<v1::Header> defaults,
                                     const std::vector<v1::Header>& own) {
  for (const v1::Header& header : own) {
    const auto same = FindHeader(defaults, header.name());
    if (same == defaults.end()) {
      defaults.push_back(header);
    } else {
      *same = header;
    }
  }
  return defaults;
}

bool HasHeader(const std::vector<v1::Header>& headers, absl::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const v1::Header& header) {
    return absl::EqualsIgnoreCase(header.name(), name);
  });
}

}  // namespace loadfleet
