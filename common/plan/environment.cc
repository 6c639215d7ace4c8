#include "common/plan/environment.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// A stretch of a value: literal text, or a reference.
struct Piece {
  absl::string_view literal;
  absl::string_view name;  // empty: literal
  std::optional<absl::string_view> fallback;
};

// Nothing when a `${` does not begin a well-formed reference.
std::optional<std::vector<Piece>> Split(absl::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const size_t begin = text.find("${");
    if (begin == absl::string_view::npos) {
      pieces.push_back({text, {}, {}});
      break;
    }
    if (begin > 0 && text[begin - 1] == '$') {
      pieces.push_back({text.substr(0, begin - 1), {}, {}});
      pieces.push_back({text.substr(begin, 2), {}, {}});
      text.remove_prefix(begin + 2);
      continue;
    }
    const size_t end = text.find('}', begin);
    if (end == absl::string_view::npos) return std::nullopt;
    const absl::string_view inside = text.substr(begin + 2, end - begin - 2);
    const size_t mark = inside.find(":-");
    Piece reference{{}, inside.substr(0, mark), {}};
    if (mark != absl::string_view::npos) reference.fallback = inside.substr(mark + 2);
    if (!IsVariableName(reference.name)) return std::nullopt;
    pieces.push_back({text.substr(0, begin), {}, {}});
    pieces.push_back(reference);
    text.remove_prefix(end + 1);
  }
  return pieces;
}

// Calls `visit` with every scalar below `node` that has a `${`. The tree's depth is bounded, so is
// this recursion.
template <typename NodeType, typename Visit>
void ForEachTemplate(NodeType& node, const Visit& visit) {
  if (node.kind == Node::Kind::kScalar && absl::StrContains(node.text, "${")) visit(node);
  for (auto& item : node.items) ForEachTemplate(item, visit);
  for (auto& entry : node.entries) ForEachTemplate(entry.value, visit);
}

class Substitution {
 public:
  Substitution(const google::protobuf::Map<std::string, std::string>& environment,
               Problems* problems)
      : environment_(environment), problems_(problems) {}

  void Replace(Node& node) {
    const std::optional<std::vector<Piece>> pieces = Split(node.text);
    if (!pieces) {
      Refuse(node, absl::StrCat("write ${NAME} or ${NAME:-default}, or $${ for a literal ${, not ",
                                Quoted(node.text)));
      return;
    }
    std::string result;
    for (const Piece& piece : *pieces) {
      const std::optional<absl::string_view> part = ValueOf(piece);
      if (!part) {
        Refuse(node, absl::StrCat("the environment variable ", piece.name.substr(0, 100),
                                  " is not set; ${NAME:-default} gives a default"));
        return;
      }
      if (result.size() + part->size() > limits::kPlanBytes - used_) {
        Refuse(node, absl::StrCat("with its variables the plan is larger than ",
                                  FormatSize(limits::kPlanBytes)));
        return;
      }
      result.append(part->data(), part->size());
    }
    if (ValidUtf8Prefix(result) < result.size()) {
      Refuse(node, "an environment variable is not valid UTF-8");
      return;
    }
    used_ += result.size();
    node.text = std::move(result);
  }

 private:
  std::optional<absl::string_view> ValueOf(const Piece& piece) const {
    if (piece.name.empty()) return piece.literal;
    const auto set = environment_.find(std::string(piece.name));
    if (set == environment_.end()) return piece.fallback;
    if (set->second.empty() && piece.fallback) return piece.fallback;
    return set->second;
  }

  void Refuse(Node& node, std::string message) {
    node.kind = Node::Kind::kRefused;
    problems_->Add(node.place, std::move(message));
  }

  const google::protobuf::Map<std::string, std::string>& environment_;
  Problems* const problems_;
  size_t used_ = 0;  // bytes of all values replaced so far
};

}  // namespace

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

std::set<std::string> VariablesOf(const Node& root) {
  std::set<std::string> names;
  ForEachTemplate(root, [&](const Node& node) {
    const std::optional<std::vector<Piece>> pieces = Split(node.text);
    if (!pieces) return;
    for (const Piece& piece : *pieces) {
      if (!piece.name.empty()) names.insert(std::string(piece.name));
    }
  });
  return names;
}

void SubstituteVariables(const google::protobuf::Map<std::string, std::string>& environment,
                         Node* root, Problems* problems) {
  Substitution substitution(environment, problems);
  ForEachTemplate(*root, [&](Node& node) { substitution.Replace(node); });
}

}  // namespace loadfleet
