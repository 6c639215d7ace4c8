#include "common/plan/document.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"
#include "common/yaml/event_parser.h"

namespace loadfleet {
namespace {

// Builds the tree from the parser's events.
class TreeBuilder {
 public:
  TreeBuilder(uint32_t source, Problems* problems) : source_(source), problems_(problems) {}

  // False: nothing can come of this document, and a problem says why.
  bool Add(YamlEvent event) {
    const Place place = PlaceOf(event.place);
    if (!event.anchor.empty() &&
        !Refuse(place, absl::StrCat("anchors (`&name`) are not allowed: ", Quoted(event.anchor)))) {
      return false;
    }
    if (!event.tag.empty() &&
        !Refuse(place, absl::StrCat("tags are not allowed: ", Quoted(event.tag)))) {
      return false;
    }
    if (event.is_key && (event.kind != YamlEvent::Kind::kScalar || event.IsNull())) {
      return End(place, BeginsTemplate(place, event.kind)
                            ? "`{{` without quotes begins a map of YAML: quote it, such as "
                              "\"{{ name }}\""
                            : "a key must be a text");
    }
    switch (event.kind) {
      case YamlEvent::Kind::kDocument:
        return ++documents_ == 1 || End(place, "a plan is one document; a second one begins here");
      case YamlEvent::Kind::kScalar:
        return AddScalar(place, std::move(event));
      case YamlEvent::Kind::kAlias:
        return Append(place, Node::Kind::kRefused) != nullptr &&
               Refuse(place, "aliases (`*name`) are not allowed: write the value out");
      case YamlEvent::Kind::kSequence:
        return Open(place, Node::Kind::kSequence);
      case YamlEvent::Kind::kMap:
        return Open(place, Node::Kind::kMap);
      case YamlEvent::Kind::kSequenceEnd:
      case YamlEvent::Kind::kMapEnd:
        open_.pop_back();
        return true;
      case YamlEvent::Kind::kError:
        return End(place, event.text);
      case YamlEvent::Kind::kEnd:
        break;
    }
    return true;
  }

  Node TakeRoot() { return std::move(root_); }

 private:
  struct OpenNode {
    Node* node;  // stays where it is: its parent grows only after it is closed
    absl::flat_hash_set<std::string> keys;
  };

  Place PlaceOf(const YamlPlace& place) const {
    if (source_ != 0) return {source_, 0, 0};
    return {source_, place.line, place.column};
  }

  bool End(Place place, std::string message) {
    problems_->Add(place, std::move(message));
    return false;
  }

  // What a plan must not have. Whoever has read as many problems as are told at once reads no
  // further.
  bool Refuse(Place place, std::string message) {
    problems_->Add(place, std::move(message));
    return ++refused_ <= limits::kPlanProblems;
  }

  // Whether a map begins right behind the brace of the one that it would be a key of.
  bool BeginsTemplate(Place place, YamlEvent::Kind kind) const {
    const Node& around = *open_.back().node;
    return kind == YamlEvent::Kind::kMap && around.entries.empty() &&
           place.line == around.place.line && place.column == around.place.column + 1;
  }

  bool CountNode(Place place) {
    return ++nodes_ <= limits::kPlanNodes ||
           End(place, absl::StrCat("the plan has more than ", limits::kPlanNodes, " nodes"));
  }

  bool AddScalar(Place place, YamlEvent event) {
    if (event.IsNull()) return Append(place, Node::Kind::kNull) != nullptr;
    if (event.is_key) return BeginEntry(place, std::move(event.text));
    Node* const scalar = Append(place, Node::Kind::kScalar);
    if (scalar == nullptr) return false;
    scalar->text = std::move(event.text);
    scalar->plain = event.plain;
    return true;
  }

  bool BeginEntry(Place place, std::string key) {
    if (!CountNode(place)) return false;
    OpenNode& map = open_.back();
    if (!map.keys.insert(key).second) {
      problems_->Add(place, absl::StrCat("duplicate key ", Quoted(key)));
    }
    map.node->entries.push_back({std::move(key), place, {}});
    return true;
  }

  // Null: as Add's false.
  Node* Append(Place place, Node::Kind kind) {
    if (!CountNode(place)) return nullptr;
    Node* node = &root_;
    if (!open_.empty()) {
      OpenNode& parent = open_.back();
      if (parent.node->kind == Node::Kind::kMap) {
        node = &parent.node->entries.back().value;
      } else {
        node = &parent.node->items.emplace_back();
      }
    }
    node->kind = kind;
    node->place = place;
    return node;
  }

  bool Open(Place place, Node::Kind kind) {
    if (open_.size() >= limits::kPlanDepth) {
      return End(place,
                 absl::StrCat("the plan is nested deeper than ", limits::kPlanDepth, " levels"));
    }
    Node* const node = Append(place, kind);
    if (node == nullptr) return false;
    open_.push_back({node, {}});
    return true;
  }

  const uint32_t source_;
  Problems* const problems_;
  Node root_;
  std::vector<OpenNode> open_;
  size_t nodes_ = 0;
  int refused_ = 0;
  int documents_ = 0;
};

Place PlaceOfByte(absl::string_view text, size_t at, uint32_t source) {
  if (source != 0) return {source, 0, 0};
  const absl::string_view before = text.substr(0, at);
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {source, static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<uint32_t>(at - line_begin) + 1};
}

// What is settled before the parser sees the text, in words of ours.
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
  YamlEventParser parser(text);
  for (YamlEvent event = parser.Next(); event.kind != YamlEvent::Kind::kEnd;
       event = parser.Next()) {
    if (!builder.Add(std::move(event))) return std::nullopt;
  }
  return builder.TakeRoot();
}

}  // namespace loadfleet
