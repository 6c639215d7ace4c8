#include "agent/scenario/json_reader.h"

#include <charconv>

#include <simdjson.h>

namespace loadfleet {

using simdjson::dom::element;
using simdjson::dom::element_type;

struct JsonReader::Document {
  simdjson::dom::parser parser;
  element root;

  // Nothing when a step of the path leads nowhere.
  std::optional<element> Find(const JsonPath& path) const {
    element at = root;
    for (const JsonPathStep& step : path) {
      const auto next = step.key.empty() ? at.at(step.index) : at.at_key(step.key);
      if (next.get(at) != simdjson::SUCCESS) return std::nullopt;
    }
    return at;
  }
};

namespace {

template <typename Number>
void Assign(Number number, std::string* out) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  out->assign(text, static_cast<size_t>(end.ptr - text));
}

JsonScalar ScalarOf(element value) {
  JsonScalar scalar;
  if (value.is_bool()) {
    scalar.kind = JsonScalar::Kind::kBool;
    scalar.truth = value.get_bool().value_unsafe();
  } else if (value.is_number()) {
    scalar.kind = JsonScalar::Kind::kNumber;
    scalar.number = value.get_double().value_unsafe();
  } else if (value.is_string()) {
    scalar.kind = JsonScalar::Kind::kString;
    scalar.text = std::string(value.get_string().value_unsafe());
  }
  return scalar;
}

}  // namespace

std::optional<JsonScalar> JsonScalar::Parse(std::string_view json) {
  simdjson::dom::parser parser;
  element value;
  const simdjson::padded_string text(json);
  if (parser.parse(text).get(value) != simdjson::SUCCESS) return std::nullopt;
  if (value.is_object() || value.is_array()) return std::nullopt;
  return ScalarOf(value);
}

JsonReader::JsonReader() : document_(std::make_unique<Document>()) {}
JsonReader::~JsonReader() = default;

bool JsonReader::Read(std::string* text) {
  text->reserve(text->size() + simdjson::SIMDJSON_PADDING);
  return document_->parser.parse(text->data(), text->size(), false).get(document_->root) ==
         simdjson::SUCCESS;
}

bool JsonReader::Get(const JsonPath& path, std::string* out) const {
  const std::optional<element> value = document_->Find(path);
  if (!value) return false;
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
      Assign(value->get_int64().value_unsafe(), out);
      return true;
    case element_type::UINT64:
      Assign(value->get_uint64().value_unsafe(), out);
      return true;
    case element_type::DOUBLE:
      Assign(value->get_double().value_unsafe(), out);
      return true;
    case element_type::ARRAY:
    case element_type::OBJECT:
      out->assign(simdjson::minify(*value));
      return true;
  }
  return false;
}

bool JsonReader::Equals(const JsonPath& path, const JsonScalar& scalar) const {
  const std::optional<element> value = document_->Find(path);
  if (!value) return false;
  switch (scalar.kind) {
    case JsonScalar::Kind::kNull:
      return value->is_null();
    case JsonScalar::Kind::kBool:
      return value->is_bool() && value->get_bool().value_unsafe() == scalar.truth;
    case JsonScalar::Kind::kNumber:
      return value->is_number() && value->get_double().value_unsafe() == scalar.number;
    case JsonScalar::Kind::kString:
      return value->is_string() && value->get_string().value_unsafe() == scalar.text;
  }
  return false;
}

}  // namespace loadfleet
