#include "common/daemon/config_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/files.h"
#include "common/nearest_word.h"
#include "common/yaml/event_parser.h"

namespace loadfleet {
namespace {

struct Value {
  YamlPlace place;
  bool null = false;
  bool several = false;            // a list or a map
  bool nested = false;             // one of these is no text
  std::vector<std::string> texts;  // `key=value` of a map
};

struct Entry {
  std::string key;
  YamlPlace key_place;
  Value value;
};

std::string At(const std::string& path, const YamlPlace& place, absl::string_view message) {
  return absl::StrCat(path, ":", place.line, ":", place.column, ": ", message);
}

class ConfigText {
 public:
  ConfigText(const std::string& path, absl::string_view text) : path_(path), parser_(text) {}

  absl::StatusOr<std::vector<Entry>> Read() {
    std::vector<Entry> entries;
    YamlEvent event = Next();
    if (event.kind == YamlEvent::Kind::kDocument) event = Next();
    if (event.kind == YamlEvent::Kind::kMap) {
      for (event = Next(); event.kind == YamlEvent::Kind::kScalar; event = Next()) {
        entries.push_back({std::move(event.text), event.place, ReadValue()});
      }
      if (event.kind != YamlEvent::Kind::kMapEnd) Fail(event.place, "a key must be a word");
    } else if (event.kind != YamlEvent::Kind::kEnd && !event.IsNull()) {
      Fail(event.place, "expected `key: value` lines");
    }
    if (event = Next(); event.kind == YamlEvent::Kind::kDocument) {
      Fail(event.place, "a second document begins here");
    }
    if (!status_.ok()) return status_;
    return entries;
  }

 private:
  // The first problem is told.
  void Fail(const YamlPlace& place, absl::string_view message) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(At(path_, place, message));
  }

  YamlEvent Next() {
    YamlEvent event = parser_.Next();
    if (event.kind == YamlEvent::Kind::kError) Fail(event.place, event.text);
    if (event.kind == YamlEvent::Kind::kAlias) {
      Fail(event.place, "aliases (`*name`) are not read: write the value out");
      event.kind = YamlEvent::Kind::kError;
    }
    return event;
  }

  Value ReadValue() {
    const YamlEvent event = Next();
    Value value;
    value.place = event.place;
    value.null = event.IsNull();
    if (event.kind == YamlEvent::Kind::kScalar) {
      value.texts.push_back(event.text);
    } else if (event.kind == YamlEvent::Kind::kSequence || event.kind == YamlEvent::Kind::kMap) {
      value.several = true;
      ReadTexts(&value);
    }
    return value;
  }

  void ReadTexts(Value* value) {
    std::string key;
    for (YamlEvent item = Next();
         item.kind != YamlEvent::Kind::kSequenceEnd && item.kind != YamlEvent::Kind::kMapEnd;
         item = Next()) {
      if (item.is_key && item.kind == YamlEvent::Kind::kScalar) {
        key = absl::StrCat(item.text, "=");
        continue;
      }
      if (item.kind == YamlEvent::Kind::kScalar) {
        value->texts.push_back(absl::StrCat(key, item.text));
      } else {
        value->nested = true;
        if (!PassOver(item)) return;
      }
    }
  }

  // False: the text has ended.
  bool PassOver(const YamlEvent& begin) {
    int open = 0;
    for (YamlEvent event = begin;; event = Next()) {
      switch (event.kind) {
        case YamlEvent::Kind::kSequence:
        case YamlEvent::Kind::kMap:
          ++open;
          break;
        case YamlEvent::Kind::kSequenceEnd:
        case YamlEvent::Kind::kMapEnd:
          --open;
          break;
        case YamlEvent::Kind::kEnd:
        case YamlEvent::Kind::kError:
          return false;
        default:
          break;
      }
      if (open == 0) return true;
    }
  }

  const std::string path_;
  YamlEventParser parser_;
  absl::Status status_;
};

// `insecure_listen` of --insecure-listen.
std::string KeyOf(const CLI::Option& option) {
  if (option.get_lnames().empty()) return "";
  std::string key = option.get_lnames().front();
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

// What the command line would hold for this value: one text for each time the flag is given.
absl::StatusOr<std::vector<std::string>> Texts(const Value& value, const CLI::Option& option) {
  if (value.null) return absl::InvalidArgumentError("has no value");
  if (option.get_expected_max() == 0) {
    const bool is_switch =
        !value.several && (value.texts.front() == "true" || value.texts.front() == "false");
    if (!is_switch) return absl::InvalidArgumentError("is either true or false");
  } else if (value.several && option.get_expected_max() == 1) {
    return absl::InvalidArgumentError("takes one value");
  } else if (value.nested) {
    return absl::InvalidArgumentError("takes texts only");
  }
  return value.texts;
}

absl::Status Set(CLI::Option& option, const Value& value) {
  auto texts = Texts(value, option);
  if (!texts.ok()) return texts.status();
  try {
    for (std::string& text : *texts) option.add_result(std::move(text));
    option.run_callback();
  } catch (const CLI::Error& error) {
    // "--workers: Value x ...": the file's reader knows it as a key, not as a flag.
    return absl::InvalidArgumentError(absl::StripPrefix(error.what(), option.get_name() + ": "));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyConfigFile(const std::string& path, CLI::App& app) {
  auto text = ReadText(path);
  if (!text.ok()) return text.status();
  auto entries = ConfigText(path, *text).Read();
  if (!entries.ok()) return entries.status();

  std::map<std::string, CLI::Option*> options;
  std::vector<std::string> keys;
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_configurable() || KeyOf(*option).empty()) continue;
    keys.push_back(KeyOf(*option));
    options[keys.back()] = option;
  }

  std::vector<std::string> problems;
  std::set<std::string> seen;
  for (const Entry& entry : *entries) {
    const auto found = options.find(entry.key);
    if (found == options.end()) {
      problems.push_back(
          At(path, entry.key_place,
             absl::StrCat("unknown key `", entry.key, "`", DidYouMean(entry.key, keys))));
      continue;
    }
    if (!seen.insert(entry.key).second) {
      problems.push_back(
          At(path, entry.key_place, absl::StrCat("`", entry.key, "` stands here twice")));
      continue;
    }
    if (found->second->count() > 0) continue;
    if (absl::Status status = Set(*found->second, entry.value); !status.ok()) {
      // A value that is missing has no place.
      problems.push_back(At(path, entry.value.null ? entry.key_place : entry.value.place,
                            absl::StrCat("`", entry.key, "`: ", status.message())));
    }
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

}  // namespace loadfleet
