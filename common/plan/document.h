// YAML text as a tree whose every node knows its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/plan/problems.h"

namespace loadfleet {

struct Entry;

struct Node {
  enum class Kind {
    kNull,  // nothing, `~` or `null`
    kScalar,
    kSequence,
    kMap,
    kRefused,  // what stood here has a problem of its own: whoever reads it passes over it in
               // silence
  };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;            // kScalar
  bool plain = false;          // kScalar: written without quotes, so that `5` may be a number
  std::vector<Node> items;     // kSequence
  std::vector<Entry> entries;  // kMap, in the order of the text
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// "nothing", "a text", "a list" or "a map", for messages.
absl::string_view KindName(Node::Kind kind);

// Parses exactly one document (or none: a kNull node). The limits of common/limits.h on bytes,
// depth and nodes, and the ban on anchors, aliases and tags, are enforced on the parser's events,
// before nodes are built: no text makes this slow or large. Nothing when the text is no YAML or
// exceeds a limit; problems say why. Duplicate keys, anchors, aliases and tags are problems that do
// not end the parsing, but for more of the latter than are told at once. `source` as in Place.
std::optional<Node> ParseDocument(absl::string_view text, uint32_t source, Problems* problems);

}  // namespace loadfleet
