// Rows of feeders in iterations, whoever starts them and however many agents share the load.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "common/plan_shape.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/fed_plan.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;

constexpr Nanos kT0 = 2'000 * kSecond;

std::string Csv(int rows) {
  std::string text = "id,name\n";
  for (int i = 0; i < rows; ++i) absl::StrAppend(&text, i, ",user ", i, "\n");
  return text;
}

// What a worker's target was asked for: the texts of the paths, without the slash.
std::vector<std::string> Asked(const PreparedScenario& scenario, const RunPlan& plan,
                               const SlotSet& slots, ArrivalCounts* counts) {
  ManualClock clock;
  clock.AdvanceTo(kT0);
  DeadlineWheel wheel(kT0);
  FakeTransport transport(clock);
  std::vector<Transport*> transports = {&transport};
  Recorded recorded(static_cast<uint32_t>(plan.requests.size()), scenario.flows.groups);
  const std::unique_ptr<Executor> executor =
      ExecutorOf(plan, scenario, slots, clock, wheel, transports, recorded.recorder());
  recorded.recorder().Start(kT0, kT0);
  executor->Start(kT0, kT0);
  std::vector<std::string> asked;
  while (!executor->Finished() && clock.Now() < kT0 + 100 * kSecond) {
    const Nanos next = executor->Advance(clock.Now());
    clock.Advance(kMillisecond);  // what an answer takes
    while (transport.on_wire() > 0) {
      const std::string& wire = transport.front().bytes().wire;
      const size_t path = wire.find('/') + 1;
      asked.push_back(wire.substr(path, wire.find(" HTTP/") - path));
      transport.Answer();
    }
    if (next < kNever) clock.AdvanceTo(std::max(next, clock.Now()));
  }
  EXPECT_TRUE(executor->Finished());
  if (counts != nullptr) counts->Merge(recorded.arrivals());
  return asked;
}

// The same of so many agents, each with more workers than the one before.
std::multiset<std::string> AskedOfFleet(const std::string& yaml, const std::string& csv,
                                        size_t agents, ArrivalCounts* counts = nullptr) {
  std::multiset<std::string> all;
  const std::vector<SlotSet> shares = Deal(SlotSet::All(), std::vector<uint32_t>(agents, 1));
  for (size_t agent = 0; agent < agents; ++agent) {
    const auto plan = FedRunPlan(yaml, csv, shares[agent], absl::StrCat("a", agent + 1));
    if (plan == nullptr) return all;
    for (const SlotSet& worker : Deal(shares[agent], std::vector<uint32_t>(agent + 1, 1))) {
      for (const PreparedScenario& scenario : plan->scenarios) {
        for (std::string& path : Asked(scenario, *plan, worker, counts)) {
          all.insert(std::move(path));
        }
      }
    }
  }
  return all;
}

std::string FedYaml(const std::string& feeder, const std::string& scenario,
                    const std::string& path = "/{{ users.id }}") {
  return absl::StrCat("target: http://127.0.0.1:8080\nseed: 7\nfeeders: {users: {file: users.csv, ",
                      feeder, "}}\nscenarios: {main: {flow: f, ", scenario,
                      "}}\nflows: {f: {feed: [users], steps: [{request: r, get: \"", path,
                      "\"}]}}\n");
}

// The rows that were asked for, with how often.
std::map<std::string, int> Rows(const std::multiset<std::string>& paths) {
  std::map<std::string, int> rows;
  for (const std::string& path : paths) {
    const std::vector<std::string> words = absl::StrSplit(path, '/');
    ++rows[words.back()];
  }
  return rows;
}

class AnyOrder : public testing::TestWithParam<const char*> {};

// The property: a thousand arrivals over 400 rows are two passes and a half, and who sends them
// makes no difference.
TEST_P(AnyOrder, ArrivalsHaveTheSameRowsWhateverTheNumberOfAgents) {
  for (const char* arrival : {"uniform", "poisson"}) {
    const std::string yaml = FedYaml(
        absl::StrCat("order: ", GetParam()),
        absl::StrCat("executor: constant-arrival-rate, rate: 100/s, duration: 10s, arrival: ",
                     arrival),
        "/{{ arrival }}/{{ users.id }}");
    const auto alone = AskedOfFleet(yaml, Csv(400), 1);
    EXPECT_GE(alone.size(), 900u);
    EXPECT_EQ(std::set<std::string>(alone.begin(), alone.end()).size(), alone.size());
    std::map<uint64_t, std::set<std::string>> passes;
    for (const std::string& path : alone) {
      const std::pair<std::string, std::string> words = absl::StrSplit(path, '/');
      EXPECT_TRUE(passes[std::stoull(words.first) / 400].insert(words.second).second) << path;
    }
    EXPECT_EQ(passes[0].size(), 400u);
    EXPECT_EQ(AskedOfFleet(yaml, Csv(400), 3), alone);
    EXPECT_EQ(AskedOfFleet(yaml, Csv(400), 7), alone);
  }
}

