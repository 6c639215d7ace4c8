#include "loadctl/completion/words.h"

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

void Append(const CLI::App& app, const std::string& path, std::vector<VerbWords>* all) {
  VerbWords words;
  words.path = path;
  words.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words.flags.push_back(
          {absl::StrCat("--", name), option->get_description(), option->get_expected_max() > 0});
    }
  }
  const std::vector<const CLI::App*> verbs = app.get_subcommands(nullptr);
  for (const CLI::App* verb : verbs) words.verbs.push_back(verb->get_name());
  all->push_back(std::move(words));
  for (const CLI::App* verb : verbs) {
    Append(*verb, path.empty() ? verb->get_name() : absl::StrCat(path, " ", verb->get_name()), all);
  }
}

}  // namespace

std::vector<VerbWords> WordsOf(const CLI::App& root) {
  std::vector<VerbWords> all;
  Append(root, "", &all);
  return all;
}

}  // namespace loadfleet
