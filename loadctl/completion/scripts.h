// What makes a shell complete loadctl's command line. Pure functions; the scripts call nothing.
#pragma once

#include <string>
#include <vector>

#include "loadctl/completion/words.h"

namespace loadfleet {

// A verb or, behind `-`, a flag; anything else is a file's name. `all` as WordsOf makes it.
std::string BashCompletion(const std::vector<VerbWords>& all);
std::string ZshCompletion(const std::vector<VerbWords>& all);
std::string FishCompletion(const std::vector<VerbWords>& all);

}  // namespace loadfleet
