#include "agent/engine/run_plan.h"

#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/connection/dns_resolver.h"
#include "agent/engine/planned_addresses.h"
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
                                             const v1::Plan& plan, const NetworkPolicy& network) {
  const v1::Origin& origin = request.origin();
  PreparedOrigin prepared;
  prepared.host = origin.host();
  prepared.port = static_cast<uint16_t>(origin.port());
  prepared.secure = origin.scheme() == v1::SCHEME_HTTPS;
  prepared.protocol = protocol;
  auto known =
      PlannedAddresses(prepared.host, prepared.port, plan.connections().unix_socket(), plan.dns());
  if (known.ok() && known->empty()) {
    known = ResolveHost(prepared.host, prepared.port);
    prepared.by_name = true;
  }
  if (!known.ok()) return known.status();
  prepared.addresses = *std::move(known);
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

RequestTemplate MakeTemplate(const v1::Plan& plan, const v1::Scenario& scenario,
                             const v1::Request& request) {
  RequestTemplate made;
  made.wire = RenderRequest(request, plan.connections().keep_alive());
  made.body_size = BodyOf(request).size();
  made.fields = RequestFields(request);
  made.request = request.index();
  made.head = request.method() == "HEAD";
  made.connect_timeout = request.timeouts().connect_ns();
  made.first_byte_timeout = request.timeouts().first_byte_ns();
  made.total_timeout = request.timeouts().total_ns();
  made.max_wait = MaxWait(scenario, request);
  return made;
}

// Whether a redirect or a capture may lead it to an origin that speaks HTTP/2.
bool MayNeedHttp2Elsewhere(const v1::Request& request) {
  return request.version() != v1::HTTP_VERSION_1_1 &&
         (request.redirects() > 0 || absl::StartsWith(request.target(), "{{"));
}

// Fills in requests, origins and scenarios.
class Preparation {
 public:
  Preparation(const v1::Plan& plan, const std::string& agent, Keep keep, RunPlan* run)
      : plan_(plan),
        agent_(agent),
        keep_(keep),
        setup_(plan.setup_values().begin(), plan.setup_values().end()),
        run_(*run) {
    // Not of the plan's seed: the same plan is run again, and whatever collects traces sees both.
    std::random_device device;
    trace_nonce_ = uint64_t{device()} << 32 | device();
  }

  absl::Status Add(uint32_t index) {
    const v1::Scenario& scenario = plan_.scenarios(static_cast<int>(index));
    if (scenario.executor_case() == v1::Scenario::EXECUTOR_NOT_SET) return CannotRun(scenario, "");
    PreparedScenario prepared;
    prepared.plan = scenario;
    prepared.flows.seed = plan_.seed();
    prepared.flows.scenario = index;
    prepared.flows.agent = agent_;
    prepared.flows.trace = {plan_.trace().sample(), trace_nonce_};
    for (const Stage& stage : StagesOf(scenario)) prepared.flows.stage_ends.push_back(stage.end);
    AddArrivalKeys(&prepared.flows);
    prepared.plan.set_most_iterations(MostIterationsWith(scenario, run_.slots));
    templates_.clear();
    for (const v1::WeightedFlow& chosen : FlowsOf(scenario)) {
      if (static_cast<int>(chosen.flow()) >= plan_.flows_size() || chosen.weight() == 0) {
        return CannotRun(scenario, "");
      }
      // Before any text asks for them: what a later step captures an earlier one may repeat.
      for (const v1::Request* request : RequestsOf(plan_.flows(static_cast<int>(chosen.flow())))) {
        for (const v1::Capture& capture : request->capture()) {
          SlotOf(capture.name(), &prepared.flows.captures);
        }
      }
      absl::Status status =
          AddFlow(plan_.flows(static_cast<int>(chosen.flow())), chosen.weight(), &prepared.flows);
      if (absl::IsInvalidArgument(status)) return CannotRun(scenario, status.message());
      if (!status.ok()) return status;
    }
    prepared.max_lateness = prepared.flows.programs.front().first->max_wait;
    run_.keys.groups.push_back(prepared.flows.groups);
    run_.scenarios.push_back(std::move(prepared));
    return absl::OkStatus();
  }

 private:
  static absl::Status CannotRun(const v1::Scenario& scenario, absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("this agent cannot run the scenario '",
                                                   scenario.name(), "'", why.empty() ? "" : ": ",
                                                   why));
  }

  // Its place in the list, at the end when it is new there.
  template <typename T>
  static uint32_t SlotOf(const T& value, std::vector<T>* list) {
    const auto found = std::find(list->begin(), list->end(), value);
    const auto slot = static_cast<uint32_t>(found - list->begin());
    if (found == list->end()) list->push_back(value);
    return slot;
  }

  absl::Status AddFlow(const v1::Flow& flow, uint64_t weight, ScenarioFlows* flows) {
    const v1::Scenario& scenario = plan_.scenarios(static_cast<int>(flows->scenario));
    const auto capture_slot = [&, flows](const std::string& name) -> absl::StatusOr<uint32_t> {
      const auto found = std::find(flows->captures.begin(), flows->captures.end(), name);
      if (found != flows->captures.end()) {
        return static_cast<uint32_t>(found - flows->captures.begin());
      }
      if (const auto column = FeederColumnOf(flow, name)) return SlotOfColumn(*column, name, flows);
      return absl::InvalidArgumentError(absl::StrCat("nothing captures '", name, "'"));
    };
    for (const v1::Request* request : RequestsOf(flow)) {
      if (templates_.contains(request->index())) continue;  // of a flow that is listed twice
      auto origin = OriginOf(*request);
      if (!origin.ok()) return origin.status();
      RequestTemplate& made = run_.requests.emplace_back(MakeTemplate(plan_, scenario, *request));
      made.scenario = flows->scenario;
      AddSeriesKeys(*flows, &made);
      made.origin = *origin;
      auto checks = ResponseChecks::Of(
          *request, [flows](const std::string& name) { return SlotOf(name, &flows->captures); });
      if (!checks.ok()) return checks.status();
      made.checks = checks->get();
      run_.checks.push_back(*std::move(checks));
      const bool http2 =
          run_.origins[*origin].protocol != Protocol::kHttp1 || MayNeedHttp2Elsewhere(*request);
      auto text =
          RequestText::Of(*request, plan_.connections().keep_alive(), http2, capture_slot, setup_);
      if (!text.ok()) return text.status();
      if (absl::Status status = SetText(*std::move(text), &made); !status.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("request '", request->name(), "': ", status.message()));
      }
      SetNavigation(*request, KeepsCookies(scenario, flow), &made);
      if (keep_ == Keep::kAll) KeepAll(&made);
      templates_[request->index()] = &made;
    }
    const auto request = [this](uint32_t index) { return templates_.at(index); };
    const auto group_slot = [flows](uint32_t index) { return SlotOf(index, &flows->groups); };
    auto program = CompileFlow(flow, {request, group_slot, capture_slot, setup_});
    if (!program.ok()) return program.status();
    for (const uint32_t feeder : flow.feeders()) {
      const auto feed = std::find_if(flows->feeds.begin(), flows->feeds.end(),
                                     [&](const Feed& known) { return known.feeder == feeder; });
      if (feed == flows->feeds.end()) continue;  // of which nothing is asked for
      program->feeds.push_back(static_cast<uint32_t>(feed - flows->feeds.begin()));
      program->has_state = true;
    }
    flows->programs.push_back(*std::move(program));
    flows->bounds.push_back(weight + (flows->bounds.empty() ? 0 : flows->bounds.back()));
    return absl::OkStatus();
  }

  // An arrival of one request has nobody to send its cookies back for.
  bool KeepsCookies(const v1::Scenario& scenario, const v1::Flow& flow) const {
    const bool alone = OpenModelOf(scenario) != nullptr && flow.steps_size() == 1 &&
                       flow.steps(0).has_request() && flow.steps(0).request().redirects() == 0;
    return plan_.cookies() && !alone;
  }

  // What is the same for every iteration costs as if it had been written so.
  absl::Status SetText(std::unique_ptr<const RequestText> text, RequestTemplate* request) {
    if (text != nullptr && text->constant()) {
      std::vector<HeaderField> fields = std::move(request->fields);
      absl::Status status = text->FillOnce(request);
      if (request->fields.empty()) request->fields = std::move(fields);
      return status;
    }
    request->text = text.get();
    run_.texts.push_back(std::move(text));
    return absl::OkStatus();
  }

  void SetNavigation(const v1::Request& request, bool cookies, RequestTemplate* made) {
    const ResponseInterest* checks = made->checks == nullptr ? nullptr : &made->checks->interest();
    const bool elsewhere = made->text != nullptr && made->text->may_lead_elsewhere();
    if (cookies || elsewhere || request.redirects() > 0) {
      run_.navigations.push_back(
          std::make_unique<const Navigation>(Navigation::Of(request, cookies, elsewhere, checks)));
      made->navigation = run_.navigations.back().get();
      checks = &made->navigation->interest;
    }
    if (checks != nullptr && checks->any()) made->interest = checks;
  }

  // Whoever looks at parts of a response finds them where they would be.
  void KeepAll(RequestTemplate* request) {
    ResponseInterest& whole = run_.interests.emplace_back();
    if (request->interest != nullptr) whole = *request->interest;
    whole.head = whole.body = whole.body_size = true;
    whole.only_cookies = false;
    request->interest = &whole;
  }

  struct FeederColumn {
    uint32_t feeder;
    uint32_t index;
  };

  // That `name` asks for: FEEDER.COLUMN of a feeder that the flow has.
  std::optional<FeederColumn> FeederColumnOf(const v1::Flow& flow, absl::string_view name) const {
    for (const uint32_t index : flow.feeders()) {
      if (static_cast<int>(index) >= plan_.feeders_size()) continue;
      const v1::Feeder& feeder = plan_.feeders(static_cast<int>(index));
      absl::string_view column = name;
      if (!absl::ConsumePrefix(&column, feeder.name()) || !absl::ConsumePrefix(&column, ".")) {
        continue;
      }
      const auto found = std::find(feeder.columns().begin(), feeder.columns().end(), column);
      if (found == feeder.columns().end()) continue;
      return FeederColumn{index, static_cast<uint32_t>(found - feeder.columns().begin())};
    }
    return std::nullopt;
  }

  // Those by which the agent counts through rows that it has for itself. One that has nothing to do
  // yet may get any iteration later.
  SlotSet SlotsFed(uint32_t scenario) const {
    const uint64_t vus = MostVus(plan_.scenarios(static_cast<int>(scenario)));
    const bool none = vus == 0 ? run_.slots.empty() : run_.slots.CountBelow(vus) == 0;
    return none ? SlotSet::All() : run_.slots;
  }

  uint32_t SlotOfColumn(const FeederColumn& asked, const std::string& name, ScenarioFlows* flows) {
    const v1::Feeder& feeder = plan_.feeders(static_cast<int>(asked.feeder));
    auto feed = std::find_if(flows->feeds.begin(), flows->feeds.end(),
                             [&](const Feed& known) { return known.feeder == asked.feeder; });
    if (feed == flows->feeds.end()) {
      feed = flows->feeds.insert(feed, Feed{asked.feeder,
                                            Feeding(plan_, asked.feeder, flows->scenario,
                                                    SlotsFed(flows->scenario), agent_),
                                            feeder.format(),
                                            {}});
    }
    const uint32_t slot = SlotOf(name, &flows->captures);
    const auto place =
        std::find_if(feed->columns.begin(), feed->columns.end(),
                     [&](const Feed::Column& column) { return column.index > asked.index; });
    feed->columns.insert(place, {asked.index, feeder.columns(static_cast<int>(asked.index)), slot});
    return slot;
  }

  // Counters come in a row for the stages of a scenario; what names them is the first stage's.
  void AddArrivalKeys(ScenarioFlows* flows) {
    flows->arrivals = static_cast<uint32_t>(run_.keys.arrivals.size());
    for (uint32_t stage = 0; stage < flows->stages(); ++stage) {
      run_.keys.arrivals.push_back({flows->scenario, stage});
    }
  }
  void AddSeriesKeys(const ScenarioFlows& flows, RequestTemplate* request) {
    request->series = static_cast<uint32_t>(run_.keys.series.size());
    for (uint32_t stage = 0; stage < flows.stages(); ++stage) {
      run_.keys.series.push_back({flows.scenario, stage, request->request});
    }
  }

  // The index of its pool.
  absl::StatusOr<uint32_t> OriginOf(const v1::Request& request) {
    const auto protocol = ProtocolOf(request);
    if (!protocol.ok()) return protocol.status();
    const auto [entry, fresh] = origins_.try_emplace({OriginText(request.origin()), *protocol},
                                                     static_cast<uint32_t>(run_.origins.size()));
    if (fresh) {
      auto resolved = ResolveOrigin(request, *protocol, plan_, run_.network);
      if (!resolved.ok()) return resolved.status();
      run_.origins.push_back(*std::move(resolved));
    }
    return entry->second;
  }

  const v1::Plan& plan_;
  const std::string& agent_;
  const Keep keep_;
  const TextTemplate::SetupValues setup_;
  RunPlan& run_;
  uint64_t trace_nonce_ = 0;
  std::map<std::pair<std::string, Protocol>, uint32_t> origins_;
  std::map<uint32_t, const RequestTemplate*> templates_;  // of one scenario, by Request.index
};

}  // namespace

void RunPlan::SetFeeder(uint32_t index, std::unique_ptr<const FeederFile> file) {
  feeders[index] = std::move(file);
  for (PreparedScenario& scenario : scenarios) {
    for (Feed& feed : scenario.flows.feeds) {
      if (feed.feeder == index) feed.file = feeders[index].get();
    }
  }
}

absl::StatusOr<std::unique_ptr<RunPlan>> PrepareRun(const v1::Prepare& message,
                                                    const NetworkPolicy& network,
                                                    const std::string& agent, Keep keep) {
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
  run->feeders.resize(static_cast<size_t>(plan.feeders_size()));

  Preparation preparation(plan, agent, keep, run.get());
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    absl::Status status = preparation.Add(static_cast<uint32_t>(i));
    if (!status.ok()) return status;
  }
  const bool secure =
      std::any_of(run->origins.begin(), run->origins.end(),
                  [](const PreparedOrigin& origin) { return origin.secure; }) ||
      std::any_of(run->navigations.begin(), run->navigations.end(),
                  [](const auto& navigation) { return navigation->leaves_its_origin(); });
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
