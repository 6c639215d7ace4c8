#include "common/daemon/config_file.h"

#include <yaml-cpp/yaml.h>

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

namespace loadfleet {
namespace {

struct Entry {
  std::string key;
  YAML::Mark key_mark;
  YAML::Node value;
};

std::string At(const std::string& path, const YAML::Mark& mark, absl::string_view message) {
  return absl::StrCat(path, ":", mark.line + 1, ":", mark.column + 1, ": ", message);
}

absl::StatusOr<std::vector<Entry>> Parse(const std::string& path, const std::string& text) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return std::vector<Entry>();
    if (!root.IsMap()) {
      return absl::InvalidArgumentError(At(path, root.Mark(), "expected `key: value` lines"));
    }
    std::vector<Entry> entries;
    for (const auto& item : root) {
      if (!item.first.IsScalar()) {
        return absl::InvalidArgumentError(At(path, item.first.Mark(), "a key must be a word"));
      }
      entries.push_back({item.first.Scalar(), item.first.Mark(), item.second});
    }
    return entries;
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(At(path, error.mark, error.msg));
  }
}

// `insecure_listen` of --insecure-listen.
std::string KeyOf(const CLI::Option& option) {
  if (option.get_lnames().empty()) return "";
  std::string key = option.get_lnames().front();
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

// What the command line would hold for this value: one text for each time the flag is given.
absl::StatusOr<std::vector<std::string>> Texts(const YAML::Node& value, bool repeatable) {
  if (value.IsScalar()) return std::vector<std::string>{value.Scalar()};
  if (value.IsNull()) return absl::InvalidArgumentError("has no value");
  if (!repeatable) return absl::InvalidArgumentError("takes one value");
  std::vector<std::string> texts;
  for (const auto& item : value) {
    const YAML::Node& text = value.IsMap() ? item.second : item;
    if (!text.IsScalar()) return absl::InvalidArgumentError("takes texts only");
    texts.push_back(value.IsMap() ? absl::StrCat(item.first.as<std::string>(), "=", text.Scalar())
                                  : text.Scalar());
  }
  return texts;
}

absl::Status Set(CLI::Option& option, const YAML::Node& value) {
  const bool is_switch = option.get_expected_max() == 0;
  try {
    auto texts = Texts(value, option.get_expected_max() > 1);
    if (!texts.ok()) return texts.status();
    if (is_switch) {
      bool on = false;
      if (!YAML::convert<bool>::decode(value, on)) {
        return absl::InvalidArgumentError("is either true or false");
      }
      texts = std::vector<std::string>{on ? "true" : "false"};
    }
    for (std::string& text : *texts) option.add_result(std::move(text));
    option.run_callback();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(error.msg);
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
  auto entries = Parse(path, *text);
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
          At(path, entry.key_mark,
             absl::StrCat("unknown key `", entry.key, "`", DidYouMean(entry.key, keys))));
      continue;
    }
    if (!seen.insert(entry.key).second) {
      problems.push_back(
          At(path, entry.key_mark, absl::StrCat("`", entry.key, "` stands here twice")));
      continue;
    }
    if (found->second->count() > 0) continue;
    if (absl::Status status = Set(*found->second, entry.value); !status.ok()) {
      // A value that is missing has no place.
      problems.push_back(At(path, entry.value.IsNull() ? entry.key_mark : entry.value.Mark(),
                            absl::StrCat("`", entry.key, "`: ", status.message())));
    }
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

}  // namespace loadfleet
