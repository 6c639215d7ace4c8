// soak [--minutes N] [--seed S]: run after run with a random fault every 20 s, and the invariants
// held against every report. The same seed draws the same faults.
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "tests/fault/fault_cluster.h"
#include "tests/fault/process_usage.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using Way = FaultProxy::Way;

constexpr absl::Duration kFaultEvery = absl::Seconds(20);
constexpr absl::Duration kShort = absl::Seconds(3);  // well within a lease
constexpr absl::Duration kLong = absl::Seconds(8);   // LOST, and then some
constexpr int kFaultsOfARun = 3;
constexpr int64_t kGrowth = 50 << 20;

struct SoakFlags {
  int minutes = 10;
  uint32_t seed = std::random_device()();
} flags;

// What a fault is done to.
struct Scene {
  FaultCluster& cluster;
  size_t agent;    // whom it hits
  Damage& damage;  // what the report may now lack

  std::string name() const { return cluster.agent(agent).name(); }
  Process& process() const { return cluster.agent(agent).process(); }
  FaultProxy& link() const { return cluster.link(agent); }
};

void Pause(Process& process, absl::Duration length) {
  process.Signal(SIGSTOP);
  absl::SleepFor(length);
  process.Signal(SIGCONT);
}

void CutOff(const Scene& scene, absl::Duration length) {
  scene.link().Stall(Way::kToServer);
  scene.link().Stall(Way::kToClient);
  absl::SleepFor(length);
  scene.link().Resume();
}

const std::map<std::string, void (*)(const Scene&)>& Faults() {
  static const auto& faults = *new std::map<std::string, void (*)(const Scene&)>{
      {"agent paused", [](const Scene& scene) { Pause(scene.process(), kShort); }},
      {"agent paused beyond its lease",
       [](const Scene& scene) {
         scene.damage.killed.insert(scene.name());
         Pause(scene.process(), kLong);
       }},
      {"agent killed",
       [](const Scene& scene) {
         scene.damage.killed.insert(scene.name());
         scene.cluster.RestartAgent(scene.agent);
       }},
      {"agent told to go",
       [](const Scene& scene) {
         scene.damage.ended_early = true;
         scene.process().Signal(SIGTERM);
         EXPECT_EQ(scene.process().Wait(kPatience), 0) << scene.process().err();
         scene.cluster.RestartAgent(scene.agent);
       }},
      {"link silent", [](const Scene& scene) { CutOff(scene, kShort); }},
      {"link silent beyond the lease",
       [](const Scene& scene) {
         scene.damage.killed.insert(scene.name());
         CutOff(scene, kLong);
       }},
      {"acknowledgements lost",
       [](const Scene& scene) {
         scene.link().Stall(Way::kToClient);
         absl::SleepFor(kShort);
         scene.link().Reset();
         scene.link().Resume();
       }},
      {"link reset", [](const Scene& scene) { scene.link().Reset(); }},
      {"link half closed", [](const Scene& scene) { scene.link().HalfClose(Way::kToServer); }},
      {"link slow",
       [](const Scene& scene) {
         scene.link().SetConditions({.delay = absl::Milliseconds(200),
                                     .jitter = absl::Milliseconds(100),
                                     .bytes_per_second = 8'000});
         absl::SleepFor(kLong);
         scene.link().SetConditions({});
       }},
      {"master paused",
       [](const Scene& scene) { Pause(scene.cluster.master().process(), kShort); }},
      {"watcher paused", [](const Scene& scene) { Pause(scene.cluster.submit(), kLong); }},
  };
  return faults;
}

TEST(Soak, HoldsTheInvariantsWhateverHappens) {
  std::cout << "seed " << flags.seed << std::endl;
  std::mt19937 random(flags.seed);
  std::map<std::string, int> done;
  std::map<std::string, int> verdicts;
  int64_t requests = 0;
  FaultCluster cluster;
  int64_t memory = 0;
  const absl::Time end = absl::Now() + absl::Minutes(flags.minutes);
  for (int run = 1; absl::Now() < end && !HasFailure(); ++run) {
    Damage damage;
    cluster.Start({.rate = 300, .duration = kFaultsOfARun * kFaultEvery});
    // Warm: what it holds from here on is not for ever.
    if (memory == 0) memory = ResidentBytes(cluster.master().process());
    absl::Time next = absl::Now() + kFaultEvery / 2;
    for (int i = 0; i < kFaultsOfARun; ++i) {
      absl::SleepFor(next - absl::Now());
      next += kFaultEvery;
      const auto fault =
          std::next(Faults().begin(), static_cast<std::ptrdiff_t>(random() % Faults().size()));
      const Scene scene{cluster, random() % cluster.agents(), damage};
      std::cout << "run " << run << ": " << fault->first << " (" << scene.name() << ")"
                << std::endl;
      fault->second(scene);
      ++done[fault->first];
    }
    const json summary = cluster.Finish(damage);
    if (!summary.contains("verdict")) break;
    ++verdicts[summary.at("verdict")];
    requests += static_cast<int64_t>(cluster.truth().Count());
    std::cout << "run " << run << ": " << summary.at("verdict") << " " << summary.at("notes").dump()
              << std::endl;
    ASSERT_TRUE(Eventually([&] { return AgentsReady(cluster.master_address()) == 3; }, kPatience))
        << cluster.Loadctl({"agents"}).out;
    EXPECT_LE(ResidentBytes(cluster.master().process()), memory + kGrowth);
  }
  std::cout << "seed " << flags.seed << ", " << requests << " requests";
  for (const auto& [verdict, count] : verdicts) std::cout << ", " << count << " " << verdict;
  for (const auto& [fault, count] : done) std::cout << "\n" << count << " x " << fault;
  std::cout << std::endl;
}

bool ParseFlags(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    const bool known = (flag == "--minutes" && absl::SimpleAtoi(argv[i + 1], &flags.minutes)) ||
                       (flag == "--seed" && absl::SimpleAtoi(argv[i + 1], &flags.seed));
    if (!known) return false;
  }
  return argc % 2 == 1 && flags.minutes > 0;
}

}  // namespace
}  // namespace loadfleet

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!loadfleet::ParseFlags(argc, argv)) {
    std::cerr << "usage: soak [--minutes N] [--seed S]\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
