#include "master/results/verdict.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/plan_shape.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

std::string Seconds(const SecondRange& range) {
  return range.first == range.last
             ? absl::StrCat("in second ", range.first)
             : absl::StrCat("between seconds ", range.first, " and ", range.last);
}

bool AnyOpen(const v1::Plan& plan) {
  return std::any_of(plan.scenarios().begin(), plan.scenarios().end(),
                     [](const v1::Scenario& s) { return OpenModelOf(s) != nullptr; });
}

// What the plan asked for and the generator did not send, for reasons of its own: arrivals that no
// agent was there to make, and requests that failed for want of ports or descriptors. What the
// target's slowness held back is not the generator's fault, and is in the response times.
double Unsent(const VerdictInput& input) {
  double unsent = std::max(0.0, input.planned - static_cast<double>(input.intended)) +
                  static_cast<double>(input.dropped_in_gaps);
  for (const Outcome outcome : {Outcome::kOutOfPorts, Outcome::kOutOfDescriptors}) {
    unsent += static_cast<double>(input.total.CountOf(outcome));
  }
  return unsent;
}

std::vector<std::string> WhyInvalid(const VerdictInput& input) {
  std::vector<std::string> reasons;
  const v1::Validity& validity = input.plan.validity();
  if (input.coverage < validity.min_coverage()) {
    reasons.push_back(
        absl::StrFormat("coverage %.2f%% is below %.2f%%: windows of some agents are missing",
                        100 * input.coverage, 100 * validity.min_coverage()));
  }
  if (input.planned > 0) {
    const double achieved = 1 - Unsent(input) / input.planned;
    if (achieved < validity.min_achieved()) {
      reasons.push_back(absl::StrFormat(
          "the generator sent only %.2f%% of what was planned (at least %.2f%% is asked)",
          100 * std::max(0.0, achieved), 100 * validity.min_achieved()));
    }
  }
  const double max_lateness_ms = static_cast<double>(validity.max_lateness_p99_ns()) / kMillisecond;
  for (const AgentAccount* agent : input.agents) {
    const double lateness = agent->LatenessP99Micros() / 1000;
    if (lateness > max_lateness_ms) {
      reasons.push_back(absl::StrFormat(
          "agent %s was late: lateness p99 %.3g ms is above %.3g ms, %s", agent->agent_id(),
          lateness, max_lateness_ms, agent->late() ? Seconds(*agent->late()) : "over the run"));
    }
    if (agent->saturated() && AnyOpen(input.plan)) {
      reasons.push_back(absl::StrFormat(
          "agent %s was saturated: its busiest worker used more than %.0f%% of a core %s",
          agent->agent_id(), 100 * validity.max_worker_cpu(), Seconds(*agent->saturated())));
    }
  }
  return reasons;
}

std::vector<std::string> Notes(const VerdictInput& input) {
  std::vector<std::string> notes;
  if (UsesTls(input.plan) && input.plan.tls().insecure()) {
    notes.push_back("no TLS certificate was verified (tls.insecure)");
  }
  if (AnyOpen(input.plan)) return notes;
  for (const AgentAccount* agent : input.agents) {
    if (!agent->saturated()) continue;
    notes.push_back(
        absl::StrFormat("generator-bound: the busiest worker of agent %s used more "
                        "than %.0f%% of a core %s",
                        agent->agent_id(), 100 * input.plan.validity().max_worker_cpu(),
                        Seconds(*agent->saturated())));
  }
  return notes;
}

}  // namespace

Judgement Judge(const VerdictInput& input) {
  Judgement judgement;
  judgement.notes = Notes(input);
  const std::vector<std::string> invalid = WhyInvalid(input);
  const bool nothing_succeeded = input.total.CountOf(Outcome::kOk) == 0;
  const bool failed = nothing_succeeded || !input.failed_thresholds.empty();
  if (input.aborted) {
    judgement.verdict = v1::VERDICT_ABORTED;
  } else if (!invalid.empty()) {
    judgement.verdict = v1::VERDICT_INVALID;
  } else if (failed) {
    judgement.verdict = v1::VERDICT_FAILED;
  }
  if (input.aborted) judgement.reasons = input.abort_reasons;
  // Of a run that was cut short nobody expects that it is complete.
  if (!input.aborted) {
    judgement.reasons.insert(judgement.reasons.end(), invalid.begin(), invalid.end());
    if (nothing_succeeded) judgement.reasons.push_back("not one request succeeded");
    for (const std::string& threshold : input.failed_thresholds) {
      judgement.reasons.push_back(absl::StrCat("threshold ", threshold));
    }
  }
  return judgement;
}

}  // namespace loadfleet
