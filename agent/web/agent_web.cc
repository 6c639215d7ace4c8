#include "agent/web/agent_web.h"

#include <utility>
#include <vector>

#include "agent/web/agent_metrics.h"
#include "common/web/metrics.h"

namespace loadfleet {
namespace {

HttpResponse Metrics(const AgentCondition& condition) {
  std::vector<prometheus::MetricFamily> families = AgentMetrics(condition);
  families.push_back(BuildInfo("loadagent"));
  for (auto& family : ProcessMetrics()) families.push_back(std::move(family));
  return MetricsPage(families);
}

HttpResponse Health(const AgentCondition& condition) {
  if (!condition.registered) {
    return {503, HttpResponse().content_type, "not registered with the master\n"};
  }
  if (condition.lease_left <= 0) {
    return {503, HttpResponse().content_type, "no lease: the master does not answer heartbeats\n"};
  }
  return {200, HttpResponse().content_type, "ok\n"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<AgentWeb>> AgentWeb::Start(
    absl::string_view listen, bool insecure_listen,
    const std::function<AgentCondition()>& condition) {
  auto listener = HttpListener::Start(listen, insecure_listen,
                                      {{"/metrics", [condition] { return Metrics(condition()); }},
                                       {"/healthz", [condition] { return Health(condition()); }}});
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<AgentWeb>(new AgentWeb(*std::move(listener)));
}

}  // namespace loadfleet
