#include "loadctl/import/json_document.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

// Thrown through the parser, which knows no other way to stop; ParseJson catches it.
struct LimitExceeded {
  std::string what;
};

// Counts while the parser builds, so that no text makes the tree large.
class Limits {
 public:
  void On(int depth, Json::parse_event_t event) {
    using Event = Json::parse_event_t;
    if (++nodes_ > limits::kImportNodes) Throw("nodes", limits::kImportNodes);
    if (event == Event::object_start || event == Event::array_start) {
      if (static_cast<size_t>(depth) >= limits::kImportDepth) {
        Throw("levels", limits::kImportDepth);
      }
      keys_.push_back(0);
    } else if (event == Event::object_end || event == Event::array_end) {
      keys_.pop_back();
    } else if (event == Event::key && ++keys_.back() > limits::kImportKeys) {
      Throw("keys in one object", limits::kImportKeys);
    }
  }

 private:
  [[noreturn]] static void Throw(const char* what, size_t limit) {
    throw LimitExceeded{absl::StrCat("more than ", limit, " ", what)};
  }

  size_t nodes_ = 0;
  std::vector<size_t> keys_;  // of each object or list that is open
};

// nlohmann's text without its number and place: "syntax error while parsing value - ...".
std::string Reason(const std::string& what) {
  const size_t colon = what.find(": ", what.find(']'));
  return colon == std::string::npos ? what : what.substr(colon + 2);
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, const std::string& name) {
  Limits limits;
  try {
    return Json::parse(text.begin(), text.end(), [&](int depth, Json::parse_event_t event, Json&) {
      limits.On(depth, event);
      return true;
    });
  } catch (const LimitExceeded& exceeded) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", exceeded.what));
  } catch (const Json::parse_error& error) {
    const absl::string_view before = text.substr(0, std::max<size_t>(error.byte, 1) - 1);
    const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", std::count(before.begin(), before.end(), '\n') + 1, ":",
                     before.size() - line_begin + 1, ": no JSON: ", Reason(error.what())));
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", Reason(error.what())));
  }
}

const Json* Member(const Json& value, absl::string_view key) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(std::string(key));
  return found == value.end() ? nullptr : &*found;
}

const std::string* TextMember(const Json& value, absl::string_view key) {
  const Json* member = Member(value, key);
  return member != nullptr && member->is_string() ? &member->get_ref<const std::string&>()
                                                  : nullptr;
}

std::string PointerTo(absl::string_view pointer, absl::string_view key) {
  return absl::StrCat(pointer, "/", absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}}));
}

std::string CompactJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loadfleet
