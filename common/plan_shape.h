// What follows from a plan's scenarios taken together. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The steps within a step: a group's, a repetition's, a condition's; null when it has none.
const google::protobuf::RepeatedPtrField<v1::Step>* InnerSteps(const v1::Step& step);

// The requests of a flow, of every depth, in the order of the text.
std::vector<const v1::Request*> RequestsOf(const v1::Flow& flow);
std::vector<v1::Request*> MutableRequestsOf(v1::Flow* flow);
// Of all flows; the plan's.
std::vector<const v1::Request*> RequestsOf(const v1::Plan& plan);

// With this index; null when the plan has none.
const v1::Request* FindRequest(const v1::Plan& plan, uint32_t index);
// The name of the scenario, the request or the group with this index; empty when the plan has none.
std::string ScenarioName(const v1::Plan& plan, uint32_t index);
std::string RequestName(const v1::Plan& plan, uint32_t index);
std::string GroupName(const v1::Plan& plan, uint32_t index);

// The steps of a flow when every repetition is written out; with UINT64_MAX for any more.
uint64_t UnrolledSteps(const v1::Flow& flow);

// The flows of a scenario with their weights: one when it names one.
std::vector<v1::WeightedFlow> FlowsOf(const v1::Scenario& scenario);

// What `run --once` does, in order, as indices of flows: setup, every flow that is not only setup's
// or teardown's, teardown.
std::vector<uint32_t> FlowsDoneOnce(const v1::Plan& plan);

// Requests of an iteration on average: the flows by their weights, with every `if` taken.
double RequestsPerIteration(const v1::Plan& plan, const v1::Scenario& scenario);

// What both open-model executors share; null for a closed model.
const v1::OpenModel* OpenModelOf(const v1::Scenario& scenario);

// Whether it may have nothing left to do before its time is over: its iterations are counted, or
// its VUs may stop, or what it is fed may run out.
bool MayEndEarly(const v1::Plan& plan, const v1::Scenario& scenario);

// The most VUs that are active at a time; 0 for an open model.
uint64_t MostVus(const v1::Scenario& scenario);

// With a fixed number of iterations the most that they may take. Counted from its start_time.
Nanos LoadDuration(const v1::Scenario& scenario);
Nanos LoadDuration(const v1::Plan& plan);  // from T0 to the end of the last scenario
Nanos GracefulStop(const v1::Plan& plan);  // the longest one

// Whether any request is over TLS.
bool UsesTls(const v1::Plan& plan);

// Arrivals a second, of the open scenarios, each on average over its duration; 0 without any.
double PlannedRate(const v1::Plan& plan);
// The requests of these arrivals.
double PlannedRequestRate(const v1::Plan& plan);
// Likewise, on average over the first `duration` of the run, which is above 0: what can be compared
// with what was achieved in it.
double PlannedRequestRate(const v1::Plan& plan, Nanos duration);

}  // namespace loadfleet
