// `loadctl completion`: what makes a shell complete loadctl's command line.
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "loadctl/commands/command.h"
#include "loadctl/completion/scripts.h"

namespace loadfleet {
namespace {

struct Shell {
  const char* name;
  const char* help;
  std::string (*script)(const std::vector<VerbWords>& all);
};

constexpr Shell kShells[] = {
    {"bash", "source <(loadctl completion bash)", BashCompletion},
    {"zsh", "source <(loadctl completion zsh), after compinit", ZshCompletion},
    {"fish", "loadctl completion fish | source", FishCompletion},
};

}  // namespace

Command AddCompletionCommand(CLI::App& root) {
  CLI::App* app = root.add_subcommand("completion", "Print what makes a shell complete loadctl");
  app->require_subcommand(1);
  std::vector<CLI::App*> shells;
  for (const Shell& shell : kShells) shells.push_back(app->add_subcommand(shell.name, shell.help));
  AddExamples(app, {"loadctl completion bash > /etc/bash_completion.d/loadctl"});
  return {app, [&root, shells] {
            for (size_t i = 0; i < shells.size(); ++i) {
              if (shells[i]->parsed()) std::cout << kShells[i].script(WordsOf(root));
            }
            return ExitCode::kPassed;
          }};
}

}  // namespace loadfleet
