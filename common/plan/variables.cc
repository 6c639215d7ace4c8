#include "common/plan/variables.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/nearest_word.h"
#include "common/plan_shape.h"
#include "common/template_text.h"
#include "common/text.h"

namespace loadfleet {
namespace {

// Different ones that the texts of a flow ask for, as many as one text may have: bounds memory.
constexpr size_t kNames = limits::kTemplateParts;

bool AsksFor(const google::protobuf::RepeatedPtrField<v1::Step>& steps, absl::string_view name) {
  return std::any_of(steps.begin(), steps.end(), [name](const v1::Step& step) {
    return AsksFor(step.group().steps(), name) || AsksFor(step.repeat().steps(), name) ||
           AsksFor(step.condition().steps(), name) ||
           TemplateAsksFor(step.condition().value(), name);
  });
}

}  // namespace

std::vector<std::string> CapturedIn(const v1::Flow& flow) {
  std::set<std::string> names;
  for (const v1::Request* request : RequestsOf(flow)) {
    for (const v1::Capture& capture : request->capture()) names.insert(capture.name());
  }
  return {names.begin(), names.end()};
}

bool VariableUses::Add(const std::string& text, const std::string& what, Place place,
                       Problems* problems) {
  if (!IsTemplate(text)) return true;
  const auto parts = ParseTemplate(text);
  if (!parts.ok()) {
    problems->Add(place, absl::StrCat(what, ": ", parts.status().message()));
    return false;
  }
  for (const TemplatePart& part : *parts) {
    if (part.kind != TemplatePart::Kind::kVariable || names_.contains(part.text)) continue;
    if (names_.size() == kNames) {
      problems->Add(place, absl::StrCat(what, ": the limit is ", kNames,
                                        " different names in the `{{ }}` of a flow"));
      return false;
    }
    names_.insert(part.text);
    uses_.push_back({part.text, what, place});
  }
  return true;
}

VariableUses VariableUses::TakeSetup() {
  VariableUses taken;
  const auto of_setup = [](const Use& use) { return absl::StartsWith(use.name, kSetupPrefix); };
  std::copy_if(uses_.begin(), uses_.end(), std::back_inserter(taken.uses_), of_setup);
  std::erase_if(uses_, of_setup);
  return taken;
}

bool VariableUses::CheckColumn(const Use& use, const v1::Flow& flow, const v1::Plan& plan,
                               Problems* problems) {
  const size_t dot = use.name.find('.');
  if (dot == use.name.npos || plan.feeders().empty()) return false;
  const auto add = [&](absl::string_view what, const std::vector<std::string>& words,
                       absl::string_view word) {
    problems->Add(use.place,
                  absl::StrCat(use.what, ": ", what,
                               problems->WouldKeep(use.place) ? DidYouMean(word, words) : ""));
    return true;
  };
  const std::string name = use.name.substr(0, dot);
  const std::string column = use.name.substr(dot + 1);
  const auto found =
      std::find_if(plan.feeders().begin(), plan.feeders().end(),
                   [&name](const v1::Feeder& feeder) { return feeder.name() == name; });
  if (found == plan.feeders().end()) {
    std::vector<std::string> names;
    for (const v1::Feeder& feeder : plan.feeders()) names.push_back(feeder.name());
    return add(absl::StrCat("there is no feeder ", Quoted(name)), names, name);
  }
  const auto index = static_cast<uint32_t>(found - plan.feeders().begin());
  if (std::find(flow.feeders().begin(), flow.feeders().end(), index) == flow.feeders().end()) {
    return add(absl::StrCat("the flow has no `", Shown(name), "` in its `feed`"), {}, "");
  }
  const auto& columns = plan.feeders(static_cast<int>(index)).columns();
  if (columns.empty()) return true;  // its file has a problem
  if (std::find(columns.begin(), columns.end(), column) != columns.end()) return true;
  // There may be many, and many mistakes.
  std::vector<std::string> known;
  if (problems->WouldKeep(use.place)) known.assign(columns.begin(), columns.end());
  return add(absl::StrCat("feeder `", Shown(name), "` has no column ", Quoted(column)), known,
             column);
}

void VariableUses::Check(const v1::Flow& flow, const v1::Plan& plan, Problems* problems) const {
  std::vector<std::string> known(IterationVariables().begin(), IterationVariables().end());
  for (std::string& name : CapturedIn(flow)) known.push_back(std::move(name));
  std::sort(known.begin(), known.end());
  for (const Use& use : uses_) {
    if (std::binary_search(known.begin(), known.end(), use.name)) continue;
    if (CheckColumn(use, flow, plan, problems)) continue;
    if (!problems->WouldKeep(use.place)) {
      problems->Add(use.place, "");
      continue;
    }
    problems->Add(use.place,
                  absl::StrCat(use.what, ": nothing captures ", Quoted(use.name),
                               ", and no name is built in so", DidYouMean(use.name, known)));
  }
}

void VariableUses::CheckSetup(const v1::Flow* setup, Problems* problems) const {
  const std::vector<std::string> known =
      setup == nullptr ? std::vector<std::string>() : CapturedIn(*setup);
  for (const Use& use : uses_) {
    const std::string name(absl::StripPrefix(use.name, kSetupPrefix));
    if (std::binary_search(known.begin(), known.end(), name)) continue;
    if (setup == nullptr) {
      problems->Add(use.place, absl::StrCat(use.what, ": {{ ", Shown(use.name),
                                            " }} needs `setup`, whose flow captures it"));
      continue;
    }
    problems->Add(
        use.place,
        absl::StrCat(use.what, ": setup's flow `", Shown(setup->name()), "` does not capture ",
                     Quoted(name),
                     problems->WouldKeep(use.place) ? DidYouMean(name, known, kSetupPrefix) : ""));
  }
}

void VariableUses::RefuseSetup(Problems* problems) const {
  for (const Use& use : uses_) {
    problems->Add(use.place,
                  absl::StrCat(use.what, ": {{ ", Shown(use.name),
                               " }} is known when setup has ended; in its own flow a capture goes "
                               "by its name: {{ ",
                               Shown(absl::StripPrefix(use.name, kSetupPrefix)), " }}"));
  }
}

bool AsksForSetup(absl::string_view text) {
  if (!IsTemplate(text)) return false;
  const auto parts = ParseTemplate(text);
  return parts.ok() && std::any_of(parts->begin(), parts->end(), [](const TemplatePart& part) {
           return part.kind == TemplatePart::Kind::kVariable &&
                  absl::StartsWith(part.text, kSetupPrefix);
         });
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
