#include "common/plan/flow_name.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/nearest_word.h"

namespace loadfleet {
namespace {

constexpr size_t kFlowsCompared = 100;  // with a wrong name, to suggest one: bounds the time

}  // namespace

std::optional<uint32_t> FindFlow(MapReader& map, const v1::Plan& plan) {
  const Node* name = map.Text("flow", "a flow's name");
  if (name == nullptr) return std::nullopt;
  std::vector<std::string> known;
  for (int i = 0; i < plan.flows_size(); ++i) {
    if (plan.flows(i).name() == name->text) return static_cast<uint32_t>(i);
    if (known.size() < kFlowsCompared) known.push_back(plan.flows(i).name());
  }
  const std::string nearest =
      map.problems()->WouldKeep(name->place) ? NearestWord(name->text, known) : "";
  map.Add("flow", name->place,
          absl::StrCat("there is no flow ", Quoted(name->text),
                       nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?")));
  return std::nullopt;
}

}  // namespace loadfleet
