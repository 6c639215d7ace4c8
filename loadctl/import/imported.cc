#include "loadctl/import/imported.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/percent_encoding.h"
#include "common/plan/headers.h"
#include "common/plan/request_reader.h"

namespace loadfleet {
namespace {

constexpr size_t kNotes = 100;  // more than anybody reads

}  // namespace

void AddNote(std::string note, Imported* imported) {
  std::vector<std::string>& notes = imported->notes;
  if (std::find(notes.begin(), notes.end(), note) != notes.end()) return;
  if (notes.size() == kNotes) {
    ++imported->more_notes;
  } else {
    notes.push_back(std::move(note));
  }
}

std::vector<std::string> NotesOf(const Imported& imported) {
  std::vector<std::string> lines = imported.notes;
  if (imported.more_notes > 0) {
    lines.push_back(absl::StrCat("And ", imported.more_notes, " more like these."));
  }
  return lines;
}

bool IsPlanMethod(absl::string_view method) {
  const absl::Span<const absl::string_view> keys = MethodKeys();
  return std::any_of(keys.begin(), keys.end(), [method](absl::string_view key) {
    return absl::AsciiStrToUpper(key) == method;
  });
}

const std::string* FindHeader(const ImportedRequest& request, absl::string_view name) {
  const auto found = std::find_if(
      request.headers.begin(), request.headers.end(),
      [name](const ImportedHeader& header) { return absl::EqualsIgnoreCase(header.name, name); });
  return found == request.headers.end() ? nullptr : &found->value;
}

void AddHeader(absl::string_view name, absl::string_view value, ImportedRequest* request,
               Imported* imported) {
  if (IsWrittenByAgent(name)) {
    AddNote(absl::StrCat("`", name, "` headers were left out: the agent writes its own."),
            imported);
    return;
  }
  value = absl::StripAsciiWhitespace(value);
  for (ImportedHeader& header : request->headers) {
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    absl::StrAppend(&header.value, absl::EqualsIgnoreCase(name, "Cookie") ? "; " : ", ", value);
    return;
  }
  request->headers.push_back({std::string(name), std::string(value)});
}

void RemoveHeader(absl::string_view name, ImportedRequest* request) {
  auto& headers = request->headers;
  headers.erase(std::remove_if(headers.begin(), headers.end(),
                               [name](const ImportedHeader& header) {
                                 return absl::EqualsIgnoreCase(header.name, name);
                               }),
                headers.end());
}

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  AppendPercentEncoded(text, &encoded);
  return encoded;
}

}  // namespace loadfleet