TEST_P(AnyOrder, VusHaveTheSameRowsWhateverTheNumberOfAgents) {
  const std::string yaml =
      FedYaml(absl::StrCat("order: ", GetParam()),
              "executor: per-vu-iterations, vus: 10, iterations: 20, max_duration: 50s",
              "/{{ vu }}/{{ iteration }}/{{ users.id }}");
  const auto alone = AskedOfFleet(yaml, Csv(100), 1);
  EXPECT_EQ(alone.size(), 200u);
  for (const auto& [row, times] : Rows(alone)) EXPECT_EQ(times, 2) << row;
  EXPECT_EQ(AskedOfFleet(yaml, Csv(100), 3), alone);
  EXPECT_EQ(AskedOfFleet(yaml, Csv(100), 7), alone);
}

TEST_P(AnyOrder, SharedIterationsHaveEachTheirRow) {
  const std::string yaml =
      FedYaml(absl::StrCat("order: ", GetParam()),
              "executor: shared-iterations, vus: 10, iterations: 103, max_duration: 50s");
  for (const size_t agents : {1, 3, 7}) {
    const std::map<std::string, int> rows = Rows(AskedOfFleet(yaml, Csv(103), agents));
    EXPECT_EQ(rows.size(), 103u);
    for (const auto& [row, times] : rows) EXPECT_EQ(times, 1) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Feeder, AnyOrder, testing::Values("sequential", "random"));

// No arrival is intended beyond the last row, and so none is dropped.
TEST(Feeder, StopsAScenarioExactlyWhenItsRowsAreUsedUp) {
  for (const char* scenario :
       {"executor: constant-arrival-rate, rate: 100/s, duration: 30s",
        "executor: constant-arrival-rate, rate: 100/s, duration: 30s, arrival: poisson",
        "executor: ramping-arrival-rate, stages: [{duration: 30s, target: 100/s}]",
        "executor: constant-vus, vus: 5, duration: 30s",
        "executor: ramping-vus, start_vus: 5, stages: [{duration: 30s, target: 5}]",
        "executor: per-vu-iterations, vus: 5, iterations: 1000, max_duration: 30s",
        "executor: shared-iterations, vus: 5, iterations: 1000, max_duration: 30s"}) {
    for (const size_t agents : {1, 3, 7}) {
      ArrivalCounts counts;
      const auto rows =
          Rows(AskedOfFleet(FedYaml("on_end: stop", scenario), Csv(333), agents, &counts));
      EXPECT_EQ(rows.size(), 333u) << scenario << " on " << agents;
      for (const auto& [row, times] : rows) EXPECT_EQ(times, 1) << row;
      EXPECT_EQ(counts.intended, 333u) << scenario << " on " << agents;
      EXPECT_EQ(counts.started, 333u) << scenario << " on " << agents;
    }
  }
}

TEST(Feeder, DoesNotMakeAScenarioLongerThanItIs) {
  const auto asked = AskedOfFleet(
      FedYaml("on_end: stop", "executor: constant-arrival-rate, rate: 100/s, duration: 2s"),
      Csv(333), 3);
  EXPECT_EQ(asked.size(), 200u);
}

TEST(Feeder, OfWhichEachAgentHasACopyIsUsedUpByEachForItself) {
  for (const char* scenario : {"executor: constant-arrival-rate, rate: 100/s, duration: 30s",
                               "executor: constant-vus, vus: 30, duration: 30s"}) {
    const auto rows =
        Rows(AskedOfFleet(FedYaml("on_end: stop, share: copy", scenario), Csv(50), 3));
    EXPECT_EQ(rows.size(), 50u) << scenario;
    for (const auto& [row, times] : rows) EXPECT_EQ(times, 3) << row << " of " << scenario;
  }
}

// Whatever stands in the file: quotes, commas, JSON's own characters, names that are no words.
TEST(Feeder, ValuesStandWhereTheyArePut) {
  const std::string csv = "user-id,full name,note\n7,\"Ann \"\"A\"\" Lee\",\"a,b\nc\"\n";
  const std::string yaml = absl::StrCat(
      "target: http://127.0.0.1:8080\nfeeders: {users: {file: users.csv}}\n",
      "scenarios: {main: {flow: f, executor: per-vu-iterations, vus: 1, iterations: 1, "
      "max_duration: 50s}}\n",
      "flows: {f: {feed: [users], steps: [{request: r, post: \"/{{ users.user-id }}\",\n",
      "  json: {name: \"{{ users.full name }}\", note: \"{{ users.note }}\"}}]}}\n");
  const auto plan = FedRunPlan(yaml, csv, SlotSet::All(), "a1");
  ASSERT_NE(plan, nullptr);
  FeedReader reader(plan->scenarios[0].flows.feeds[0]);
  std::vector<Captured> captured(plan->scenarios[0].flows.captures.size());
  reader.Read(0, &captured);
  EXPECT_THAT(plan->scenarios[0].flows.captures,
              ElementsAre("users.user-id", "users.full name", "users.note"));
  EXPECT_EQ(captured[0].text, "7");
  EXPECT_EQ(captured[1].text, "Ann \"A\" Lee");
  EXPECT_EQ(captured[2].text, "a,b\nc");
  EXPECT_THAT(Asked(plan->scenarios[0], *plan, SlotSet::All(), nullptr), ElementsAre("7"));
}

TEST(Feeder, OfJsonLinesHasTextsNumbersAndCompactJson) {
  const std::string rows =
      "{\"a\": \"x\\ny\", \"b\": 1.5, \"c\": [1, {\"d\": null}], \"e\": null, \"f\": true}\n"
      "{\"f\": false, \"e\": {}, \"c\": \"\", \"b\": -1, \"a\": \"z\"}\n";
  const std::string yaml = absl::StrCat(
      "target: http://127.0.0.1:8080\nfeeders: {users: {file: users.jsonl}}\n",
      "scenarios: {main: {flow: f, executor: constant-vus, vus: 1, duration: 1s}}\n",
      "flows: {f: {feed: [users], steps: [{request: r, post: /,\n",
      "  body: \"{{ users.f }}{{ users.a }}{{ users.b }}{{ users.c }}{{ users.e }}\"}]}}\n");
  const auto plan = FedRunPlan(yaml, rows, SlotSet::All(), "a1", "users.jsonl");
  ASSERT_NE(plan, nullptr);
  FeedReader reader(plan->scenarios[0].flows.feeds[0]);
  std::vector<Captured> captured(5);
  reader.Read(0, &captured);
  const auto texts = [&captured] {
    std::vector<std::string> all;
    for (const Captured& one : captured) all.push_back(one.present ? one.text : "(nothing)");
    return all;
  };
  EXPECT_THAT(texts(), ElementsAre("true", "x\ny", "1.5", "[1,{\"d\":null}]", "(nothing)"));
  reader.Read(3, &captured);
  EXPECT_THAT(texts(), ElementsAre("false", "z", "-1", "", "{}"));
}

// The index finds rows of several lines, and those behind empty ones.
TEST(FeederFile, FindsEveryRow) {
  std::string csv = "\xef\xbb\xbfid,note\r\n";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&csv, i, ",\"a\nb\"\r\n", i % 7 == 0 ? "\r\n" : "");
    if (i % 40 == 0) csv.append(ScannedRows::kMarkBytes, '\n');
  }
  v1::Feeder feeder = FeederOf(csv, "users.csv");
  auto download = FeederDownload::Begin(feeder);
  ASSERT_TRUE(download.ok()) << download.status();
  for (absl::string_view rest = csv; !rest.empty();
       rest.remove_prefix(std::min<size_t>(7, rest.size()))) {
    ASSERT_TRUE((*download)->Add(rest.substr(0, 7)).ok());
  }
  const auto file = (*download)->Finish();
  ASSERT_TRUE(file.ok()) << file.status();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ((*file)->Row(static_cast<uint64_t>(i)), absl::StrCat(i, ",\"a\nb\""));
  }
}

TEST(FeederFile, IsWhatThePlanSaysOrNone) {
  v1::Feeder feeder = FeederOf("id\n1\n", "users.csv");
  const auto fetched = [&feeder](absl::string_view text) {
    auto download = FeederDownload::Begin(feeder);
    const absl::Status status = (*download)->Add(text);
    return status.ok() ? (*download)->Finish().status() : status;
  };
  EXPECT_TRUE(fetched("id\n1\n").ok());
  EXPECT_TRUE(absl::IsDataLoss(fetched("id\n2\n")));
  EXPECT_TRUE(absl::IsDataLoss(fetched("id\n1\n2\n")));
  EXPECT_TRUE(absl::IsDataLoss(fetched("id\n")));
}

}  // namespace
}  // namespace loadfleet
