// Which iteration of which scenario has which row of a feeder: pure functions of the plan and, with
// SHARE_COPY, of an agent's slots.
//
// A scenario's iterations are numbered over the whole cluster: in an open model an arrival's number
// is its index, in a closed one that of VU v's i-th iteration (both from 0) is v + i * VUs, and
// shared iterations are counted through. Where several scenarios are fed by one feeder they take
// turns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/feeder/row_order.h"
#include "common/slots.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The scenarios with a flow that names the feeder, in the plan's order.
std::vector<uint32_t> FedScenarios(const v1::Plan& plan, uint32_t feeder);

// Sets each scenario's most_iterations by the feeders that stop. The feeders that have too few rows
// for one iteration of each scenario are returned, and are in no limit.
std::vector<uint32_t> LimitIterations(v1::Plan* plan);

// What of most_iterations_each is in most_iterations for the agent that has these slots.
uint64_t MostIterationsWith(const v1::Scenario& scenario, const SlotSet& slots);

// One scenario's part of one feeder.
class Feeding {
 public:
  // `scenario` is fed by it. `slots` and `agent`: whose iterations these are.
  Feeding(const v1::Plan& plan, uint32_t feeder, uint32_t scenario, const SlotSet& slots,
          const std::string& agent);

  uint64_t RowOf(uint64_t number) const {
    return order_.RowAt((copy_ ? OwnNumber(number) : number) * turns_ + turn_);
  }

 private:
  // Among those of the agent.
  uint64_t OwnNumber(uint64_t number) const;

  RowOrder order_;
  bool copy_;
  SlotSet slots_;       // of the agent, when each has a copy
  uint64_t vus_;        // of a closed model; else 0
  uint64_t own_vus_;    // likewise, the agent's
  uint64_t turn_ = 0;   // of the scenarios that the feeder feeds, from 0
  uint64_t turns_ = 1;  // as many as there are
};

}  // namespace loadfleet
