#include "common/plan/tags_reader.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

// What can stand in `response_time{tag.NAME=...}`.
bool IsTagName(absl::string_view name) {
  return !name.empty() && name.size() <= limits::kNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
}

}  // namespace

void ReadTags(MapReader& step, v1::Request* request) {
  Problems* problems = step.problems();
  for (const Entry& tag : NamedEntries(step.Find("tags"), limits::kTags, problems)) {
    const Node& value = tag.value;
    if (value.kind == Node::Kind::kRefused) continue;
    const std::string what = absl::StrCat("tag `", Shown(tag.key), "`");
    if (!IsTagName(tag.key)) {
      problems->Add(tag.place, absl::StrCat(what, ": a name has letters, digits, _ and -, up to ",
                                            limits::kNameBytes));
    } else if (value.kind != Node::Kind::kScalar) {
      problems->Add(value.place,
                    absl::StrCat(what, ": expected a text, got ", KindName(value.kind)));
    } else if (absl::StrContains(value.text, "{{")) {
      problems->Add(value.place, absl::StrCat(what,
                                              ": is the same for every iteration, and takes "
                                              "no {{ }}"));
    } else if (CheckName(what, value.text, value.place, problems)) {
      (*request->mutable_tags())[tag.key] = value.text;
    }
  }
}

}  // namespace loadfleet
