#include "common/plan/plan_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/nearest_word.h"
#include "common/plan/defaults_reader.h"
#include "common/plan/feeder_reader.h"
#include "common/plan/flow_name.h"
#include "common/plan/flow_reader.h"
#include "common/plan/outputs_reader.h"
#include "common/plan/reader.h"
#include "common/plan/request_reader.h"
#include "common/plan/scenario_reader.h"
#include "common/plan/secrets_reader.h"
#include "common/plan/setup_reader.h"
#include "common/plan/thresholds_reader.h"
#include "common/plan_shape.h"
#include "common/stages.h"
#include "common/units.h"

namespace loadfleet {
namespace {

constexpr uint64_t kSeeds = 999'999'999'999'999'999;  // what ParseCount reads
constexpr Nanos kStartDelay = 500 * kMillisecond;
constexpr uint32_t kOpenConnections = 1'000;
constexpr char kShortName[] = "default";  // of the short form's one scenario and flow

class PlanReader {
 public:
  PlanReader(const Node& root, const std::string& file, PlanFiles* files, Problems* problems)
      : root_(&root, "", root.place, problems), file_(file), files_(files), problems_(problems) {}

  v1::Plan Read() {
    ReadHead();
    root_.Know({"thresholds"});  // which come when there is what they select
    defaults_ = ReadDefaults(root_, files_, &connections_);
    *plan_.mutable_tls() = defaults_.tls;
    *plan_.mutable_dns() = defaults_.dns;
    if (defaults_.traced) *plan_.mutable_trace() = defaults_.trace;
    if (root_.Has("scenarios") || root_.Has("flows")) {
      ReadFullForm();
    } else {
      ReadShortForm();
    }
    CheckTargetIsThere();
    CheckVersion();
    SetName();
    SetConnections();
    plan_.set_cookies(defaults_.cookies.value_or(HasSessions()));
    if (problems_->empty()) CheckSeries();
    ReadThresholds(root_, &plan_);
    return std::move(plan_);
  }

 private:
  void ReadHead();
  void ReadAgents();
  void ReadValidity();
  void ReadShortForm();
  void ReadFullForm();
  void ReadScenarioEntry(const Entry& entry);
  void ReadScenarioFlows(MapReader& map, v1::Scenario* out);
  void CheckFlowsOf(const v1::Scenario& scenario, Place place);
  void CheckSeries();
  void CheckTargetIsThere();
  void CheckVersion();
  void SetName();
  void SetConnections();
  bool HasSessions() const;

