#include "common/feeder/feeding.h"

#include <algorithm>

#include "common/plan_shape.h"
#include "common/schedule/split_mix.h"

namespace loadfleet {
namespace {

constexpr uint64_t kRows = uint64_t{3} << 62;  // rows are drawn apart from all else

bool IsFed(const v1::Plan& plan, const v1::Scenario& scenario, uint32_t feeder) {
  const std::vector<v1::WeightedFlow> flows = FlowsOf(scenario);
  return std::any_of(flows.begin(), flows.end(), [&](const v1::WeightedFlow& chosen) {
    if (static_cast<int>(chosen.flow()) >= plan.flows_size()) return false;
    const auto& feeders = plan.flows(static_cast<int>(chosen.flow())).feeders();
    return std::find(feeders.begin(), feeders.end(), feeder) != feeders.end();
  });
}

uint64_t SeedOf(const v1::Plan& plan, uint32_t feeder, const std::string& agent) {
  uint64_t seed = SplitMix(SplitMix(plan.seed() + kSplitMixGamma) ^ (kRows + feeder));
  if (plan.feeders(static_cast<int>(feeder)).share() != v1::Feeder::SHARE_COPY) return seed;
  // Each agent goes through the rows in an order of its own, lest all are at the same ones.
  for (const char c : agent) seed = SplitMix(seed + static_cast<unsigned char>(c) + 1);
  return seed;
}

void Lower(uint64_t limit, uint64_t* most) {
  *most = *most == 0 ? limit : std::min(*most, limit);
}

}  // namespace

std::vector<uint32_t> FedScenarios(const v1::Plan& plan, uint32_t feeder) {
  std::vector<uint32_t> fed;
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    if (IsFed(plan, plan.scenarios(i), feeder)) fed.push_back(static_cast<uint32_t>(i));
  }
  return fed;
}

std::vector<uint32_t> LimitIterations(v1::Plan* plan) {
  std::vector<uint32_t> too_short;
  for (uint32_t f = 0; f < static_cast<uint32_t>(plan->feeders_size()); ++f) {
    const v1::Feeder& feeder = plan->feeders(static_cast<int>(f));
    if (feeder.on_end() != v1::Feeder::ON_END_STOP) continue;
    const std::vector<uint32_t> fed = FedScenarios(*plan, f);
    if (feeder.rows() < fed.size()) {
      too_short.push_back(f);
      continue;
    }
    for (uint64_t turn = 0; turn < fed.size(); ++turn) {
      const uint64_t enough = (feeder.rows() - turn + fed.size() - 1) / fed.size();
      v1::Scenario& scenario = *plan->mutable_scenarios(static_cast<int>(fed[turn]));
      const bool copy = feeder.share() == v1::Feeder::SHARE_COPY;
      uint64_t most = copy ? scenario.most_iterations_each() : scenario.most_iterations();
      Lower(enough, &most);
      if (copy) {
        scenario.set_most_iterations_each(most);
      } else {
        scenario.set_most_iterations(most);
      }
    }
  }
  return too_short;
}

uint64_t MostIterationsWith(const v1::Scenario& scenario, const SlotSet& slots) {
  uint64_t most = scenario.most_iterations();
  const uint64_t each = scenario.most_iterations_each();
  const uint64_t vus = MostVus(scenario);
  const uint64_t own = vus == 0 ? slots.size() : slots.CountBelow(vus);
  if (each == 0 || own == 0) return most;
  // The number of the agent's own iteration `each`, the first that has no row.
  Lower(vus == 0 ? slots.IndexAt(each) : each / own * vus + slots.IndexAt(each % own), &most);
  return most;
}

Feeding::Feeding(const v1::Plan& plan, uint32_t feeder, uint32_t scenario, const SlotSet& slots,
                 const std::string& agent)
    : order_(plan.feeders(static_cast<int>(feeder)).order(),
             plan.feeders(static_cast<int>(feeder)).rows(), SeedOf(plan, feeder, agent)),
      copy_(plan.feeders(static_cast<int>(feeder)).share() == v1::Feeder::SHARE_COPY),
      slots_(copy_ ? slots : SlotSet()),
      vus_(MostVus(plan.scenarios(static_cast<int>(scenario)))),
      own_vus_(copy_ ? slots_.CountBelow(vus_) : 0) {
  const std::vector<uint32_t> fed = FedScenarios(plan, feeder);
  turn_ = static_cast<uint64_t>(std::find(fed.begin(), fed.end(), scenario) - fed.begin());
  turns_ = fed.size();
}

uint64_t Feeding::OwnNumber(uint64_t number) const {
  if (vus_ == 0) return slots_.CountBelow(number);
  return number / vus_ * own_vus_ + slots_.CountBelow(number % vus_);
}

}  // namespace loadfleet
