// `loadctl stop`: end a run early, or all of them.
#include <iostream>
#include <memory>

#include "common/report/format.h"
#include "loadctl/client/api_client.h"
#include "loadctl/commands/command.h"

namespace loadfleet {
namespace {

struct StopFlags {
  std::string run;
  bool all = false;
};

ExitCode Execute(const StopFlags& flags, const GlobalFlags& globals) {
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  v1::StopRequest request;
  request.set_run_id(flags.run);
  request.set_all(flags.all);
  request.set_reason("stopped by loadctl stop");
  const absl::StatusOr<v1::StopReply> reply = client->Stop(request);
  if (!reply.ok()) return Fail(reply.status());
  for (const std::string& run : reply->run_ids()) {
    std::cout << Printable(run) << " was told to stop\n";
  }
  if (reply->run_ids().empty()) std::cout << "nothing to stop\n";
  return ExitCode::kPassed;
}

}  // namespace

Command AddStopCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app = root.add_subcommand("stop", "Stop a run; it still gets its report");
  const auto flags = std::make_shared<StopFlags>();
  CLI::Option* run =
      app->add_option("RUN", flags->run, "The newest one that has not ended when absent")
          ->option_text(" ");
  app->add_flag("--all", flags->all, "Every run that has not ended")->excludes(run);
  AddExamples(app, {"loadctl stop", "loadctl stop r-0007", "loadctl stop --all"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
