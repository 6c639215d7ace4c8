#include "loadctl/import/openapi_example.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr int kHops = 32;             // of references that lead to references
constexpr size_t kDepth = 16;         // of schemas within each other
constexpr size_t kValues = 100'000;   // of all examples: references can make a tree of any size
constexpr size_t kItems = 10;         // of a list, whatever minItems says
constexpr size_t kTextBytes = 1'000;  // of a text, whatever minLength says
constexpr size_t kNodeBytes = 32;     // that a value costs beside its text

absl::Status Error(absl::string_view pointer, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(pointer.empty() ? "/" : pointer, ": ", what));
}

// `%7B` of a fragment (RFC 6901, 6).
std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

// Null when the pointer leads nowhere.
const Json* At(const Json& document, absl::string_view pointer) {
  const Json* at = &document;
  if (pointer.empty()) return at;
  for (const absl::string_view part : absl::StrSplit(pointer.substr(1), '/')) {
    const std::string key = absl::StrReplaceAll(part, {{"~1", "/"}, {"~0", "~"}});
    size_t index = 0;
    if (at->is_array() && absl::SimpleAtoi(key, &index) && index < at->size()) {
      at = &(*at)[index];
    } else {
      at = Member(*at, key);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

Located Child(const Located& at, absl::string_view key) {
  return {Member(*at.value, key), PointerTo(at.pointer, key)};
}

// OpenAPI 3.1 has lists of types.
std::string TypeOf(const Json& schema) {
  const Json* type = Member(schema, "type");
  if (type != nullptr && type->is_string()) return type->get<std::string>();
  if (type != nullptr && type->is_array()) {
    for (const Json& one : *type) {
      if (one.is_string() && one != "null") return one.get<std::string>();
    }
  }
  if (Member(schema, "properties") != nullptr ||
      Member(schema, "additionalProperties") != nullptr) {
    return "object";
  }
  return Member(schema, "items") != nullptr ? "array" : "string";
}

// What the author wrote down; null when there is nothing.
const Json* Written(const Json& schema) {
  for (const char* key : {"example", "const", "default"}) {
    if (const Json* value = Member(schema, key)) return value;
  }
  for (const char* key : {"examples", "enum"}) {
    const Json* list = Member(schema, key);
    if (list != nullptr && list->is_array() && !list->empty()) return &list->front();
  }
  return nullptr;
}

std::optional<double> Number(const Json& schema, absl::string_view key) {
  const Json* value = Member(schema, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

size_t Size(const Json& schema, absl::string_view key, size_t fallback, size_t most) {
  const std::optional<double> value = Number(schema, key);
  if (!value || *value < 0) return fallback;
  return static_cast<size_t>(std::min(*value, static_cast<double>(most)));
}

bool IsTrue(const Json& schema, absl::string_view key) {
  const Json* value = Member(schema, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Json NumberOf(const Json& schema, bool whole) {
  double value = 1;
  const std::optional<double> minimum = Number(schema, "minimum");
  const std::optional<double> above = Number(schema, "exclusiveMinimum");  // 3.1
  if (minimum) value = *minimum + (IsTrue(schema, "exclusiveMinimum") ? 1 : 0);
  if (above) value = *above + 1;
  const std::optional<double> maximum = Number(schema, "maximum");
  const std::optional<double> below = Number(schema, "exclusiveMaximum");
  if (!minimum && !above) {
    if (maximum) value = std::min(value, *maximum);
    if (below) value = std::min(value, *below - 1);
  }
  if (!whole) return value;
  const double bounded = std::clamp(std::ceil(value), -9e15, 9e15);  // exact in a double
  return static_cast<int64_t>(bounded);
}

Json TextOf(const Json& schema) {
  static constexpr std::pair<absl::string_view, absl::string_view> kFormats[] = {
      {"date", "2026-01-31"},
      {"date-time", "2026-01-31T12:00:00Z"},
      {"time", "12:00:00Z"},
      {"duration", "PT1S"},
      {"uuid", "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
      {"email", "user@example.com"},
      {"idn-email", "user@example.com"},
      {"uri", "https://example.com/"},
      {"url", "https://example.com/"},
      {"uri-reference", "/example"},
      {"hostname", "example.com"},
      {"ipv4", "192.0.2.1"},
      {"ipv6", "2001:db8::1"},
      {"byte", "dGV4dA=="},
  };
  if (const std::string* format = TextMember(schema, "format")) {
    for (const auto& [name, example] : kFormats) {
      if (name == *format) return std::string(example);
    }
  }
  std::string text = "text";
  const size_t most = Size(schema, "maxLength", kTextBytes, kTextBytes);
  text.resize(std::min(text.size(), most));
  const size_t least = Size(schema, "minLength", 0, kTextBytes);
  if (text.size() < least) text.resize(least, 'x');
  return text;
}

// What a copy would cost, as far as that is no more than `most`.
size_t CostOf(const Json& value, size_t most) {
  size_t cost = kNodeBytes;
  if (value.is_string()) return cost + value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return cost;
  for (auto child = value.begin(); child != value.end() && cost <= most; ++child) {
    if (value.is_object()) cost += child.key().size();
    cost += CostOf(*child, most - std::min(most, cost));
  }
  return cost;
}

}  // namespace

absl::StatusOr<Located> Resolved(const Json& document, Located at) {
  for (int hop = 0; hop < kHops; ++hop) {
    const std::string* reference = TextMember(*at.value, "$ref");
    if (reference == nullptr) return at;
    if (reference->empty() || reference->front() != '#') {
      return Error(at.pointer, absl::StrCat("`$ref` ", Quoted(*reference),
                                            " leads into another document; bundle them first"));
    }
    const std::string pointer = PercentDecoded(absl::string_view(*reference).substr(1));
    const Json* found = pointer.empty() || pointer.front() == '/' ? At(document, pointer) : nullptr;
    if (found == nullptr) {
      return Error(at.pointer, absl::StrCat("`$ref` ", Quoted(*reference), " leads nowhere"));
    }
    at = {found, pointer};
  }
  return Error(at.pointer, "`$ref` leads round in a circle");
}

ExampleMaker::Made ExampleMaker::Make(const Located& schema) {
  const absl::StatusOr<Located> resolved = Resolved(document_, schema);
  if (!resolved.ok()) return resolved.status();
  if (open_.size() >= kDepth || ++made_ > kValues || !open_.insert(resolved->value).second) {
    return std::nullopt;
  }
  const absl::Cleanup close = [&] { open_.erase(resolved->value); };
  return MakeResolved(*resolved);
}

absl::StatusOr<Json> ExampleMaker::Copy(const Located& written) {
  copied_ += CostOf(*written.value, limits::kBodyBytes - copied_);
  if (copied_ <= limits::kBodyBytes) return *written.value;
  copied_ = limits::kBodyBytes;
  return Error(written.pointer, absl::StrCat("the examples written down have more than ",
                                             FormatSize(limits::kBodyBytes),
                                             " together, with each as often as it is used"));
}

ExampleMaker::Made ExampleMaker::MakeResolved(const Located& schema) {
  if (const Json* written = Written(*schema.value)) {
    absl::StatusOr<Json> copy = Copy({written, schema.pointer});
    if (!copy.ok()) return copy.status();
    return *std::move(copy);
  }
  if (const Json* parts = Member(*schema.value, "allOf"); parts != nullptr && parts->is_array()) {
    return AllOf(schema, *parts);
  }
  for (const char* key : {"oneOf", "anyOf"}) {
    const Json* choices = Member(*schema.value, key);
    if (choices == nullptr || !choices->is_array() || choices->empty()) continue;
    return Make({&choices->front(), PointerTo(PointerTo(schema.pointer, key), "0")});
  }
  const std::string type = TypeOf(*schema.value);
  if (type == "object") return Object(schema);
  if (type == "array") return Array(schema);
  if (type == "integer" || type == "number") return NumberOf(*schema.value, type == "integer");
  if (type == "boolean") return Json(true);
  if (type == "null") return Json(nullptr);
  return TextOf(*schema.value);
}

ExampleMaker::Made ExampleMaker::AllOf(const Located& schema, const Json& parts) {
  std::optional<Json> all;
  const auto merge = [&all](const std::optional<Json>& part) {
    if (!part) return;
    if (all && all->is_object() && part->is_object()) {
      all->update(*part);
    } else {
      all = part;
    }
  };
  for (size_t i = 0; i < parts.size(); ++i) {
    const Made part =
        Make({&parts[i], PointerTo(PointerTo(schema.pointer, "allOf"), absl::StrCat(i))});
    if (!part.ok()) return part.status();
    merge(*part);
  }
  if (Member(*schema.value, "properties") != nullptr) {
    const Made own = Object(schema);
    if (!own.ok()) return own.status();
    merge(*own);
  }
  return all;
}

ExampleMaker::Made ExampleMaker::Object(const Located& schema) {
  Json object = Json::object();
  const Located properties = Child(schema, "properties");
  if (properties.value == nullptr || !properties.value->is_object()) return object;
  for (const auto& [name, property] : properties.value->items()) {
    const absl::StatusOr<Located> resolved =
        Resolved(document_, {&property, PointerTo(properties.pointer, name)});
    if (!resolved.ok()) return resolved.status();
    if (IsTrue(*resolved->value, "readOnly")) {
      ++made_;   // it has been looked at
      continue;  // the server's to give
    }
    Made made = Make(*resolved);
    if (!made.ok()) return made.status();
    if (*made) {
      object[name] = **std::move(made);
    } else if (IsRequired(*schema.value, name)) {
      object[name] = nullptr;
    }
  }
  return object;
}

bool ExampleMaker::IsRequired(const Json& schema, const std::string& name) {
  const auto [found, fresh] = required_.try_emplace(&schema);
  const Json* list = fresh ? Member(schema, "required") : nullptr;
  if (list != nullptr && list->is_array()) {
    for (const Json& one : *list) {
      if (one.is_string()) found->second.insert(one.get<std::string>());
    }
  }
  return found->second.contains(name);
}

ExampleMaker::Made ExampleMaker::Array(const Located& schema) {
  Json list = Json::array();
  const Located items = Child(schema, "items");
  if (items.value == nullptr) return list;
  const size_t wanted = std::max<size_t>(1, Size(*schema.value, "minItems", 1, kItems));
  for (size_t i = 0; i < wanted; ++i) {
    Made item = Make(items);
    if (!item.ok()) return item.status();
    if (!*item) break;
    list.push_back(**std::move(item));
  }
  return list;
}

}  // namespace loadfleet
