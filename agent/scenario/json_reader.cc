#include "agent/scenario/json_reader.h"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

namespace loadfleet {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// A place in a text that is JSON.
class RawJson {
 public:
  explicit RawJson(std::string_view text) : rest_(text) { SkipSpace(); }

  // From a list or an object to its value number `ordinal`, which is there.
  void Enter(size_t ordinal, bool object) {
    rest_.remove_prefix(1);
    for (SkipSpace();; --ordinal) {
      if (object) {
        SkipValue();
        SkipSpace();
        rest_.remove_prefix(1);  // the colon
        SkipSpace();
      }
      if (ordinal == 0) return;
      SkipValue();
      SkipSpace();
      rest_.remove_prefix(1);  // the comma
      SkipSpace();
    }
  }

  // What begins here.
  std::string_view Value() const {
    RawJson end = *this;
    end.SkipValue();
    return rest_.substr(0, rest_.size() - end.rest_.size());
  }

 private:
  void SkipSpace() {
    rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(" \t\r\n")));
  }

  void SkipString() {
    size_t end = 1;
    while (rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    rest_.remove_prefix(end + 1);
  }

  void SkipValue() {
    for (size_t depth = 0;;) {
      const char c = rest_.front();
      if (c == '"') {
        SkipString();
      } else if (c == '[' || c == '{') {
        ++depth;
        rest_.remove_prefix(1);
      } else if (c == ']' || c == '}') {
        --depth;
        rest_.remove_prefix(1);
      } else {
        rest_.remove_prefix(
            std::min(rest_.size(), std::max<size_t>(1, rest_.find_first_of("[]{},:\" \t\r\n"))));
      }
      if (depth == 0) return;
    }
  }

  std::string_view rest_;
};

template <typename Number>
std::string_view Digits(Number number, char (&text)[32]) {
  const auto end = std::to_chars(text, text + sizeof(text), number);
  return {text, static_cast<size_t>(end.ptr - text)};
}

Decimal DecimalIn(std::string_view number) {
  return DecimalOf({number.data(), number.size()});
}

}  // namespace

struct JsonReader::Document {
  simdjson::dom::parser parser;
  element root;
  std::string_view text;
  bool blanked = false;  // the parser has seen no number as it is
  std::string blank;

  // Nothing when a step of the path leads nowhere.
  std::optional<element> Find(const JsonPath& path) const {
    element at = root;
    for (const JsonPathStep& step : path) {
      const auto next = step.key.empty() ? at.at(step.index) : at.at_key(step.key);
      if (next.get(at) != simdjson::SUCCESS) return std::nullopt;
    }
    return at;
  }

  // The text of what Find finds.
  std::string_view Raw(const JsonPath& path) const {
    element at = root;
    RawJson raw(text);
    for (const JsonPathStep& step : path) {
      size_t ordinal = step.index;
      if (!step.key.empty()) {
        ordinal = 0;
        const simdjson::dom::object object = at.get_object().value_unsafe();
        for (const auto field : object) {
          if (field.key == step.key) break;
          ++ordinal;
        }
      }
      raw.Enter(ordinal, !step.key.empty());
      const auto next = step.key.empty() ? at.at(step.index) : at.at_key(step.key);
      at = next.value_unsafe();
    }
    return raw.Value();
  }

  // Whole numbers are told without a walk through the text.
  std::string_view Number(const JsonPath& path, element value, char (&digits)[32]) const {
    if (!blanked && value.is_int64()) return Digits(value.get_int64().value_unsafe(), digits);
    if (!blanked && value.is_uint64()) return Digits(value.get_uint64().value_unsafe(), digits);
    return Raw(path);
  }
};

std::optional<JsonScalar> JsonScalar::Parse(std::string_view json) {
  JsonReader reader;
  std::string text(json);
  JsonScalar scalar;
  if (!reader.Read(&text) || !reader.GetScalar({}, &scalar)) return std::nullopt;
  return scalar;
}

JsonReader::JsonReader() : document_(std::make_unique<Document>()) {}
JsonReader::~JsonReader() = default;

bool JsonReader::Read(std::string* text) {
  Document& document = *document_;
  const auto parse = [&document](std::string& json) {
    json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    return document.parser.parse(json.data(), json.size(), false).get(document.root);
  };
  auto error = parse(*text);
  document.text = *text;
  document.blanked = error == simdjson::NUMBER_ERROR;
  if (document.blanked) {
    document.blank = *text;
    BlankNumbers(&document.blank);
    error = parse(document.blank);
  }
  return error == simdjson::SUCCESS;
}

bool JsonReader::Get(const JsonPath& path, std::string* out) const {
  const std::optional<element> value = document_->Find(path);
  if (!value) return false;
  char digits[32];
  switch (value->type()) {
    case element_type::NULL_VALUE:
      return false;
    case element_type::STRING:
      out->assign(value->get_string().value_unsafe());
      return true;
    case element_type::BOOL:
      out->assign(value->get_bool().value_unsafe() ? "true" : "false");
      return true;
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      out->assign(document_->Number(path, *value, digits));
      return true;
    case element_type::ARRAY:
    case element_type::OBJECT: {
      const std::string_view raw = document_->Raw(path);
      out->resize(raw.size());
      size_t size = 0;
      if (simdjson::minify(raw.data(), raw.size(), out->data(), size) != simdjson::SUCCESS) {
        size = 0;
      }
      out->resize(size);
      return true;
    }
  }
  return false;
}

bool JsonReader::GetScalar(const JsonPath& path, JsonScalar* out) const {
  const std::optional<element> value = document_->Find(path);
  if (!value || value->is_array() || value->is_object()) return false;
  char digits[32];
  if (value->is_bool()) {
    out->kind = JsonScalar::Kind::kBool;
    out->truth = value->get_bool().value_unsafe();
  } else if (value->is_number()) {
    out->kind = JsonScalar::Kind::kNumber;
    out->number = DecimalIn(document_->Number(path, *value, digits));
  } else if (value->is_string()) {
    out->kind = JsonScalar::Kind::kString;
    out->text = std::string(value->get_string().value_unsafe());
  }
  return true;
}

bool JsonReader::Equals(const JsonPath& path, const JsonScalar& scalar) const {
  const std::optional<element> value = document_->Find(path);
  if (!value) return false;
  char digits[32];
  switch (scalar.kind) {
    case JsonScalar::Kind::kNull:
      return value->is_null();
    case JsonScalar::Kind::kBool:
      return value->is_bool() && value->get_bool().value_unsafe() == scalar.truth;
    case JsonScalar::Kind::kNumber:
      return value->is_number() &&
             DecimalIn(document_->Number(path, *value, digits)) == scalar.number;
    case JsonScalar::Kind::kString:
      return value->is_string() && value->get_string().value_unsafe() == scalar.text;
  }
  return false;
}

}  // namespace loadfleet
