#include "master/admission/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/master/fake_streams.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

class AdmissionTest : public ::testing::Test {
 protected:
  AgentRecord& Join(const std::string& name, uint32_t weight = 1) {
    v1::Register registration = Registration(name);
    registration.mutable_capacity()->set_weight(weight);
    (*registration.mutable_labels())["zone"] = name.substr(0, 2);
    EXPECT_TRUE(
        registry_.Register(registration, "peer", std::make_shared<FakeControlStream>()).ok());
    AgentRecord& agent = *registry_.Find(name);
    agent.windows = std::make_shared<FakeWindowStream>();
    agent.offset_bound = kMillisecond;
    return agent;
  }

  ManualClock clock_;
  Registry registry_{clock_};
  v1::Plan plan_;
};

TEST_F(AdmissionTest, TakesEveryFreeAgentInTheOrderOfTheirNames) {
  Join("eu2", 3);
  Join("eu1");
  const auto admitted = Admit(plan_, registry_);
  ASSERT_TRUE(admitted.ok());
  EXPECT_THAT(*admitted, ElementsAre(Field(&Participant::agent_id, "eu1"),
                                     Field(&Participant::agent_id, "eu2")));
  EXPECT_EQ((*admitted)[1].weight, 3U);
}

TEST_F(AdmissionTest, TakesOnlyAgentsWithThePlansLabels) {
  Join("eu1");
  Join("us1");
  (*plan_.mutable_agents()->mutable_selector())["zone"] = "us";
  const auto admitted = Admit(plan_, registry_);
  ASSERT_TRUE(admitted.ok());
  EXPECT_THAT(*admitted, ElementsAre(Field(&Participant::agent_id, "us1")));
}

TEST_F(AdmissionTest, TooFewAgentsSayHowManyAreThereAndWhatHoldsTheOthersBack) {
  Join("eu1");
  Join("eu2").offset_bound = 0;
  Join("eu3").offset_bound = 200 * kMillisecond;
  plan_.mutable_agents()->set_min(3);
  const auto admitted = Admit(plan_, registry_);
  EXPECT_EQ(admitted.status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(admitted.status().message());
  EXPECT_THAT(message, HasSubstr("needs 3 agents, 1 is free"));
  EXPECT_THAT(message, HasSubstr("eu2 is still measuring its clock"));
  EXPECT_THAT(message, HasSubstr("eu3 knows the master's clock only to 200 ms (limit 50 ms)"));
}

TEST_F(AdmissionTest, BusyAgentsAreAnotherErrorThanMissingOnes) {
  Join("eu1").run_id = "r-0007";
  const auto admitted = Admit(plan_, registry_);
  EXPECT_EQ(admitted.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(admitted.status().message()), HasSubstr("eu1 runs r-0007"));
}

TEST_F(AdmissionTest, AnAgentThatStillHoldsAnEarlierRunIsBusy) {
  Join("eu1").reported_run = "r-0006";
  EXPECT_EQ(Admit(plan_, registry_).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace loadfleet
