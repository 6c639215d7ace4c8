#include "loadctl/terminal/columns.h"

#include <algorithm>
#include <cstdint>

namespace loadfleet {
namespace {

bool Begins(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) != 0x80;
}

}  // namespace

size_t ColumnsOf(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), Begins));
}

std::string CutToColumns(absl::string_view text, size_t columns) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size(); ++at) {
    if (Begins(text[at]) && seen++ == columns) break;
  }
  return std::string(text.substr(0, at));
}

}  // namespace loadfleet
