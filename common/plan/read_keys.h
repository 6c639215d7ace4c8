// The keys that the plan compiler reads, by its own word: what describes the format elsewhere (the
// JSON Schema for editors) is held against it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

class ReadKeys {
 public:
  // The words that a key's value may be; none when it is not of a closed set.
  using Words = std::set<std::string>;

  // By the map's kind: "" is the plan itself, then "agents", "scenario", "step" and so on.
  const std::map<std::string, std::map<std::string, Words>>& maps() const { return maps_; }

  // `map` as messages name it: "`agents`", "flow `look`", "step".
  void AddKey(absl::string_view map, absl::string_view key);
  void AddWord(absl::string_view map, absl::string_view key, absl::string_view word);

 private:
  std::map<std::string, std::map<std::string, Words>> maps_;
};

// Adds every key whose value is asked for when `source` is compiled. A key that is only asked for
// when it is there needs a source that has it.
void AddKeysReadIn(const v1::PlanSource& source, ReadKeys* keys);

}  // namespace loadfleet
