#include "common/report/summary_json.h"

#include <map>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/plan_shape.h"
#include "common/report/failure_table.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/report/threshold_json.h"
#include "common/report/trace_table.h"

namespace loadfleet {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(Nanos duration) {
  return static_cast<double>(duration) / kSecond;
}
double Millis(double micros) {
  return micros / 1e3;
}

Json Requests(const Measured& measured) {
  Json json;
  json["intended"] = measured.has_arrivals ? Json(measured.arrivals.intended) : Json(nullptr);
  json["started"] = measured.stats.started;
  json["completed"] = measured.stats.Completed();
  json["failed"] = measured.stats.Failed();
  json["dropped"] = measured.has_arrivals ? Json(measured.arrivals.Dropped()) : Json(nullptr);
  if (measured.stats.resent > 0) json["resent"] = measured.stats.resent;
  if (measured.stats.redirects > 0) json["redirects"] = measured.stats.redirects;
  return json;
}

Json Times(const Distribution& distribution) {
  Json json;
  json["mean_ms"] = Millis(distribution.mean_us);
  for (size_t i = 0; i < kReportedQuantiles.size(); ++i) {
    json[std::string(kReportedQuantiles[i].json)] = Millis(distribution.quantiles[i].micros);
  }
  json["count"] = distribution.count;
  return json;
}

Json ResponseTimes(const Distribution& distribution) {
  Json json = Times(distribution);
  json["censored"] = distribution.censored;
  json["lower_bounds"] = Json::array();
  for (size_t i = 0; i < kReportedQuantiles.size(); ++i) {
    if (distribution.quantiles[i].lower_bound) {
      json["lower_bounds"].push_back(kReportedQuantiles[i].json);
    }
  }
  return json;
}

Json Iterations(const Measured& measured) {
  Json json;
  json["intended"] = measured.arrivals.intended;
  json["started"] = measured.arrivals.started;
  json["completed"] = measured.iterations.completed;
  json["failed"] = measured.iterations.failed;
  json["interrupted"] = measured.iterations.interrupted;
  json["dropped"] = measured.arrivals.Dropped();
  return json;
}

Json Checks(const RequestStats& stats) {
  const uint64_t all = stats.checks_passed + stats.checks_failed;
  Json json;
  json["passed"] = stats.checks_passed;
  json["failed"] = stats.checks_failed;
  json["rate"] = all == 0
                     ? Json(nullptr)
                     : Json(static_cast<double>(stats.checks_passed) / static_cast<double>(all));
  return json;
}

absl::StatusOr<Json> OneGroup(const v1::GroupReport& group) {
  absl::StatusOr<Distribution> duration = Measure(group.stats());
  if (!duration.ok()) return duration.status();
  Json json;
  json["group"] = group.group();
  json["scenario"] = group.scenario();
  json["group_duration"] = ResponseTimes(*duration);
  return json;
}

Json Outcomes(const RequestStats& stats) {
  Json json = Json::object();
  for (const auto& [outcome, count] : OutcomesOf(stats)) {
    json[std::string(OutcomeName(outcome))] = count;
  }
  return json;
}

Json Statuses(const RequestStats& stats) {
  Json json = Json::object();
  for (const auto& [status, count] : StatusesOf(stats)) json[std::to_string(status)] = count;
  return json;
}

Json Bytes(const RequestStats& stats) {
  return Json{{"sent", stats.bytes_sent}, {"received", stats.bytes_received}};
}

Json Throughput(const RequestStats& stats, Nanos duration) {
  const double seconds = Seconds(duration);
  const auto per_second = [&](uint64_t bytes) {
    return seconds > 0 ? static_cast<double>(bytes) / seconds : 0.0;
  };
  return Json{{"sent_bytes_per_s", per_second(stats.bytes_sent)},
              {"received_bytes_per_s", per_second(stats.bytes_received)}};
}

void AddTimes(const Measured& measured, Json* json) {
  (*json)["response_time"] = ResponseTimes(measured.response_time);
  (*json)["service_time"] = Times(measured.service_time);
  (*json)["queue_wait"] = Times(measured.queue_wait);
  (*json)["lateness"] = Times(measured.lateness);
  (*json)["first_byte_time"] = Times(measured.first_byte_time);
  (*json)["body_time"] = Times(measured.body_time);
}

// Of connections, which belong to no stage.
void AddConnectionTimes(const Measured& measured, Json* json) {
  (*json)["connect_time"] = Times(measured.connect_time);
  (*json)["tls_time"] = Times(measured.tls_time);
}

Json Rates(const v1::Report& report) {
  Json json;
  const bool planned = report.planned_rate() > 0;
  json["planned"] = planned ? Json(report.planned_rate()) : Json(nullptr);
  json["achieved"] = report.achieved_rate();
  const double of_planned =
      report.has_planned_achieved_rate() ? report.planned_achieved_rate() : report.achieved_rate();
  json["planned_achieved"] = planned ? Json(of_planned) : Json(nullptr);
  return json;
}

absl::StatusOr<Json> OneStage(const v1::StageReport& stage) {
  absl::StatusOr<Measured> measured = Measure(stage.totals());
  if (!measured.ok()) return measured.status();
  const double seconds = Seconds(stage.duration_ns());
  Json json;
  json["scenario"] = stage.scenario();
  json["stage"] = stage.stage();
  json["index"] = stage.index();
  json["duration_s"] = seconds;
  json["measured"] = stage.measured();
  json["rate"]["planned"] = stage.planned_rate() > 0 ? Json(stage.planned_rate()) : Json(nullptr);
  json["rate"]["achieved"] =
      seconds > 0 ? static_cast<double>(measured->stats.Completed()) / seconds : 0.0;
  json["requests"] = Requests(*measured);
  AddTimes(*measured, &json);
  json["outcomes"] = Outcomes(measured->stats);
  json["status"] = Statuses(measured->stats);
  return json;
}

// By the names of the requests.
using TagsByRequest = std::map<std::string, const google::protobuf::Map<std::string, std::string>*>;

TagsByRequest TagsOf(const v1::Plan& plan) {
  TagsByRequest tags;
  for (const v1::Request* request : RequestsOf(plan)) tags[request->name()] = &request->tags();
  return tags;
}

absl::StatusOr<Json> OneRequest(const v1::RequestReport& request, const TagsByRequest& tags) {
  absl::StatusOr<Measured> measured = Measure(request.totals());
  if (!measured.ok()) return measured.status();
  Json json;
  json["request"] = request.request();
  json["scenario"] = request.scenario();
  json["tags"] = Json::object();
  if (const auto found = tags.find(request.request()); found != tags.end()) {
    const std::map<std::string, std::string> sorted(found->second->begin(), found->second->end());
    for (const auto& [name, value] : sorted) json["tags"][name] = value;
  }
  json["requests"] = Requests(*measured);
  json["bytes"] = Bytes(measured->stats);
  AddTimes(*measured, &json);
  AddConnectionTimes(*measured, &json);
  json["outcomes"] = Outcomes(measured->stats);
  json["status"] = Statuses(measured->stats);
  json["checks"] = Checks(measured->stats);
  return json;
}

absl::StatusOr<Json> OneAgent(const v1::AgentReport& agent) {
  absl::StatusOr<Measured> measured = Measure(agent.totals());
  if (!measured.ok()) return measured.status();
  Json json;
  json["agent"] = agent.agent_id();
  json["requests"] = Requests(*measured);
  json["cpu_s"] = static_cast<double>(agent.cpu_us()) / 1e6;
  json["busiest_worker_cpu"] = agent.busiest_worker_cpu();
  json["response_time"] = ResponseTimes(measured->response_time);
  json["lateness"] = Times(measured->lateness);
  json["state"] = agent.state();
  json["note"] = agent.note();
  json["windows"] =
      Json{{"applied", agent.windows_applied()}, {"duplicate", agent.windows_duplicate()}};
  json["reconciled"] = agent.reconciled();
  json["start_error_bound_ms"] =
      Millis(static_cast<double>(agent.offset_bound_ns()) / kMicrosecond);
  return json;
}

Json OneEpoch(const v1::EpochReport& epoch) {
  Json json;
  json["epoch"] = epoch.epoch();
  json["from_s"] = Seconds(epoch.effective_from_ns());
  json["reason"] = epoch.reason();
  json["shares"] = Json::array();
  for (const v1::EpochShare& share : epoch.shares()) {
    json["shares"].push_back(Json{{"agent", share.agent_id()}, {"share", share.share()}});
  }
  return json;
}

Json Second(const v1::TimelineSecond& second) {
  Json times;
  Json lower_bounds = Json::array();
  const auto add = [&](const char* field, const v1::Quantile& quantile) {
    times[field] = Millis(quantile.value_us());
    if (quantile.lower_bound()) lower_bounds.push_back(field);
  };
  add("p50_ms", second.response_time().p50());
  add("p90_ms", second.response_time().p90());
  add("p99_ms", second.response_time().p99());
  add("max_ms", second.response_time().max());
  times["count"] = second.response_time().count();
  times["lower_bounds"] = std::move(lower_bounds);

  Json json;
  json["second"] = second.second();
  json["intended"] = second.intended();
  json["started"] = second.started();
  json["completed"] = second.completed();
  json["failed"] = second.failed();
  json["dropped"] = second.dropped();
  json["response_time"] = std::move(times);
  return json;
}

Json About(const v1::Report& report) {
  Json json;
  json["version"] = 1;
  json["run"] = report.run_id();
  json["name"] = report.name();
  json["labels"] = Json::object();
  const std::map<std::string, std::string> labels(report.labels().begin(), report.labels().end());
  for (const auto& [key, value] : labels) json["labels"][key] = value;
  json["verdict"] = VerdictName(report.verdict());
  json["reasons"] = Json::array();
  for (const std::string& reason : report.reasons()) json["reasons"].push_back(reason);
  json["notes"] = Json::array();
  for (const std::string& note : report.notes()) json["notes"].push_back(note);
  json["started_at"] =
      report.started_at_ms() > 0 ? Json(FormatUtc(report.started_at_ms())) : Json(nullptr);
  json["duration_s"] = Seconds(report.duration_ns());
  json["planned_duration_s"] = Seconds(report.planned_duration_ns());
  json["coverage"] = report.coverage();
  json["reconciled"] = report.reconciled();
  json["start_error_bound_ms"] =
      Millis(static_cast<double>(report.start_error_bound_ns()) / kMicrosecond);
  return json;
}

}  // namespace

