#include "common/plan/flow_name.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/nearest_word.h"

namespace loadfleet {

std::optional<uint32_t> FindFlow(MapReader& map, const v1::Plan& plan) {
  const Node* name = map.Text("flow", "a flow's name");
  if (name == nullptr) return std::nullopt;
  for (int i = 0; i < plan.flows_size(); ++i) {
    if (plan.flows(i).name() == name->text) return static_cast<uint32_t>(i);
  }
  if (!map.problems()->WouldKeep(name->place)) {
    map.Add("flow", name->place, "");
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const v1::Flow& flow : plan.flows()) known.push_back(flow.name());
  map.Add("flow", name->place,
          absl::StrCat("there is no flow ", Quoted(name->text), DidYouMean(name->text, known)));
  return std::nullopt;
}

}  // namespace loadfleet
