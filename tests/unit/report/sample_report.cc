#include "tests/unit/report/sample_report.h"

#include <utility>

#include "common/clock.h"
#include "common/stats/iteration_stats.h"
#include "common/stats/request_stats.h"

namespace loadfleet {
namespace {

void AddOk(RequestStats* stats, uint64_t count, uint64_t response_us) {
  stats->started += count;
  stats->outcomes[static_cast<size_t>(Outcome::kOk)] += count;
  stats->statuses.Add(200, count);
  stats->bytes_sent += 100 * count;
  stats->bytes_received += 1'000 * count;
  stats->response_time.RecordMany(response_us, count);
  stats->service_time.RecordMany(response_us - 20, count);
  stats->queue_wait.RecordMany(15, count);
  stats->lateness.RecordMany(5, count);
}

// Four requests of agent a1: all of "read".
RequestStats First() {
  RequestStats stats;
  AddOk(&stats, 4, 100);
  return stats;
}

// Five requests of agent a2: three ok, a 503 and a timeout after two seconds, all of "write"; one
// more was dropped.
RequestStats Second() {
  RequestStats stats;
  AddOk(&stats, 3, 1'500);
  stats.started += 2;
  stats.outcomes[static_cast<size_t>(Outcome::kBadStatus)] = 1;
  stats.statuses.Add(503, 1);
  stats.response_time.Record(40'000);
  stats.service_time.Record(39'980);
  stats.outcomes[static_cast<size_t>(Outcome::kTotalTimeout)] = 1;
  stats.response_time_censored.Record(2'000'000);
  stats.response_time_censored.Record(2'500'000);  // the dropped arrival
  stats.queue_wait.RecordMany(15, 2);
  stats.lateness.RecordMany(5, 2);
  return stats;
}

void SetTotals(const RequestStats& stats, uint64_t intended, uint64_t dropped, v1::Totals* totals) {
  stats.ToProto(totals->mutable_requests());
  totals->mutable_arrivals()->set_intended(intended);
  totals->mutable_arrivals()->set_started(stats.started);
  totals->mutable_arrivals()->set_dropped_late(dropped);
}

void AddAgent(const char* name, const RequestStats& stats, uint64_t dropped, v1::Report* report) {
  v1::AgentReport* agent = report->add_agents();
  agent->set_agent_id(name);
  agent->set_incarnation(1);
  agent->set_state("done");
  SetTotals(stats, 5, dropped, agent->mutable_totals());
  agent->set_cpu_us(1'250'000);
  agent->set_busiest_worker_cpu(0.5);
  agent->set_offset_bound_ns(150 * kMicrosecond);
  agent->set_windows_applied(3);
  agent->set_windows_duplicate(1);
  agent->set_reconciled(true);
}

void AddStage(const char* name, bool measured, Nanos duration, double planned_rate,
              const RequestStats& stats, v1::Report* report) {
  v1::StageReport* stage = report->add_stages();
  stage->set_scenario("default");
  stage->set_stage(name);
  stage->set_index(static_cast<uint32_t>(report->stages_size()) - 1);
  stage->set_measured(measured);
  stage->set_duration_ns(duration);
  stage->set_planned_rate(planned_rate);
  SetTotals(stats, stats.started, 0, stage->mutable_totals());
}

}  // namespace

void AddStages(v1::Report* report) {
  AddStage("warmup", false, kSecond / 2, 10, First(), report);
  AddStage("", true, 3 * kSecond / 2, 0, Second(), report);
}

void AddThresholds(v1::Report* report) {
  const auto add = [report](const char* metric, const char* expr, bool ok, double value,
                            double limit, const char* unit) {
    v1::ThresholdResult* result = report->add_thresholds();
    result->set_metric(metric);
    result->set_expr(expr);
    result->set_ok(ok);
    result->set_value(value);
    result->set_limit(limit);
    result->set_unit(unit);
    return result;
  };
  add("dropped", "count < 2", true, 1, 2, "");
  v1::ThresholdResult* slow =
      add("response_time{request=write}", "p(99) < 250ms", false, 2'500, 250, "ms");
  slow->set_lower_bound(true);
  slow->set_aborted(true);
  add("tls_time", "max < 1s", false, 0, 1, "s")->set_no_data(true);
}

void AddConnections(v1::Report* report) {
  RequestStats stats;
  stats.connect_time.Record(60);
  stats.connect_time.Record(90);
  stats.tls_time.Record(1'200);
  stats.first_byte_time.RecordMany(60, 8);
  stats.body_time.RecordMany(20, 8);
  v1::RequestStats& total = *report->mutable_total()->mutable_requests();
  stats.connect_time.ToProto(total.mutable_connect_time());
  stats.tls_time.ToProto(total.mutable_tls_time());
  stats.first_byte_time.ToProto(total.mutable_first_byte_time());
  stats.body_time.ToProto(total.mutable_body_time());
  total.set_resent(3);
  total.set_redirects(2);
}

// What names its requests.
void AddPlan(v1::Report* report) {
  report->mutable_plan()->add_scenarios()->set_name("default");
  v1::Flow& flow = *report->mutable_plan()->add_flows();
  for (const char* name : {"read", "write"}) {
    v1::Request& request = *flow.add_steps()->mutable_request();
    request.set_index(static_cast<uint32_t>(flow.steps_size()) - 1);
    request.set_name(name);
  }
}

void AddTraces(v1::Report* report) {
  AddPlan(report);
  const auto add = [report](uint32_t second, uint64_t micros, v1::Outcome outcome) {
    v1::TracedRequest& traced = *report->add_traces();
    traced.set_request(static_cast<uint32_t>(report->traces_size()) % 2);
    traced.set_second(second);
    traced.set_response_time_us(micros);
    traced.set_outcome(outcome);
    traced.set_trace_id(std::string(15, '\xab') + static_cast<char>(report->traces_size()));
    traced.set_agent_id("a1");
  };
  add(3, 2'000'000, v1::OUTCOME_TOTAL_TIMEOUT);
  add(59, 40'000, v1::OUTCOME_BAD_STATUS);
  add(8, 1'500, v1::OUTCOME_OK);
  add(60, 90'000, v1::OUTCOME_OK);
  add(61, 100, v1::OUTCOME_OK);
  add(62, 90, v1::OUTCOME_OK);
}

void AddFailures(v1::Report* report) {
  AddPlan(report);
  const auto add = [report](uint32_t request, v1::Outcome outcome) -> v1::ExchangeRecord& {
    v1::ExchangeRecord& record = *report->add_failures();
    record.set_request(request);
    record.set_outcome(outcome);
    record.set_agent_id("a2");
    record.set_intended_ns(report->failures_size() * kSecond / 2);
    record.set_response_time_us(2'000'000);
    record.set_url("http://shop.test/write");
    record.set_request_head("POST /write HTTP/1.1\r\n\r\n");
    record.set_request_body("x");
    return record;
  };
  for (int i = 0; i < 3; ++i) {
    v1::ExchangeRecord& record = add(1, v1::OUTCOME_BAD_STATUS);
    record.set_response_head("HTTP/1.1 503\r\nServer: a\r\n\r\n");
    record.set_response_body("{\"error\":\n\x1b[31m\"full\"}");
    record.set_response_cut(true);
  }
  add(1, v1::OUTCOME_TOTAL_TIMEOUT);
  v1::ExchangeRecord& check = add(0, v1::OUTCOME_OK);
  check.set_response_head("HTTP/1.1 200\r\n\r\n");
  check.add_failed_checks("json $.id: expected 1, got \"2\"");
}

v1::Report SampleReport() {
  v1::Report report;
  report.set_run_id("r-0001");
  report.set_name("quick\x1b[31mstart");
  (*report.mutable_labels())["git"] = "abc123";
  report.set_verdict(v1::VERDICT_FAILED);
  report.add_reasons("failed_requests: 2 of 9");
  report.add_notes("one arrival was dropped");
  report.set_started_at_ms(1'767'225'600'000);
  report.set_planned_duration_ns(2 * kSecond);
  report.set_duration_ns(2 * kSecond);
  report.set_coverage(1);
  report.set_planned_rate(5);
  report.set_achieved_rate(4);
  report.set_reconciled(true);
  report.set_start_error_bound_ns(150 * kMicrosecond);

  RequestStats total = First();
  total.Merge(Second());
  SetTotals(total, 10, 1, report.mutable_total());
  AddAgent("a1", First(), 0, &report);
  AddAgent("a2", Second(), 1, &report);

  v1::RequestReport* read = report.add_requests();
  read->set_scenario("default");
  read->set_request("read");
  First().ToProto(read->mutable_totals()->mutable_requests());
  v1::RequestReport* write = report.add_requests();
  write->set_scenario("default");
  write->set_request("write");
  Second().ToProto(write->mutable_totals()->mutable_requests());

  v1::TimelineSecond* second = report.add_timeline();
  second->set_second(0);
  second->set_intended(5);
  second->set_started(5);
  second->set_completed(4);
  second->mutable_response_time()->set_count(4);
  second->mutable_response_time()->mutable_p50()->set_value_us(100);
  second->mutable_response_time()->mutable_max()->set_value_us(100);
  second->mutable_response_time()->mutable_max()->set_lower_bound(true);
  return report;
}

v1::Report LostAgentReport() {
  v1::Report report = SampleReport();
  report.set_unknown_arrivals(3);
  const auto add = [&report](uint64_t epoch, Nanos from, double a1, double a2) {
    v1::EpochReport& one = *report.add_epochs();
    one.set_epoch(epoch);
    one.set_effective_from_ns(from);
    for (const auto& [name, share] : {std::pair("a1", a1), std::pair("a2", a2)}) {
      if (share == 0) continue;
      one.add_shares()->set_agent_id(name);
      one.mutable_shares()->rbegin()->set_share(share);
    }
    return &one;
  };
  add(1, 0, 0.25, 0.75);
  add(2, 1'500 * kMillisecond, 1, 0)->set_reason("a2 is gone");
  v1::RunEvent& event = *report.add_events();
  event.set_at_ns(kSecond);
  event.set_text("agent a2 was lost");
  return report;
}

v1::Report FlowsReport() {
  v1::Report report = SampleReport();
  v1::Totals& total = *report.mutable_total();
  total.mutable_arrivals()->set_intended(5);
  total.mutable_arrivals()->set_started(4);
  for (v1::RequestStats* stats :
       {total.mutable_requests(),
        report.mutable_requests(1)->mutable_totals()->mutable_requests()}) {
    stats->set_checks_passed(3);
    stats->set_checks_failed(1);
  }
  IterationStats iterations;
  iterations.completed = 2;
  iterations.failed = iterations.interrupted = 1;
  iterations.duration.RecordMany(30'000, 2);
  iterations.duration_censored.RecordMany(1'000, 2);
  iterations.groups.emplace_back().duration.RecordMany(20'000, 3);
  iterations.ToProto(total.mutable_iterations());
  v1::GroupReport& group = *report.add_groups();
  group.set_scenario("default");
  group.set_group("pay");
  v1::Request& write = *report.mutable_plan()->add_flows()->add_steps()->mutable_request();
  write.set_name("write");
  (*write.mutable_tags())["kind"] = "write";
  *group.mutable_stats() = total.iterations().groups(0);
  total.mutable_iterations()->clear_groups();
  return report;
}

}  // namespace loadfleet
