// `loadctl target`: the built-in server, to try plans on.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/units.h"
#include "loadctl/commands/command.h"
#include "loadctl/terminal/interrupts.h"
#include "target/target.h"

namespace loadfleet {
namespace {

struct TargetFlags {
  int port = 8080;
  std::string listen;  // wins over `port`
  uint32_t threads = 1;
  std::string freeze_for;
  std::string freeze_every;
};

absl::Status ParseFlag(absl::string_view flag, const std::string& text, Nanos* duration) {
  if (text.empty()) return absl::OkStatus();
  absl::StatusOr<Nanos> parsed = ParseDuration(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": ", parsed.status().message()));
  }
  *duration = *parsed;
  return absl::OkStatus();
}

absl::StatusOr<TargetOptions> ToOptions(const TargetFlags& flags) {
  TargetOptions options;
  options.listen = flags.listen.empty() ? absl::StrCat("127.0.0.1:", flags.port) : flags.listen;
  options.threads = flags.threads;
  absl::Status status = ParseFlag("--freeze-for", flags.freeze_for, &options.freeze_for);
  status.Update(ParseFlag("--freeze-every", flags.freeze_every, &options.freeze_every));
  if (!status.ok()) return status;
  return options;
}

ExitCode Execute(const TargetFlags& flags) {
  const absl::StatusOr<TargetOptions> options = ToOptions(flags);
  if (!options.ok()) return Fail(options.status());
  const Interrupts interrupts = Interrupts::OfProcess();
  const absl::StatusOr<std::unique_ptr<Target>> target = Target::Start(*options, SystemClock());
  if (!target.ok()) return Fail(target.status());
  // The port that was bound: 0 asks for any.
  const std::string host = options->listen.substr(0, options->listen.rfind(':'));
  std::cout << "target listens on http://" << host << ':' << (*target)->port() << std::endl;
  interrupts.WaitFor(-1);
  return ExitCode::kPassed;
}

}  // namespace

Command AddTargetCommand(CLI::App& root) {
  CLI::App* app = root.add_subcommand("target",
                                      "Serve something to load: /ping /status/N /bytes/N /delay/MS "
                                      "/echo /drip /cookie /redirect /gzip, counters at /stats");
  const auto flags = std::make_shared<TargetFlags>();
  CLI::Option* port = app->add_option("--port", flags->port, "On 127.0.0.1; 0 takes any free one");
  port->option_text("N=8080")->check(CLI::Range(0, 65535));
  app->add_option("--listen", flags->listen, "Instead of --port")
      ->option_text("HOST:PORT")
      ->excludes(port);
  app->add_option("--threads", flags->threads, "Threads that serve")
      ->option_text("N=1")
      ->check(CLI::Range(1, 1024));
  CLI::Option* freeze_for =
      app->add_option("--freeze-for", flags->freeze_for, "Answer nothing for this long ...");
  CLI::Option* freeze_every =
      app->add_option("--freeze-every", flags->freeze_every, "... in each period of this length");
  freeze_for->option_text("D")->needs(freeze_every);
  freeze_every->option_text("D")->needs(freeze_for);
  AddExamples(app,
              {"loadctl target --port 8080", "loadctl target --freeze-for 1s --freeze-every 5s"});
  return {app, [flags] { return Execute(*flags); }};
}

}  // namespace loadfleet
