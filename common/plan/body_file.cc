#include "common/plan/body_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {

absl::StatusOr<std::string> ReadBodyFile(const Node& name, PlanFiles* files) {
  if (name.kind != Node::Kind::kScalar) return absl::InvalidArgumentError("expected a file's name");
  const std::string* text = files->Find(name.text);
  if (text == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file ", Quoted(name.text), " cannot be read"));
  }
  if (text->size() <= limits::kPlanFileBytes) return *text;
  return absl::InvalidArgumentError(absl::StrCat("the file ", Quoted(name.text), " has more than ",
                                                 limits::kPlanFileBytes, " bytes"));
}

bool IsTemplateFile(const Node& name) {
  return absl::EndsWith(name.text, ".tmpl");
}

}  // namespace loadfleet
