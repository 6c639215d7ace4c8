// What can be typed after `loadctl`: the command line's own tree, flattened.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace loadfleet {

struct FlagWord {
  std::string name;  // "--rate"
  std::string help;
  bool has_value = false;
};

// `verbs` and `flags` are what can follow its path.
struct VerbWords {
  std::string path;  // "import har"; empty: loadctl itself
  std::string help;
  std::vector<std::string> verbs;
  std::vector<FlagWord> flags;
};

// `root` first, then each verb behind the one that holds it. Long names only.
std::vector<VerbWords> WordsOf(const CLI::App& root);

}  // namespace loadfleet
