#include "common/plan/read_keys.h"

#include "absl/strings/strip.h"

namespace loadfleet {
namespace {

// "agents" of "`agents`", "flow" of "flow `look`".
std::string KindOf(absl::string_view map) {
  const bool quoted = absl::ConsumePrefix(&map, "`");
  return std::string(map.substr(0, map.find(quoted ? '`' : ' ')));
}

}  // namespace

void ReadKeys::AddKey(absl::string_view map, absl::string_view key) {
  maps_[KindOf(map)][std::string(key)];
}

void ReadKeys::AddWord(absl::string_view map, absl::string_view key, absl::string_view word) {
  maps_[KindOf(map)][std::string(key)].insert(std::string(word));
}

}  // namespace loadfleet
