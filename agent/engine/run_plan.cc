#include "agent/engine/run_plan.h"

#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/connection/dns_resolver.h"
#include "agent/http/request_bytes.h"
#include "common/plan_shape.h"
#include "common/stages.h"

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

absl::StatusOr<Protocol> ProtocolOf(const v1::Request& request) {
  const bool secure = request.origin().scheme() == v1::SCHEME_HTTPS;
  switch (request.version()) {
    case v1::HTTP_VERSION_AUTO:
      return secure ? Protocol::kByAlpn : Protocol::kHttp1;
    case v1::HTTP_VERSION_1_1:
      return Protocol::kHttp1;
    case v1::HTTP_VERSION_2:
      if (secure) return Protocol::kHttp2;
      break;
    case v1::HTTP_VERSION_H2C:
      if (!secure) return Protocol::kHttp2;
      break;
    default:
      break;
  }
  return absl::InvalidArgumentError("this agent cannot speak the plan's version of HTTP");
}

absl::StatusOr<PreparedOrigin> ResolveOrigin(const v1::Request& request, Protocol protocol,
                                             const std::string& unix_socket,
                                             const NetworkPolicy& network) {
  const v1::Origin& origin = request.origin();
  PreparedOrigin prepared;
  prepared.host = origin.host();
  prepared.port = static_cast<uint16_t>(origin.port());
  prepared.secure = origin.scheme() == v1::SCHEME_HTTPS;
  prepared.protocol = protocol;
  if (!unix_socket.empty()) {
    auto address = UnixAddress(unix_socket);
    if (!address.ok()) return address.status();
    prepared.addresses = {*address};
  } else if (auto address = ParseIpAddress(prepared.host, prepared.port); address.ok()) {
    prepared.addresses = {*address};
  } else {
    auto addresses = ResolveHost(prepared.host, prepared.port);
    if (!addresses.ok()) return addresses.status();
    prepared.addresses = *std::move(addresses);
    prepared.by_name = true;
  }
  absl::Status unreachable;
  const auto out_of_reach = [&](const SocketAddress& address) {
    const absl::Status status = CheckReach(address, network);
    unreachable.Update(status);
    return absl::IsFailedPrecondition(status);
  };
  auto& addresses = prepared.addresses;
  addresses.erase(std::remove_if(addresses.begin(), addresses.end(), out_of_reach),
                  addresses.end());
  // One address that is refused is enough; one that cannot be reached is not.
  if (absl::IsPermissionDenied(unreachable) || addresses.empty()) return unreachable;
  return prepared;
}

std::string OriginText(const v1::Origin& origin) {
  return absl::StrCat(origin.scheme() == v1::SCHEME_HTTPS ? "https://" : "http://",
                      Authority(origin));
}

Nanos MaxWait(const v1::Scenario& scenario, const v1::Request& request) {
  const v1::OpenModel* open = OpenModelOf(scenario);
  return open != nullptr && open->max_lateness_ns() > 0 ? open->max_lateness_ns()
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
  made.body_size = request.body().size();
  made.fields = RequestFields(request);
  made.scenario = static_cast<uint32_t>(index);
  made.request = request.index();
  made.head = request.method() == "HEAD";
  made.connect_timeout = request.timeouts().connect_ns();
  made.first_byte_timeout = request.timeouts().first_byte_ns();
  made.total_timeout = request.timeouts().total_ns();
  made.max_wait = MaxWait(scenario, request);
  for (const Stage& stage : StagesOf(scenario)) made.stage_ends.push_back(stage.end);
  return made;
}

// Gives the request its counters: the same ones in a row for each stage of its scenario, the first
// one's being what the template names.
void AddKeys(RequestTemplate* request, RecordingKeys* keys) {
  request->series = static_cast<uint32_t>(keys->series.size());
  request->arrivals = static_cast<uint32_t>(keys->arrivals.size());
  const size_t stages = std::max<size_t>(1, request->stage_ends.size());
  for (uint32_t stage = 0; stage < stages; ++stage) {
    keys->series.push_back({request->scenario, stage, request->request});
    keys->arrivals.push_back({request->scenario, stage});
  }
  ++keys->scenarios;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunPlan>> PrepareRun(const v1::Prepare& message,
                                                    const NetworkPolicy& network) {
  const v1::Plan& plan = message.plan();
  auto run = std::make_unique<RunPlan>();
  run->run_id = message.assignment().run_id();
  run->epoch = message.assignment().epoch();
  auto slots = SlotSet::FromBitmap(message.assignment().slots());
  if (!slots.ok()) return slots.status();
  run->slots = *std::move(slots);
  run->connections = plan.connections();
  run->dns = plan.dns();
  run->network = network;
  run->seed = plan.seed();

  std::map<std::pair<std::string, Protocol>, uint32_t> known;
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    auto request = MakeTemplate(plan, i);
    if (!request.ok()) return request.status();
    const v1::Request& asked =
        plan.flows(static_cast<int>(plan.scenarios(i).flow())).steps(0).request();
    auto protocol = ProtocolOf(asked);
    if (!protocol.ok()) return protocol.status();
    const auto [entry, fresh] = known.try_emplace({OriginText(asked.origin()), *protocol},
                                                  static_cast<uint32_t>(run->origins.size()));
    if (fresh) {
      auto resolved = ResolveOrigin(asked, *protocol, plan.connections().unix_socket(), network);
      if (!resolved.ok()) return resolved.status();
      run->origins.push_back(*std::move(resolved));
    }
    request->origin = entry->second;
    AddKeys(&*request, &run->keys);
    run->scenarios.push_back({plan.scenarios(i), *std::move(request)});
  }
  const bool secure = std::any_of(run->origins.begin(), run->origins.end(),
                                  [](const PreparedOrigin& origin) { return origin.secure; });
  if (secure) {
    auto material = TlsMaterial::Read(plan.tls());
    if (!material.ok()) return material.status();
    run->tls = *std::move(material);
  }
  const uint64_t share = run->slots.CountBelow(run->connections.max());
  if (absl::Status status = CheckDescriptors(share * run->origins.size()); !status.ok()) {
    return status;
  }
  return run;
}

}  // namespace loadfleet
