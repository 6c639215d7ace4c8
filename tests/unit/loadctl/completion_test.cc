#include "loadctl/completion/scripts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using testing::HasSubstr;

// A command line with a verb, a verb of a verb, and flags with and without a value.
std::vector<VerbWords> SampleWords() {
  CLI::App root("Do things", "loadctl");
  root.set_help_flag();
  std::string text;
  bool flag = false;
  CLI::App* run = root.add_subcommand("run", "Run it; it's fast");
  run->set_help_flag();
  run->add_option("PLAN", text, "A file");
  run->add_option("-r,--rate", text, "How fast");
  run->add_flag("--quiet", flag, "Say nothing");
  CLI::App* import = root.add_subcommand("import", "From elsewhere");
  import->set_help_flag();
  CLI::App* har = import->add_subcommand("har", "A recording");
  har->set_help_flag();
  har->add_option("--out", text, "Where to");
  return WordsOf(root);
}

TEST(CompletionWords, AreTheCommandLinesOwn) {
  const std::vector<VerbWords> words = SampleWords();
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[0].path, "");
  EXPECT_THAT(words[0].verbs, testing::ElementsAre("run", "import"));
  EXPECT_EQ(words[1].path, "run");
  ASSERT_EQ(words[1].flags.size(), 2u);  // a positional is none
  EXPECT_EQ(words[1].flags[0].name, "--rate");
  EXPECT_TRUE(words[1].flags[0].has_value);
  EXPECT_FALSE(words[1].flags[1].has_value);
  EXPECT_EQ(words[3].path, "import har");
}

TEST(CompletionScripts, OfBash) {
  EXPECT_EQ(BashCompletion(SampleWords()), R"(# source <(loadctl completion bash)
_loadctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} verbs='' flags=''
  local verb='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="${verb:+$verb }${COMP_WORDS[i]}"
    case "$next" in
      'run'|'import'|'import har') verb=$next ;;
    esac
  done
  case "$verb" in
    '') verbs='run import' flags='' ;;
    'run') verbs='' flags='--rate --quiet' ;;
    'import') verbs='har' flags='' ;;
    'import har') verbs='' flags='--out' ;;
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$verbs" -- "$cur")) ;;
  esac
}
complete -o default -F _loadctl loadctl
)");
}

TEST(CompletionScripts, OfZsh) {
  const std::string script = ZshCompletion(SampleWords());
  EXPECT_THAT(script, HasSubstr("#compdef loadctl\n"));
  EXPECT_THAT(script, HasSubstr("for ((i = 2; i < CURRENT; i++)); do\n"));
  EXPECT_THAT(script, HasSubstr("      verbs+=('run:Run it; it'\\''s fast')\n"));
  EXPECT_THAT(script, HasSubstr("      flags+=('--rate:How fast')\n"));
}

TEST(CompletionScripts, OfFish) {
  EXPECT_EQ(FishCompletion(SampleWords()), R"(# loadctl completion fish | source
complete -c loadctl -n 'not __fish_seen_subcommand_from run import' -f -a run -d 'Run it; it\'s fast'
complete -c loadctl -n 'not __fish_seen_subcommand_from run import' -f -a import -d 'From elsewhere'
complete -c loadctl -n '__fish_seen_subcommand_from run' -l rate -r -d 'How fast'
complete -c loadctl -n '__fish_seen_subcommand_from run' -l quiet -d 'Say nothing'
complete -c loadctl -n '__fish_seen_subcommand_from import; and not __fish_seen_subcommand_from har' -f -a har -d 'A recording'
complete -c loadctl -n '__fish_seen_subcommand_from import; and __fish_seen_subcommand_from har' -l out -r -d 'Where to'
)");
}

}  // namespace
}  // namespace loadfleet