absl::StatusOr<std::string> SummaryJson(const v1::Report& report, JsonLayout layout) {
  absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();

  Json json = About(report);
  json["requests"] = Requests(*total);
  json["requests"]["unknown"] = report.unknown_arrivals();
  json["rate"] = Rates(report);
  json["bytes"] = Bytes(total->stats);
  json["throughput"] = Throughput(total->stats, report.duration_ns());
  AddTimes(*total, &json);
  AddConnectionTimes(*total, &json);
  json["outcomes"] = Outcomes(total->stats);
  json["status"] = Statuses(total->stats);
  json["checks"] = Checks(total->stats);
  json["iterations"] = Iterations(*total);
  json["iteration_duration"] = ResponseTimes(total->iteration_duration);
  json["groups"] = Json::array();
  for (const v1::GroupReport& group : report.groups()) {
    absl::StatusOr<Json> one = OneGroup(group);
    if (!one.ok()) return one.status();
    json["groups"].push_back(*std::move(one));
  }
  json["stages"] = Json::array();
  for (const v1::StageReport& stage : report.stages()) {
    absl::StatusOr<Json> one = OneStage(stage);
    if (!one.ok()) return one.status();
    json["stages"].push_back(*std::move(one));
  }
  json["requests_by_name"] = Json::array();
  const TagsByRequest tags = TagsOf(report.plan());
  for (const v1::RequestReport& request : report.requests()) {
    absl::StatusOr<Json> one = OneRequest(request, tags);
    if (!one.ok()) return one.status();
    json["requests_by_name"].push_back(*std::move(one));
  }
  json["agents"] = Json::array();
  for (const v1::AgentReport& agent : report.agents()) {
    absl::StatusOr<Json> one = OneAgent(agent);
    if (!one.ok()) return one.status();
    json["agents"].push_back(*std::move(one));
  }
  json["epochs"] = Json::array();
  for (const v1::EpochReport& epoch : report.epochs()) json["epochs"].push_back(OneEpoch(epoch));
  json["events"] = Json::array();
  for (const v1::RunEvent& event : report.events()) {
    json["events"].push_back(Json{{"at_s", Seconds(event.at_ns())}, {"text", event.text()}});
  }
  json["thresholds"] = ThresholdsJson(report.thresholds());
  json["failures"] = FailuresJson(report);
  json["slowest_traces"] = TracesJson(report);
  json["timeline"] = Json::array();
  for (const v1::TimelineSecond& second : report.timeline()) {
    json["timeline"].push_back(Second(second));
  }
  // Names may hold any bytes; a replaced character is better than a summary that cannot be written.
  return json.dump(layout == JsonLayout::kIndented ? 1 : -1, ' ', false,
                   Json::error_handler_t::replace);
}

}  // namespace loadfleet
