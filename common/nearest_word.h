// What a person most likely meant by a word that nobody knows.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace loadfleet {

// The word of `known` that is nearest to `word` by edit distance (a swap of neighbours is one
// edit); empty when none is within a third of its length. Words longer than 64 bytes, and those
// after the first hundred of about its length, are not compared: this takes no time, whoever wrote
// them.
std::string NearestWord(absl::string_view word, const std::vector<std::string>& known);

// What a message ends with: "; did you mean `PREFIX...`?", or nothing when no word is near.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& known,
                       absl::string_view prefix = "");

}  // namespace loadfleet
