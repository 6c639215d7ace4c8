#include "common/plan/overrides.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// The node that `name` leads to from `parent`; made when `parent` is a map, or nothing yet. Null
// when there is no way.
Node* StepInto(const std::string& name, Place place, Node* parent) {
  if (parent->kind == Node::Kind::kSequence) {
    const absl::StatusOr<uint64_t> index = ParseCount(name);
    return index.ok() && *index < parent->items.size() ? &parent->items[*index] : nullptr;
  }
  if (parent->kind == Node::Kind::kNull) parent->kind = Node::Kind::kMap;
  if (parent->kind != Node::Kind::kMap) return nullptr;
  const auto found = std::find_if(parent->entries.begin(), parent->entries.end(),
                                  [&](const Entry& entry) { return entry.key == name; });
  if (found != parent->entries.end()) return &found->value;
  Entry& entry = parent->entries.emplace_back(Entry{name, place, {}});
  entry.value.place = place;
  return &entry.value;
}

void Remove(const std::string& name, Node* parent) {
  if (parent->kind != Node::Kind::kMap) return;
  std::erase_if(parent->entries, [&](const Entry& entry) { return entry.key == name; });
}

void Apply(const v1::Override& change, Place place, Node* root, Problems* problems) {
  if (change.path().empty() || change.path_size() > limits::kPlanDepth) {
    problems->Add(place, absl::StrCat("a path has 1 to ", limits::kPlanDepth, " keys, this one ",
                                      change.path_size()));
    return;
  }
  std::optional<Node> value = ParseDocument(change.value(), place.source, problems);
  if (!value) return;
  Node* node = root;
  for (int i = 0; i < change.path_size(); ++i) {
    const std::string& name = change.path(i);
    if (value->kind == Node::Kind::kNull && i == change.path_size() - 1) {
      Remove(name, node);
      return;
    }
    node = StepInto(name, place, node);
    if (node == nullptr) {
      problems->Add(place, absl::StrCat("the plan has no place for ",
                                        Quoted(absl::StrJoin(change.path(), "."))));
      return;
    }
  }
  *node = *std::move(value);
}

}  // namespace

void ApplyOverrides(const v1::PlanSource& source, Node* root, Problems* problems) {
  if (source.overrides_size() > limits::kPlanOverrides) {
    problems->Add({}, absl::StrCat(source.overrides_size(), " overrides, the limit is ",
                                   limits::kPlanOverrides));
    return;
  }
  for (int i = 0; i < source.overrides_size(); ++i) {
    Apply(source.overrides(i), {static_cast<uint32_t>(i) + 1, 0, 0}, root, problems);
  }
}

}  // namespace loadfleet
