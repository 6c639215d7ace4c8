#include "common/plan/variables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/nearest_word.h"
#include "common/plan_shape.h"
#include "common/template_text.h"
#include "common/text.h"

namespace loadfleet {
namespace {

bool AsksFor(const google::protobuf::RepeatedPtrField<v1::Step>& steps, absl::string_view name) {
  return std::any_of(steps.begin(), steps.end(), [name](const v1::Step& step) {
    return AsksFor(step.group().steps(), name) || AsksFor(step.repeat().steps(), name) ||
           AsksFor(step.condition().steps(), name) ||
           TemplateAsksFor(step.condition().value(), name);
  });
}

}  // namespace

bool VariableUses::Add(const std::string& text, const std::string& what, Place place,
                       Problems* problems) {
  if (!IsTemplate(text)) return true;
  const auto parts = ParseTemplate(text);
  if (!parts.ok()) {
    problems->Add(place, absl::StrCat(what, ": ", parts.status().message()));
    return false;
  }
  for (const TemplatePart& part : *parts) {
    if (part.kind == TemplatePart::Kind::kVariable) uses_.push_back({part.text, what, place});
  }
  return true;
}

void VariableUses::Check(const v1::Flow& flow, Problems* problems) const {
  std::vector<std::string> known(IterationVariables().begin(), IterationVariables().end());
  for (const v1::Request* request : RequestsOf(flow)) {
    for (const v1::Capture& capture : request->capture()) known.push_back(capture.name());
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (const Use& use : uses_) {
    if (std::binary_search(known.begin(), known.end(), use.name)) continue;
    if (!problems->WouldKeep(use.place)) {
      problems->Add(use.place, "");
      continue;
    }
    const std::string nearest = NearestWord(use.name, known);
    problems->Add(
        use.place,
        absl::StrCat(use.what, ": nothing captures ", Quoted(use.name),
                     ", and no name is built in so",
                     nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?")));
  }
}

bool AsksFor(const v1::Flow& flow, absl::string_view name) {
  if (AsksFor(flow.steps(), name)) return true;
  for (const v1::Request* request : RequestsOf(flow)) {
    if (TemplateAsksFor(request->target(), name) || TemplateAsksFor(request->body(), name)) {
      return true;
    }
    for (const v1::BodyPart& part : request->body_parts()) {
      if (part.form() != v1::BODY_FORM_LITERAL && TemplateAsksFor(part.content(), name)) {
        return true;
      }
    }
    for (const v1::Header& header : request->headers()) {
      if (TemplateAsksFor(header.value(), name)) return true;
    }
  }
  return false;
}

}  // namespace loadfleet
