// `loadctl runs`: what the master's store knows, the newest first.
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "common/report/format.h"
#include "common/report/measured.h"
#include "loadctl/client/api_client.h"
#include "loadctl/commands/command.h"
#include "loadctl/terminal/table.h"
#include "loadctl/terminal/words.h"

namespace loadfleet {
namespace {

constexpr uint32_t kDefaultLimit = 20;

struct RunsFlags {
  uint32_t limit = kDefaultLimit;
  bool json = false;
};

bool Ended(const v1::RunEntry& run) {
  return run.state() == v1::RUN_STATE_ENDED;
}

std::string ToTable(const v1::ListRunsReply& reply) {
  Table table({"RUN", "NAME", "STATE", "VERDICT", "STARTED", "DURATION", "COMPLETED", "RATE"});
  for (const v1::RunEntry& run : reply.runs()) {
    table.AddRow({run.run_id(), run.name(), std::string(RunStateName(run.state())),
                  Ended(run) ? std::string(VerdictName(run.verdict())) : "-",
                  run.started_at_ms() > 0 ? FormatUtc(run.started_at_ms()) : "-",
                  FormatElapsed(run.duration_ns()), FormatCount(run.completed()),
                  FormatRate(run.achieved_rate()) + "/s"});
  }
  return table.ToText();
}

std::string ToJson(const v1::ListRunsReply& reply) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const v1::RunEntry& run : reply.runs()) {
    Json json;
    json["run"] = run.run_id();
    json["name"] = run.name();
    json["labels"] = Json::object();
    for (const auto& [key, value] : run.labels()) json["labels"][key] = value;
    json["state"] = std::string(RunStateName(run.state()));
    json["verdict"] = Ended(run) ? Json(VerdictName(run.verdict())) : Json(nullptr);
    json["started_at"] =
        run.started_at_ms() > 0 ? Json(FormatUtc(run.started_at_ms())) : Json(nullptr);
    json["duration_s"] = static_cast<double>(run.duration_ns()) / kSecond;
    json["completed"] = run.completed();
    json["rate"] = Json{{"achieved", run.achieved_rate()}};
    list.push_back(std::move(json));
  }
  return list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ExitCode Execute(const RunsFlags& flags, const GlobalFlags& globals) {
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  const absl::StatusOr<v1::ListRunsReply> reply = client->ListRuns(flags.limit);
  if (!reply.ok()) return Fail(reply.status());
  std::cout << (flags.json ? ToJson(*reply) : ToTable(*reply));
  return ExitCode::kPassed;
}

}  // namespace

Command AddRunsCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app = root.add_subcommand("runs", "List runs, the newest first");
  const auto flags = std::make_shared<RunsFlags>();
  app->add_option("--limit", flags->limit, "At most this many")
      ->option_text("N=" + std::to_string(kDefaultLimit))
      ->check(CLI::Range(1, 1000));
  app->add_flag("--json", flags->json, "As a JSON array");
  AddExamples(app, {"loadctl runs --limit 5", "loadctl runs --json"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
