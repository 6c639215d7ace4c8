#include "tests/unit/loadctl/schema_checker.h"

#include <algorithm>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace loadfleet {
namespace {

bool IsOfType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  return false;
}

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  void Check(const Json& schema, const Json& value, const std::string& pointer) {
    if (const std::string* reference = TextMember(schema, "$ref")) {
      const std::string name(absl::StripPrefix(*reference, "#/$defs/"));
      Check(root_.at("$defs").at(name), value, pointer);
    }
    CheckType(schema, value, pointer);
    if (const Json* words = Member(schema, "enum");
        words != nullptr && std::find(words->begin(), words->end(), value) == words->end()) {
      Add(pointer, "not a word of the enum");
    }
    CheckBounds(schema, value, pointer);
    if (value.is_object()) CheckObject(schema, value, pointer);
    if (const Json* items = Member(schema, "items"); items != nullptr && value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        Check(*items, value[i], absl::StrCat(pointer, "/", i));
      }
    }
  }

  std::vector<std::string> violations;

 private:
  void Add(const std::string& pointer, const std::string& what) {
    violations.push_back(absl::StrCat(pointer, ": ", what));
  }

  void CheckType(const Json& schema, const Json& value, const std::string& pointer) {
    const Json* type = Member(schema, "type");
    if (type == nullptr) return;
    const Json types = type->is_array() ? *type : Json::array({*type});
    if (std::none_of(types.begin(), types.end(),
                     [&](const Json& one) { return IsOfType(value, one); })) {
      Add(pointer, absl::StrCat("not of type ", type->dump()));
    }
  }

  void CheckBounds(const Json& schema, const Json& value, const std::string& pointer) {
    const auto bound = [&](const char* keyword, double measured, bool least) {
      const Json* limit = Member(schema, keyword);
      if (limit == nullptr) return;
      const auto number = limit->get<double>();
      if (least ? measured < number : measured > number) Add(pointer, keyword);
    };
    if (value.is_number()) {
      bound("minimum", value.get<double>(), true);
      bound("maximum", value.get<double>(), false);
    } else if (value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      bound("minLength", static_cast<double>(text.size()), true);
      const std::string* pattern = TextMember(schema, "pattern");
      if (pattern != nullptr && !std::regex_search(text, std::regex(*pattern))) {
        Add(pointer, absl::StrCat("not of the form ", *pattern));
      }
    } else if (value.is_structured()) {
      const auto size = static_cast<double>(value.size());
      bound(value.is_array() ? "minItems" : "minProperties", size, true);
      bound(value.is_array() ? "maxItems" : "maxProperties", size, false);
    }
  }

  void CheckObject(const Json& schema, const Json& value, const std::string& pointer) {
    const Json* properties = Member(schema, "properties");
    const Json* others = Member(schema, "additionalProperties");
    for (const auto& [key, member] : value.items()) {
      const std::string below = absl::StrCat(pointer, "/", key);
      const Json* property = properties == nullptr ? nullptr : Member(*properties, key);
      if (property != nullptr) {
        Check(*property, member, below);
      } else if (others != nullptr && others->is_object()) {
        Check(*others, member, below);
      } else if (others != nullptr && *others == false) {
        Add(pointer, absl::StrCat("unknown key `", key, "`"));
      }
    }
    if (const Json* required = Member(schema, "required")) {
      for (const Json& key : *required) {
        if (!value.contains(key.get<std::string>())) {
          Add(pointer, absl::StrCat("`", key.get<std::string>(), "` is missing"));
        }
      }
    }
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> ViolationsOf(const Json& root, const Json& schema, const Json& value,
                                      const std::string& pointer) {
  Checker checker(root);
  checker.Check(schema, value, pointer);
  return checker.violations;
}

std::vector<std::string> UnknownKeywords(const Json& schema) {
  static const auto& known = *new std::set<std::string>({"$schema",
                                                         "title",
                                                         "description",
                                                         "default",
                                                         "examples",
                                                         "$ref",
                                                         "$defs",
                                                         "type",
                                                         "enum",
                                                         "minimum",
                                                         "maximum",
                                                         "minLength",
                                                         "pattern",
                                                         "minItems",
                                                         "maxItems",
                                                         "minProperties",
                                                         "maxProperties",
                                                         "properties",
                                                         "additionalProperties",
                                                         "required",
                                                         "items"});
  std::vector<std::string> unknown;
  const auto add_from = [&unknown](const Json& child) {
    if (!child.is_object()) return;
    for (std::string& keyword : UnknownKeywords(child)) unknown.push_back(std::move(keyword));
  };
  for (const auto& [keyword, value] : schema.items()) {
    if (known.count(keyword) == 0) unknown.push_back(keyword);
    if (keyword == "properties" || keyword == "$defs") {
      for (const Json& child : value) add_from(child);
    } else if (keyword == "items" || keyword == "additionalProperties") {
      add_from(value);
    }
  }
  return unknown;
}

}  // namespace loadfleet
