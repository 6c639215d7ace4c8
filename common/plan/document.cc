#include "common/plan/document.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

// The parser's tags of scalars and collections that carry none.
constexpr absl::string_view kPlainTag = "?";
constexpr absl::string_view kQuotedTag = "!";

// Builds the tree from the parser's events. What cannot be built is thrown as
// YAML::ParserException, the only way to stop this parser; ParseDocument catches it.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(uint32_t source, Problems* problems) : source_(source), problems_(problems) {}

  Node TakeRoot() { return std::move(root_); }

  Place PlaceOf(const YAML::Mark& mark) const {
    if (source_ != 0 || mark.is_null()) return {source_, 0, 0};
    return {source_, static_cast<uint32_t>(mark.line) + 1, static_cast<uint32_t>(mark.column) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw YAML::ParserException(mark, "a plan is one document; a second one begins here");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Append(mark, Node::Kind::kNull); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Append(mark, Node::Kind::kRefused);
    problems_->Add(PlaceOf(mark), "aliases (`*name`) are not allowed: write the value out");
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    const Place place = PlaceOf(mark);
    problems_->Add(place, problems_->WouldKeep(place)
                              ? absl::StrCat("anchors (`&name`) are not allowed: ", Quoted(name))
                              : "");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CheckTag(mark, tag);
    if (AwaitsKey()) {
      BeginEntry(mark, value);
    } else {
      Node* scalar = Append(mark, Node::Kind::kScalar);
      scalar->text = value;
      scalar->plain = tag == kPlainTag;
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, Node::Kind::kSequence);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, Node::Kind::kMap);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct OpenNode {
    Node* node;  // stays where it is: its parent grows only after it is closed
    YAML::Mark mark;
    bool awaits_value = false;
    absl::flat_hash_set<std::string> keys;
  };

  bool AwaitsKey() const {
    return !open_.empty() && open_.back().node->kind == Node::Kind::kMap &&
           !open_.back().awaits_value;
  }

  // Whether a map begins right behind the brace of the one that it would be a key of.
  bool BeginsTemplate(const YAML::Mark& mark, Node::Kind kind) const {
    const OpenNode& around = open_.back();
    return kind == Node::Kind::kMap && around.node->entries.empty() &&
           mark.line == around.mark.line && mark.column == around.mark.column + 1;
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == kPlainTag || tag == kQuotedTag) return;
    const Place place = PlaceOf(mark);
    problems_->Add(place, problems_->WouldKeep(place)
                              ? absl::StrCat("tags are not allowed: ", Quoted(tag))
                              : "");
  }

  void CountNode(const YAML::Mark& mark) {
    if (++nodes_ > limits::kPlanNodes) {
      throw YAML::ParserException(
          mark, absl::StrCat("the plan has more than ", limits::kPlanNodes, " nodes"));
    }
  }

  void BeginEntry(const YAML::Mark& mark, const std::string& key) {
    CountNode(mark);
    OpenNode& map = open_.back();
    if (!map.keys.insert(key).second) {
      problems_->Add(PlaceOf(mark), absl::StrCat("duplicate key ", Quoted(key)));
    }
    map.node->entries.push_back({key, PlaceOf(mark), {}});
    map.awaits_value = true;
  }

  Node* Append(const YAML::Mark& mark, Node::Kind kind) {
    if (AwaitsKey()) {
      throw YAML::ParserException(
          mark, BeginsTemplate(mark, kind)
                    ? "`{{` without quotes begins a map of YAML: quote it, such as \"{{ name }}\""
                    : "a key must be a text");
    }
    CountNode(mark);
    Node* node = &root_;
    if (!open_.empty()) {
      OpenNode& parent = open_.back();
      if (parent.node->kind == Node::Kind::kMap) {
        node = &parent.node->entries.back().value;
        parent.awaits_value = false;
      } else {
        node = &parent.node->items.emplace_back();
      }
    }
    node->kind = kind;
    node->place = PlaceOf(mark);
    return node;
  }

  void Open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
    CheckTag(mark, tag);
    if (open_.size() >= limits::kPlanDepth) {
      throw YAML::ParserException(
          mark, absl::StrCat("the plan is nested deeper than ", limits::kPlanDepth, " levels"));
    }
    open_.push_back({Append(mark, kind), mark, false, {}});
  }

  const uint32_t source_;
  Problems* const problems_;
  Node root_;
  std::vector<OpenNode> open_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

Place PlaceOfByte(absl::string_view text, size_t at, uint32_t source) {
  if (source != 0) return {source, 0, 0};
  const absl::string_view before = text.substr(0, at);
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {source, static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<uint32_t>(at - line_begin) + 1};
}

// Where there is one bracket, brace or comma more than there may be.
std::optional<size_t> MarkTooMany(absl::string_view text) {
  int marks = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    const bool mark = byte == '[' || byte == ']' || byte == '{' || byte == '}' || byte == ',';
    if (mark && ++marks > limits::kPlanMarks) return at;
  }
  return std::nullopt;
}

// yaml-cpp guesses the encoding and lets control characters through: both are settled before it
// sees the text.
bool CheckBytes(absl::string_view text, uint32_t source, Problems* problems) {
  if (text.size() > limits::kPlanBytes) {
    problems->Add({source, 0, 0},
                  absl::StrCat("the plan has ", text.size(), " bytes, the limit is ",
                               FormatSize(limits::kPlanBytes)));
    return false;
  }
  const size_t valid = ValidUtf8Prefix(text);
  if (valid < text.size()) {
    problems->Add(PlaceOfByte(text, valid, source),
                  absl::StrFormat("the plan is not valid UTF-8: byte 0x%02x",
                                  static_cast<unsigned char>(text[valid])));
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
  });
  if (control != text.end()) {
    problems->Add(
        PlaceOfByte(text, static_cast<size_t>(control - text.begin()), source),
        absl::StrFormat("control character 0x%02x", static_cast<unsigned char>(*control)));
    return false;
  }
  if (const std::optional<size_t> mark = MarkTooMany(text)) {
    problems->Add(PlaceOfByte(text, *mark, source),
                  absl::StrCat("the plan has more than ", limits::kPlanMarks,
                               " brackets, braces and commas; large bodies go into files"));
    return false;
  }
  return true;
}

}  // namespace

absl::string_view KindName(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kScalar:
      return "a text";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kNull:
    case Node::Kind::kRefused:
      break;
  }
  return "nothing";
}

std::optional<Node> ParseDocument(absl::string_view text, uint32_t source, Problems* problems) {
  if (!CheckBytes(text, source, problems)) return std::nullopt;
  TreeBuilder builder(source, problems);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    problems->Add(builder.PlaceOf(error.mark), error.msg);
    return std::nullopt;
  }
  return builder.TakeRoot();
}

}  // namespace loadfleet
