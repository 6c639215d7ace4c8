// `loadctl agents`: who is in the fleet and how it is.
#include <iostream>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/report/format.h"
#include "loadctl/client/api_client.h"
#include "loadctl/commands/command.h"
#include "loadctl/terminal/table.h"
#include "loadctl/terminal/words.h"

namespace loadfleet {
namespace {

struct AgentsFlags {
  bool json = false;
};

double Micros(Nanos duration) {
  return static_cast<double>(duration) / kMicrosecond;
}

std::map<std::string, std::string> LabelsOf(const v1::AgentEntry& agent) {
  return {agent.labels().begin(), agent.labels().end()};
}

std::string ToTable(const v1::ListAgentsReply& reply) {
  Table table({"AGENT", "HEALTH", "STATE", "RUN", "WORKERS", "WEIGHT", "HEARTBEAT", "CLOCK",
               "VERSION", "PEER", "LABELS"});
  for (const v1::AgentEntry& agent : reply.agents()) {
    const bool measured = agent.offset_bound_ns() > 0;
    table.AddRow(
        {agent.agent_id(), std::string(AgentHealthName(agent.health())),
         std::string(AgentStateName(agent.state())), agent.run_id().empty() ? "-" : agent.run_id(),
         absl::StrCat(agent.capacity().workers()), absl::StrCat(agent.capacity().weight()),
         absl::StrCat(FormatMicros(Micros(agent.heartbeat_age_ns())), " ago"),
         measured ? absl::StrCat("+-", FormatMicros(Micros(agent.offset_bound_ns()))) : "-",
         agent.version(), agent.peer(),
         absl::StrJoin(LabelsOf(agent), ",", absl::PairFormatter("="))});
  }
  return table.ToText();
}

std::string ToJson(const v1::ListAgentsReply& reply) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const v1::AgentEntry& agent : reply.agents()) {
    Json json;
    json["agent"] = agent.agent_id();
    json["health"] = std::string(AgentHealthName(agent.health()));
    json["state"] = std::string(AgentStateName(agent.state()));
    json["run"] = agent.run_id().empty() ? Json(nullptr) : Json(agent.run_id());
    json["workers"] = agent.capacity().workers();
    json["weight"] = agent.capacity().weight();
    json["heartbeat_age_ms"] = Micros(agent.heartbeat_age_ns()) / 1e3;
    json["clock_error_bound_ms"] = Micros(agent.offset_bound_ns()) / 1e3;
    json["version"] = agent.version();
    json["peer"] = agent.peer();
    json["labels"] = Json::object();
    for (const auto& [key, value] : LabelsOf(agent)) json["labels"][key] = value;
    list.push_back(std::move(json));
  }
  return list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ExitCode Execute(const AgentsFlags& flags, const GlobalFlags& globals) {
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  const absl::StatusOr<v1::ListAgentsReply> reply = client->ListAgents();
  if (!reply.ok()) return Fail(reply.status());
  std::cout << (flags.json ? ToJson(*reply) : ToTable(*reply));
  return ExitCode::kPassed;
}

}  // namespace

Command AddAgentsCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app = root.add_subcommand("agents", "List the agents of the fleet");
  const auto flags = std::make_shared<AgentsFlags>();
  app->add_flag("--json", flags->json, "As a JSON array");
  AddExamples(app, {"loadctl agents", "loadctl --master 10.0.0.5:7070 agents --json"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