  MapReader root_;
  const std::string& file_;
  PlanFiles* const files_;
  Problems* const problems_;
  HttpDefaults defaults_;
  ConnectionDefaults connections_;
  size_t flow_entries_ = 0;  // of the scenarios' lists together
  // Whether a flow, in an open model or in a closed one, asks for what the model has not.
  std::map<std::pair<uint32_t, bool>, bool> asks_;
  v1::Plan plan_;
};

void ReadTextMap(const Entry* entry, Problems* problems,
                 google::protobuf::Map<std::string, std::string>* out) {
  for (const Entry& label : NamedEntries(entry, limits::kLabels, problems)) {
    if (label.value.kind == Node::Kind::kRefused) continue;
    const std::string what = absl::StrCat("label `", Shown(label.key), "`");
    if (!CheckName(what, label.key, label.place, problems)) continue;
    if (label.value.kind != Node::Kind::kScalar) {
      problems->Add(label.value.place,
                    absl::StrCat(what, ": expected a text, got ", KindName(label.value.kind)));
      continue;
    }
    if (!CheckName(what, label.value.text, label.value.place, problems)) continue;
    (*out)[label.key] = label.value.text;
  }
}

void PlanReader::ReadHead() {
  static constexpr Choice<uint32_t> kVersions[] = {{"1", 1}};
  plan_.set_version(root_.OneOf<uint32_t>("version", kVersions).value_or(1));
  if (const Node* name = root_.Text("name", "a text")) {
    if (CheckName("`name`", name->text, name->place, problems_)) plan_.set_name(name->text);
  }
  ReadTextMap(root_.Find("labels"), problems_, plan_.mutable_labels());
  plan_.set_seed(root_.Count("seed", 0, kSeeds).value_or(0));
  ReadAgents();
  ReadValidity();
  ReadOutputs(root_.Map("outputs"), &plan_);
  ReadSecretNames(root_, &plan_);
}

void PlanReader::ReadAgents() {
  static constexpr Choice<v1::AgentPolicy::OnLoss> kOnLoss[] = {
      {"redistribute", v1::AgentPolicy::ON_LOSS_REDISTRIBUTE},
      {"continue", v1::AgentPolicy::ON_LOSS_CONTINUE},
      {"abort", v1::AgentPolicy::ON_LOSS_ABORT},
  };
  MapReader map = root_.Map("agents");
  v1::AgentPolicy& agents = *plan_.mutable_agents();
  agents.set_min(static_cast<uint32_t>(map.Count("min", 1, limits::kAgents).value_or(1)));
  ReadTextMap(map.Find("selector"), problems_, agents.mutable_selector());
  agents.set_on_loss(map.OneOf<v1::AgentPolicy::OnLoss>("on_loss", kOnLoss)
                         .value_or(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  agents.set_start_delay_ns(map.Duration("start_delay", 0, limits::kTimeout).value_or(kStartDelay));
  agents.set_elastic(map.Bool("elastic").value_or(false));
  map.Finish();
}

void PlanReader::ReadValidity() {
  MapReader map = root_.Map("validity");
  v1::Validity& validity = *plan_.mutable_validity();
  validity.set_max_lateness_p99_ns(
      map.Duration("max_lateness_p99", 0, limits::kTimeout).value_or(5 * kMillisecond));
  validity.set_max_worker_cpu(map.Share("max_worker_cpu").value_or(0.90));
  validity.set_min_coverage(map.Share("min_coverage").value_or(0.99));
  validity.set_min_achieved(map.Share("min_achieved").value_or(0.98));
  map.Finish();
}

// `api/ping` of /api/ping?x=1; "/" stays.
std::string NameOfTarget(absl::string_view target) {
  target = target.substr(0, target.find('?'));
  const absl::string_view path = target.size() > 1 ? target.substr(1) : target;
  return std::string(path.substr(0, limits::kNameBytes));
}

void PlanReader::ReadShortForm() {
  v1::Flow& flow = *plan_.add_flows();
  flow.set_name(kShortName);
  flow.set_on_error(v1::Flow::ON_ERROR_NEXT_ITERATION);
  v1::Request& request = *flow.add_steps()->mutable_request();
  VariableUses uses;
  request = ReadRequest(root_, defaults_, files_, &uses);
  request.set_name(NameOfTarget(request.target()));
  v1::Scenario& scenario = *plan_.add_scenarios();
  scenario = ReadShortScenario(root_, request.timeouts().total_ns());
  scenario.set_name(kShortName);
  RefuseSetupAndTeardown(root_, uses.TakeSetup(), defaults_.setup_uses);
  uses.Check(flow, plan_, problems_);
  CheckFlowsOf(scenario, root_.place());
  root_.Know({"scenarios", "flows"});
  // A flow's steps, and a list of flows, belong into the full form; here nobody knows of which
  // flow.
  root_.Refuse({"think", "group", "if", "repeat", "steps", "on_error", "feed"},
               "belongs into a flow, of the full form with `scenarios` and `flows`");
  root_.Refuse({"feeders"}, "is of the full form with `scenarios` and `flows`");
  root_.Finish();
}

void PlanReader::ReadFullForm() {
  root_.Require("scenarios", "scenarios: {main: {executor: constant-vus, ...}}");
  root_.Require("flows", "flows: {main: {steps: [{request: home, get: /}]}}");
  root_.Refuse(RequestKeys(),
               "is of the short form: beside `scenarios` and `flows` it belongs into a flow");
  root_.Refuse(LoadKeys(),
               "is of the short form: beside `scenarios` and `flows` it belongs into a scenario");
  FeederReader feeders(files_, problems_);
  feeders.Read(root_.Find("feeders"), &plan_);
  FlowReader flows(defaults_, files_, problems_);
  for (const Entry& flow : NamedEntries(root_.Find("flows"), limits::kRequests, problems_)) {
    v1::Flow read = flows.Read(flow, plan_, &feeders);
    *plan_.add_flows() = std::move(read);
  }
  for (const Entry& scenario :
       NamedEntries(root_.Find("scenarios"), limits::kScenarios, problems_)) {
    ReadScenarioEntry(scenario);
  }
  feeders.CheckUse(&plan_);
  ReadSetupAndTeardown(root_, flows.setup_uses(), defaults_.setup_uses, &plan_);
  root_.Finish();
}

void PlanReader::ReadScenarioEntry(const Entry& entry) {
  const std::string what = absl::StrCat("scenario `", Shown(entry.key), "`");
  CheckName(what, entry.key, entry.place, problems_);
  MapReader map(&entry.value, what, entry.place, problems_);
  v1::Scenario flows;
  ReadScenarioFlows(map, &flows);
  Nanos total = defaults_.timeouts.total_ns();
  const uint32_t first = FlowsOf(flows).front().flow();
  if (static_cast<int>(first) < plan_.flows_size()) {
    const auto requests = RequestsOf(plan_.flows(static_cast<int>(first)));
    if (!requests.empty()) total = requests.front()->timeouts().total_ns();
  }
  v1::Scenario& scenario = *plan_.add_scenarios();
  scenario = ReadScenario(map, total);
  scenario.set_name(entry.key);
  scenario.set_flow(flows.flow());
  *scenario.mutable_flows() = flows.flows();
  map.Finish();
  CheckFlowsOf(scenario, entry.place);
}

// `flow: main`, or `flows: [{flow: main, weight: 3}, ...]`.
void PlanReader::ReadScenarioFlows(MapReader& map, v1::Scenario* out) {
  if (!map.Has("flows")) {
    map.Require("flow", "flow: main");
    out->set_flow(FindFlow(map, plan_).value_or(0));
    return;
  }
  map.Refuse({"flow"}, "excludes `flows`: one of them says what is done");
  const Entry* flows = map.Find("flows");
  if (flows == nullptr) return;
  const Node& list = flows->value;
  if (list.kind != Node::Kind::kSequence || list.items.empty()) {
    map.Add("flows", list.place, "expected a list such as [{flow: buy, weight: 1}]");
    return;
  }
  // Each has a request at least, which is a series.
  flow_entries_ += list.items.size();
  if (flow_entries_ > limits::kSeries) {
    map.Add("flows", list.place,
            absl::StrCat("the scenarios' lists have ", flow_entries_,
                         " flows together, the limit is ", limits::kSeries));
    return;
  }
  for (const Node& item : list.items) {
    MapReader entry(&item, "entry of `flows`", item.place, problems_);
    v1::WeightedFlow& flow = *out->add_flows();
    entry.Require("flow", "flow: main");
    flow.set_flow(FindFlow(entry, plan_).value_or(0));
    flow.set_weight(static_cast<uint32_t>(entry.Count("weight", 1, limits::kWeight).value_or(1)));
    entry.Finish();
  }
}

void PlanReader::CheckFlowsOf(const v1::Scenario& scenario, Place place) {
  const bool open = OpenModelOf(scenario) != nullptr;
  if (!open && MostVus(scenario) == 0) return;  // whatever it is, it has a problem already
  for (const v1::WeightedFlow& chosen : FlowsOf(scenario)) {
    if (static_cast<int>(chosen.flow()) >= plan_.flows_size()) continue;
    const v1::Flow& flow = plan_.flows(static_cast<int>(chosen.flow()));
    const absl::string_view foreign = open ? "vu" : "arrival";
    // A flow's texts are looked at once, however many scenarios have it.
    const auto [asks, fresh] = asks_.try_emplace({chosen.flow(), open});
    if (fresh) asks->second = AsksFor(flow, foreign);
    if (asks->second) {
      problems_->Add(place,
                     absl::StrCat("scenario `", Shown(scenario.name()), "`: its flow `",
                                  Shown(flow.name()), "` asks for {{ ", foreign, " }}, which ",
                                  open ? "an open" : "a closed", " model has not"));
    }
    if (!open || flow.on_error() != v1::Flow::ON_ERROR_STOP_VU) continue;
    problems_->Add(place, absl::StrCat("scenario `", Shown(scenario.name()), "`: its flow `",
                                       Shown(flow.name()),
                                       "` has `on_error: stop_vu`, and an "
                                       "open model has no VUs"));
    return;
  }
}

void PlanReader::CheckSeries() {
  std::vector<size_t> requests;
  for (const v1::Flow& flow : plan_.flows()) requests.push_back(RequestsOf(flow).size());
  size_t series = 0;
  for (const v1::Scenario& scenario : plan_.scenarios()) {
    const size_t stages = std::max<size_t>(1, StagesOf(scenario).size());
    for (const v1::WeightedFlow& flow : FlowsOf(scenario)) {
      series += stages * requests[flow.flow()];
    }
  }
  if (series <= limits::kSeries) return;
  problems_->Add(root_.place(),
                 absl::StrCat("the scenarios have ", series,
                              " requests times stages together, the limit is ", limits::kSeries));
}

void PlanReader::CheckTargetIsThere() {
  for (const v1::Request* request : RequestsOf(plan_)) {
    // One with a method and no target has a path that is wrong, which says nothing about `target`.
    if (request->has_origin() || (!request->method().empty() && request->target().empty()))
      continue;
    root_.Require("target", "target: http://localhost:8080");
    return;
  }
}

// HTTP/2 has a name of its own over clear text, so that nobody gets the other by mistake.
void PlanReader::CheckVersion() {
  const bool h2 = defaults_.version == v1::HTTP_VERSION_2;
  if (!h2 && defaults_.version != v1::HTTP_VERSION_H2C) return;
  const v1::Scheme needed = h2 ? v1::SCHEME_HTTPS : v1::SCHEME_HTTP;
  for (const v1::Request* request : RequestsOf(plan_)) {
    if (!request->has_origin() || request->origin().scheme() == needed) continue;
    problems_->Add(defaults_.version_place,
                   h2 ? "`version`: `2` is HTTP/2 over TLS, which needs an https:// target; over "
                        "clear text it is `h2c`"
                      : "`version`: `h2c` is HTTP/2 over clear text, which needs an http:// "
                        "target; over TLS it is `2`");
    return;
  }
}

// Whether any iteration has a second request to send a cookie with: then users expect it to be
// sent, and else nobody need look for one.
bool PlanReader::HasSessions() const {
  return std::any_of(plan_.flows().begin(), plan_.flows().end(), [](const v1::Flow& flow) {
    const bool alone = flow.steps_size() == 1 && flow.steps(0).has_request();
    return !alone || flow.steps(0).request().redirects() > 0;
  });
}

// The file's name without folders and ending; without a file, where the load goes.
void PlanReader::SetName() {
  if (!plan_.name().empty()) return;
  absl::string_view name = file_;
  name = name.substr(name.rfind('/') + 1);  // npos + 1 is 0
  name = name.substr(0, name.rfind('.'));
  const auto requests = RequestsOf(plan_);
  if (name.empty() && !requests.empty()) name = requests.front()->origin().host();
  plan_.set_name(std::string(name.substr(0, limits::kNameBytes)));
}

void PlanReader::SetConnections() {
  uint64_t vus = 0;
  bool open = false;
  for (const v1::Scenario& scenario : plan_.scenarios()) {
    vus += MostVus(scenario);
    open = open || OpenModelOf(scenario) != nullptr;
  }
  if (vus > limits::kVus) {
    problems_->Add(root_.place(), absl::StrCat("the scenarios have ", vus,
                                               " VUs together, the limit is ", limits::kVus));
  }
  const bool http2 =
      defaults_.version == v1::HTTP_VERSION_2 || defaults_.version == v1::HTTP_VERSION_H2C;
  const uint64_t at_a_time = http2 ? connections_.max_streams : connections_.pipelining;
  vus = (vus + at_a_time - 1) / at_a_time;
  const uint64_t fallback = vus + (open ? kOpenConnections : 0);
  plan_.mutable_connections()->set_max(connections_.max.value_or(
      static_cast<uint32_t>(std::min<uint64_t>(fallback, limits::kConnections))));
  v1::ConnectionPolicy& policy = *plan_.mutable_connections();
  policy.set_keep_alive(connections_.keep_alive);
  policy.set_max_streams(connections_.max_streams);
  policy.set_pipelining(connections_.pipelining);
  policy.set_max_requests(connections_.max_requests);
  policy.set_lifetime_ns(connections_.lifetime);
  policy.set_warm(connections_.warm);
  policy.set_unix_socket(connections_.unix_socket);
}

}  // namespace

v1::Plan ReadPlan(const Node& root, const std::string& file, PlanFiles* files, Problems* problems) {
  if (root.kind != Node::Kind::kMap && root.kind != Node::Kind::kNull) {
    problems->Add(root.place, absl::StrCat("a plan is a map of keys, not ", KindName(root.kind)));
    return {};
  }
  return PlanReader(root, file, files, problems).Read();
}

}  // namespace loadfleet
