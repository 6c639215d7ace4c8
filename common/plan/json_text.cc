#include "common/plan/json_text.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/json_number.h"

namespace loadfleet {
namespace {

// Without `replace` this throws at invalid UTF-8, which the tree never holds.
std::string Quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Append(const Node& node, std::string* out) {
  const char* separator = "";
  switch (node.kind) {
    case Node::Kind::kNull:
    case Node::Kind::kRefused:
      out->append("null");
      break;
    case Node::Kind::kScalar:
      out->append(node.plain &&
                          (IsJsonNumber(node.text) || node.text == "true" || node.text == "false")
                      ? node.text
                      : Quote(node.text));
      break;
    case Node::Kind::kSequence:
      out->append("[");
      for (const Node& item : node.items) {
        out->append(separator);
        Append(item, out);
        separator = ",";
      }
      out->append("]");
      break;
    case Node::Kind::kMap:
      out->append("{");
      for (const Entry& entry : node.entries) {
        absl::StrAppend(out, separator, Quote(entry.key), ":");
        Append(entry.value, out);
        separator = ",";
      }
      out->append("}");
      break;
  }
}

}  // namespace

std::string JsonText(const Node& node) {
  std::string text;
  Append(node, &text);
  return text;
}

}  // namespace loadfleet
