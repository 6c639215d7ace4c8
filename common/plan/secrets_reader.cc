#include "common/plan/secrets_reader.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/environment.h"
#include "common/text.h"

namespace loadfleet {
namespace {

std::string Expected(absl::string_view got) {
  return absl::StrCat("expected a variable's name such as API_KEY, without ${}", got);
}

// Before variables are filled in: here a text cannot be a value yet, which no message may show.
void RefuseWhatIsNoName(Node* root, Problems* problems) {
  for (Entry& entry : root->entries) {
    if (entry.key != "secrets" || entry.value.items.size() > limits::kSecrets) continue;
    for (Node& item : entry.value.items) {
      if (item.kind != Node::Kind::kScalar || IsVariableName(item.text)) continue;
      problems->Add(item.place, absl::StrCat("`secrets`: ",
                                             Expected(absl::StrCat(", got ", Quoted(item.text)))));
      item.kind = Node::Kind::kRefused;
    }
  }
}

std::vector<const Node*> NameNodes(const Node& root) {
  std::vector<const Node*> names;
  for (const Entry& entry : root.entries) {
    if (entry.key != "secrets" || entry.value.items.size() > limits::kSecrets) continue;
    for (const Node& item : entry.value.items) {
      if (item.kind == Node::Kind::kScalar && IsVariableName(item.text)) names.push_back(&item);
    }
  }
  return names;
}

}  // namespace

std::set<std::string> SecretNamesIn(const Node& root) {
  std::set<std::string> names;
  for (const Node* node : NameNodes(root)) names.insert(node->text);
  return names;
}

Secrets ReadSecrets(Node* root, const google::protobuf::Map<std::string, std::string>& environment,
                    Problems* problems) {
  RefuseWhatIsNoName(root, problems);
  Secrets secrets;
  for (const Node* node : NameNodes(*root)) {
    const auto value = environment.find(node->text);
    if (value == environment.end() || value->second.empty()) {
      problems->Add(node->place,
                    absl::StrCat("`secrets`: the environment variable ", Shown(node->text), " is ",
                                 value == environment.end() ? "not set" : "empty"));
    } else if (value->second.size() < Secrets::kLeastBytes) {
      problems->Add(node->place,
                    absl::StrCat("`secrets`: the value of ", Shown(node->text), " has fewer than ",
                                 Secrets::kLeastBytes,
                                 " bytes: it cannot be hidden without hiding other text"));
    } else {
      secrets.Add(value->second);
    }
  }
  return secrets;
}

void ReadSecretNames(MapReader& plan, v1::Plan* out) {
  const Entry* secrets = plan.Find("secrets");
  if (secrets == nullptr) return;
  const Node& list = secrets->value;
  if (list.kind != Node::Kind::kSequence || list.items.empty()) {
    plan.Add("secrets", list.place, "expected a list of variables' names such as [API_KEY]");
    return;
  }
  if (list.items.size() > limits::kSecrets) {
    plan.Add("secrets", list.place,
             absl::StrCat(list.items.size(), " names, the limit is ", limits::kSecrets));
    return;
  }
  for (const Node& item : list.items) {
    if (item.kind == Node::Kind::kScalar) {
      out->add_secrets(item.text);
    } else if (item.kind != Node::Kind::kRefused) {
      plan.Add("secrets", item.place, Expected(""));
    }
  }
}

}  // namespace loadfleet
