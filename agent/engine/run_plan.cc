#include "agent/engine/run_plan.h"

#include <sys/resource.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/http/request_bytes.h"

namespace loadfleet {
namespace {

// Listeners, epoll, the channels to the master, files: everything that is not a connection to the
// target.
constexpr uint64_t kOtherDescriptors = 64;

absl::Status CheckDescriptors(uint64_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (connections + kOtherDescriptors <= limit.rlim_cur) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("this agent's part of the plan needs up to ",
                                                   connections, " connections, and its limit is ",
                                                   limit.rlim_cur, " descriptors (ulimit -n)"));
}

absl::StatusOr<PreparedOrigin> ResolveOrigin(const v1::Origin& origin, TargetScope scope) {
  auto addresses = ResolveHost(origin.host(), static_cast<uint16_t>(origin.port()));
  if (!addresses.ok()) return addresses.status();
  for (const SocketAddress& address : *addresses) {
    if (absl::Status status = CheckTarget(address, scope); !status.ok()) return status;
  }
  return PreparedOrigin{*std::move(addresses)};
}

Nanos MaxWait(const v1::Scenario& scenario, const v1::Request& request) {
  const Nanos lateness = scenario.constant_arrival_rate().open().max_lateness_ns();
  return scenario.has_constant_arrival_rate() && lateness > 0 ? lateness
                                                              : request.timeouts().total_ns();
}

absl::StatusOr<RequestTemplate> MakeTemplate(const v1::Plan& plan, int index) {
  const v1::Scenario& scenario = plan.scenarios(index);
  if (scenario.executor_case() == v1::Scenario::EXECUTOR_NOT_SET ||
      static_cast<int>(scenario.flow()) >= plan.flows_size() ||
      plan.flows(static_cast<int>(scenario.flow())).steps_size() != 1 ||
      !plan.flows(static_cast<int>(scenario.flow())).steps(0).has_request()) {
    return absl::InvalidArgumentError(
        absl::StrCat("this agent cannot run the scenario '", scenario.name(), "'"));
  }
  const v1::Request& request = plan.flows(static_cast<int>(scenario.flow())).steps(0).request();
  RequestTemplate made;
  made.wire = RenderRequest(request, plan.connections().keep_alive());
  made.series = made.scenario = static_cast<uint32_t>(index);
  made.request = request.index();
  made.head = request.method() == "HEAD";
  made.connect_timeout = request.timeouts().connect_ns();
  made.first_byte_timeout = request.timeouts().first_byte_ns();
  made.total_timeout = request.timeouts().total_ns();
  made.max_wait = MaxWait(scenario, request);
  return made;
}

}  // namespace

Nanos DurationOf(const v1::Scenario& scenario) {
  return scenario.has_constant_vus() ? scenario.constant_vus().duration_ns()
                                     : scenario.constant_arrival_rate().duration_ns();
}

absl::StatusOr<std::unique_ptr<RunPlan>> PrepareRun(const v1::Prepare& message, TargetScope scope) {
  const v1::Plan& plan = message.plan();
  auto run = std::make_unique<RunPlan>();
  run->run_id = message.assignment().run_id();
  run->epoch = message.assignment().epoch();
  auto slots = SlotSet::FromBitmap(message.assignment().slots());
  if (!slots.ok()) return slots.status();
  run->slots = *std::move(slots);
  run->max_connections = plan.connections().max();
  run->keep_alive = plan.connections().keep_alive();

  std::map<std::string, uint32_t> known;
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    auto request = MakeTemplate(plan, i);
    if (!request.ok()) return request.status();
    const v1::Origin& origin =
        plan.flows(static_cast<int>(plan.scenarios(i).flow())).steps(0).request().origin();
    const auto [entry, fresh] =
        known.try_emplace(Authority(origin), static_cast<uint32_t>(run->origins.size()));
    if (fresh) {
      auto resolved = ResolveOrigin(origin, scope);
      if (!resolved.ok()) return resolved.status();
      run->origins.push_back(*std::move(resolved));
    }
    request->origin = entry->second;
    run->scenarios.push_back({plan.scenarios(i), *std::move(request)});
  }
  const uint64_t share = run->slots.CountBelow(run->max_connections);
  if (absl::Status status = CheckDescriptors(share * run->origins.size()); !status.ok()) {
    return status;
  }
  return run;
}

}  // namespace loadfleet
