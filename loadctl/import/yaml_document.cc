#include "loadctl/import/yaml_document.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/yaml/event_parser.h"

namespace loadfleet {
namespace {

// YAML 1.2.2, 10.3.2: the core schema, decimal numbers only.
Json Plain(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool number = !text.empty() &&
                      text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
                      text.find_first_of("0123456789") != std::string::npos;
  if (!number) return text;
  if (int64_t whole = 0; absl::SimpleAtoi(text, &whole)) return whole;
  if (double real = 0; absl::SimpleAtod(text, &real)) return real;
  return text;
}

// Builds the tree from the parser's events.
class TreeBuilder {
 public:
  // What is wrong with it there; empty: nothing.
  std::string Add(YamlEvent event) {
    const bool opens =
        event.kind == YamlEvent::Kind::kSequence || event.kind == YamlEvent::Kind::kMap;
    if (opens && event.is_key) return "a key must be a text";
    switch (event.kind) {
      case YamlEvent::Kind::kDocument:
        return ++documents_ == 1 ? "" : "a second document begins here";
      case YamlEvent::Kind::kScalar:
        return AddScalar(event);
      case YamlEvent::Kind::kAlias:
        return "aliases (`*name`) are not read: write the value out";
      case YamlEvent::Kind::kSequence:
        return Open(Json::array());
      case YamlEvent::Kind::kMap:
        return Open(Json::object());
      case YamlEvent::Kind::kSequenceEnd:
      case YamlEvent::Kind::kMapEnd:
        open_.pop_back();
        return "";
      case YamlEvent::Kind::kError:
        return event.text;
      case YamlEvent::Kind::kEnd:
        break;
    }
    return "";
  }

  Json TakeRoot() { return std::move(root_); }

 private:
  struct OpenNode {
    Json* node;  // stays where it is: its parent grows only after it is closed
    std::string key;
  };

  std::string AddScalar(const YamlEvent& event) {
    if (!event.is_key) {
      Json* added = nullptr;
      return Append(event.IsNull() ? Json()
                    : event.plain  ? Plain(event.text)
                                   : Json(event.text),
                    &added);
    }
    OpenNode& map = open_.back();
    if (map.node->size() >= limits::kImportKeys) {
      return absl::StrCat("more than ", limits::kImportKeys, " keys in one map");
    }
    map.key = event.text;
    return "";
  }

  std::string Append(Json value, Json** added) {
    if (++nodes_ > limits::kImportNodes) {
      return absl::StrCat("more than ", limits::kImportNodes, " nodes");
    }
    *added = &root_;
    if (!open_.empty()) {
      OpenNode& parent = open_.back();
      if (parent.node->is_array()) {
        *added = &parent.node->emplace_back();
      } else {
        *added = &(*parent.node)[parent.key];
      }
    }
    **added = std::move(value);
    return "";
  }

  std::string Open(Json empty) {
    if (open_.size() >= limits::kImportDepth) {
      return absl::StrCat("more than ", limits::kImportDepth, " levels");
    }
    Json* node = nullptr;
    if (std::string wrong = Append(std::move(empty), &node); !wrong.empty()) return wrong;
    open_.push_back({node, {}});
    return "";
  }

  Json root_;
  std::vector<OpenNode> open_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

absl::StatusOr<Json> ParseYaml(absl::string_view text, const std::string& name) {
  if (ValidUtf8Prefix(text) < text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": not UTF-8 text"));
  }
  TreeBuilder builder;
  YamlEventParser parser(text);
  for (YamlEvent event = parser.Next(); event.kind != YamlEvent::Kind::kEnd;
       event = parser.Next()) {
    const YamlPlace place = event.place;
    if (const std::string wrong = builder.Add(std::move(event)); !wrong.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ":", place.line, ":", place.column, ": ", wrong));
    }
  }
  return builder.TakeRoot();
}

}  // namespace loadfleet
