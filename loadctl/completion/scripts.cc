#include "loadctl/completion/scripts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace loadfleet {
namespace {

// POSIX single quotes; zsh and bash read them alike.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// In fish a backslash within single quotes escapes.
std::string FishQuoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

const VerbWords& Find(const std::vector<VerbWords>& all, const std::string& path) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const VerbWords& words) { return words.path == path; });
}

std::string PathOf(const VerbWords& words, const std::string& verb) {
  return words.path.empty() ? verb : absl::StrCat(words.path, " ", verb);
}

// A shell loop that leaves in `verb` what stands before the cursor: "", "run", "import har".
// `first` and `last` bound the indices of the words.
std::string VerbLoop(const std::vector<VerbWords>& all, absl::string_view first,
                     absl::string_view last, absl::string_view words) {
  std::vector<std::string> paths;
  for (const VerbWords& one : all) {
    if (!one.path.empty()) paths.push_back(Quoted(one.path));
  }
  return absl::StrCat("  local verb='' next i\n", "  for ((i = ", first, "; i < ", last,
                      "; i++)); do\n", "    next=\"${verb:+$verb }${", words, "[i]}\"\n",
                      "    case \"$next\" in\n", "      ", absl::StrJoin(paths, "|"),
                      ") verb=$next ;;\n", "    esac\n", "  done\n");
}

}  // namespace

std::string BashCompletion(const std::vector<VerbWords>& all) {
  std::string script =
      absl::StrCat("# source <(loadctl completion bash)\n", "_loadctl() {\n",
                   "  local cur=${COMP_WORDS[COMP_CWORD]} verbs='' flags=''\n",
                   VerbLoop(all, "1", "COMP_CWORD", "COMP_WORDS"), "  case \"$verb\" in\n");
  for (const VerbWords& words : all) {
    const std::string flags = absl::StrJoin(
        words.flags, " ",
        [](std::string* out, const FlagWord& flag) { absl::StrAppend(out, flag.name); });
    absl::StrAppend(&script, "    ", Quoted(words.path),
                    ") verbs=", Quoted(absl::StrJoin(words.verbs, " ")), " flags=", Quoted(flags),
                    " ;;\n");
  }
  absl::StrAppend(&script, "  esac\n", "  case \"$cur\" in\n",
                  "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")) ;;\n",
                  "    *) COMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\")) ;;\n", "  esac\n", "}\n",
                  "complete -o default -F _loadctl loadctl\n");
  return script;
}

std::string ZshCompletion(const std::vector<VerbWords>& all) {
  // _describe takes "word:help", in which a colon of the word's own would need a backslash.
  std::string script = absl::StrCat(
      "#compdef loadctl\n", "# source <(loadctl completion zsh)\n", "_loadctl() {\n",
      "  local -a verbs flags\n", VerbLoop(all, "2", "CURRENT", "words"), "  case \"$verb\" in\n");
  for (const VerbWords& words : all) {
    absl::StrAppend(&script, "    ", Quoted(words.path), ")\n");
    for (const std::string& verb : words.verbs) {
      absl::StrAppend(&script, "      verbs+=(",
                      Quoted(absl::StrCat(verb, ":", Find(all, PathOf(words, verb)).help)), ")\n");
    }
    for (const FlagWord& flag : words.flags) {
      absl::StrAppend(&script, "      flags+=(", Quoted(absl::StrCat(flag.name, ":", flag.help)),
                      ")\n");
    }
    absl::StrAppend(&script, "      ;;\n");
  }
  absl::StrAppend(&script, "  esac\n", "  if [[ $PREFIX == -* ]]; then\n",
                  "    _describe -o option flags\n", "  elif (( $#verbs )); then\n",
                  "    _describe verb verbs\n", "  else\n", "    _files\n", "  fi\n", "}\n",
                  "compdef _loadctl loadctl\n");
  return script;
}

std::string FishCompletion(const std::vector<VerbWords>& all) {
  std::string script = "# loadctl completion fish | source\n";
  for (const VerbWords& words : all) {
    std::vector<std::string> seen;
    if (!words.path.empty()) {
      for (const absl::string_view word : absl::StrSplit(words.path, ' ')) {
        seen.push_back(absl::StrCat("__fish_seen_subcommand_from ", word));
      }
    }
    std::vector<std::string> before = seen;
    if (!words.verbs.empty()) {
      before.push_back(
          absl::StrCat("not __fish_seen_subcommand_from ", absl::StrJoin(words.verbs, " ")));
    }
    const auto line = [&script](const std::vector<std::string>& conditions) {
      absl::StrAppend(&script, "complete -c loadctl");
      if (conditions.empty()) return;
      absl::StrAppend(&script, " -n ", FishQuoted(absl::StrJoin(conditions, "; and ")));
    };
    for (const std::string& verb : words.verbs) {
      line(before);
      absl::StrAppend(&script, " -f -a ", verb, " -d ",
                      FishQuoted(Find(all, PathOf(words, verb)).help), "\n");
    }
    for (const FlagWord& flag : words.flags) {
      line(seen);
      absl::StrAppend(&script, " -l ", flag.name.substr(2), flag.has_value ? " -r" : "", " -d ",
                      FishQuoted(flag.help), "\n");
    }
  }
  return script;
}

}  // namespace loadfleet
