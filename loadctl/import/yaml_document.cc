#include <sstream>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"
#include "loadctl/import/json_document.h"

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

// Builds the tree from the parser's events. What cannot be built is thrown as
// YAML::ParserException, the only way to stop this parser; ParseYaml catches it.
class TreeBuilder : public YAML::EventHandler {
 public:
  Json TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw YAML::ParserException(mark, "a second document begins here");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Scalar(mark, nullptr, "null"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "aliases (`*name`) are not read: write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    Scalar(mark, tag == "?" ? Plain(value) : Json(value), value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(mark, Json::array());
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, Json::object());
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct OpenNode {
    Json* node;  // stays where it is: its parent grows only after it is closed
    bool awaits_value = false;
    std::string key;
  };

  bool AwaitsKey() const {
    return !open_.empty() && open_.back().node->is_object() && !open_.back().awaits_value;
  }

  void Scalar(const YAML::Mark& mark, Json value, const std::string& text) {
    if (!AwaitsKey()) {
      Append(mark, std::move(value));
      return;
    }
    OpenNode& map = open_.back();
    if (map.node->size() >= limits::kImportKeys) {
      throw YAML::ParserException(
          mark, absl::StrCat("more than ", limits::kImportKeys, " keys in one map"));
    }
    map.key = text;
    map.awaits_value = true;
  }

  Json* Append(const YAML::Mark& mark, Json value) {
    if (AwaitsKey()) throw YAML::ParserException(mark, "a key must be a text");
    if (++nodes_ > limits::kImportNodes) {
      throw YAML::ParserException(mark, absl::StrCat("more than ", limits::kImportNodes, " nodes"));
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    OpenNode& parent = open_.back();
    if (parent.node->is_array()) {
      parent.node->push_back(std::move(value));
      return &parent.node->back();
    }
    parent.awaits_value = false;
    Json& member = (*parent.node)[parent.key];
    member = std::move(value);
    return &member;
  }

  void Open(const YAML::Mark& mark, Json empty) {
    if (open_.size() >= limits::kImportDepth) {
      throw YAML::ParserException(mark,
                                  absl::StrCat("more than ", limits::kImportDepth, " levels"));
    }
    open_.push_back({Append(mark, std::move(empty)), false, {}});
  }

  Json root_;
  std::vector<OpenNode> open_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

absl::StatusOr<Json> ParseYaml(absl::string_view text, const std::string& name) {
  // yaml-cpp would guess another encoding.
  if (ValidUtf8Prefix(text) < text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": not UTF-8 text"));
  }
  TreeBuilder builder;
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null())
      return absl::InvalidArgumentError(absl::StrCat(name, ": ", error.msg));
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", error.mark.line + 1, ":", error.mark.column + 1, ": ", error.msg));
  }
  return builder.TakeRoot();
}

}  // namespace loadfleet
