#include "master/fleet/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/master/fake_streams.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RegistryTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeControlStream> Join(const std::string& name, uint64_t incarnation = 1) {
    auto stream = std::make_shared<FakeControlStream>();
    status_ = registry_.Register(Registration(name, incarnation), "ipv4:127.0.0.1:1", stream);
    return stream;
  }
  void Beat(const ControlStream* stream) {
    v1::Heartbeat heartbeat;
    heartbeat.set_offset_bound_ns(1000);
    registry_.Heartbeat(stream, heartbeat, clock_.NowWithSuspend());
  }
  // As the control thread does it: often enough never to look suspended itself.
  std::vector<std::string> Wait(Nanos duration) {
    std::vector<std::string> lost;
    for (Nanos waited = 0; waited < duration; waited += 250 * kMillisecond) {
      clock_.Advance(250 * kMillisecond);
      for (std::string& id : registry_.Judge()) lost.push_back(std::move(id));
    }
    return lost;
  }

  ManualClock clock_;
  Registry registry_{clock_};
  absl::Status status_;
};

TEST_F(RegistryTest, RefusesAnotherProtocolMajorNamingBothVersions) {
  v1::Register registration = Registration("a1");
  registration.mutable_protocol()->set_major(kProtocolMajor + 1);
  registration.set_version("9.9.9");
  const absl::Status status =
      registry_.Register(registration, "peer", std::make_shared<FakeControlStream>());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("9.9.9"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(kVersion));
  EXPECT_THAT(registry_.agents(), IsEmpty());
}

TEST_F(RegistryTest, RefusesAnotherHistogramLayout) {
  v1::Register registration = Registration("a1");
  registration.set_histogram_layout("other");
  EXPECT_EQ(registry_.Register(registration, "p", std::make_shared<FakeControlStream>()).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, RefusesNamesThatWouldBreakALogLine) {
  for (const char* name : {"", "a b", "a\nb", "\xc3\xa4"}) {
    Join(name);
    EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST_F(RegistryTest, TheSameIncarnationComesBackOnANewStream) {
  const auto first = Join("a1");
  const auto second = Join("a1");
  EXPECT_TRUE(status_.ok());
  EXPECT_TRUE(first->ended);
  EXPECT_EQ(registry_.agents().size(), 1U);
  EXPECT_EQ(registry_.FindByStream(first.get()), nullptr);
  EXPECT_NE(registry_.FindByStream(second.get()), nullptr);
}

TEST_F(RegistryTest, ALivingAgentKeepsItsName) {
  Join("a1", 1);
  Join("a1", 2);
  EXPECT_EQ(status_.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(registry_.Find("a1")->incarnation(), 1U);
}

TEST_F(RegistryTest, ARestartedIdleAgentTakesItsNameAtOnce) {
  const auto old = Join("a1", 1);
  registry_.Disconnected(old.get());
  Join("a1", 2);
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(registry_.Find("a1")->incarnation(), 2U);
}

TEST_F(RegistryTest, ARestartedAgentThatHadLoadWaitsForTheLeaseOfTheOldOne) {
  const auto old = Join("a1", 1);
  registry_.Find("a1")->run_id = "r-0001";
  registry_.Disconnected(old.get());
  Join("a1", 2);
  EXPECT_EQ(status_.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Wait(limits::kLease + limits::kLostAfterLease + kSecond), ElementsAre("a1"));
  Join("a1", 2);
  EXPECT_TRUE(status_.ok());
}

TEST_F(RegistryTest, SilenceMakesAnAgentSuspectThenLost) {
  const auto stream = Join("a1");
  Wait(limits::kSuspectAfter);
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_UP);
  Wait(kSecond);
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_SUSPECT);
  Beat(stream.get());
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_UP);
  EXPECT_THAT(Wait(limits::kLease + limits::kLostAfterLease), IsEmpty());
  EXPECT_THAT(Wait(kSecond), ElementsAre("a1"));
  EXPECT_TRUE(stream->ended);
}

TEST_F(RegistryTest, ALostAgentIsNotRevivedByALateHeartbeat) {
  const auto stream = Join("a1");
  Wait(limits::kLease + limits::kLostAfterLease + kSecond);
  Beat(stream.get());
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_LOST);
  Join("a1");
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_UP);
}

TEST_F(RegistryTest, AMasterThatWasSuspendedDoesNotHoldItAgainstItsAgents) {
  Join("a1");
  Wait(kSecond);
  clock_.Advance(60 * kSecond);
  EXPECT_THAT(registry_.Judge(), IsEmpty());
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_UP);
  EXPECT_THAT(Wait(limits::kLease + limits::kLostAfterLease), ElementsAre("a1"));
}

TEST_F(RegistryTest, GoodbyeIsLostAtOnce) {
  const auto stream = Join("a1");
  EXPECT_NE(registry_.Goodbye(stream.get()), nullptr);
  EXPECT_EQ(registry_.Find("a1")->health, v1::AGENT_HEALTH_LOST);
  EXPECT_TRUE(stream->ended);
}

TEST_F(RegistryTest, AnAgentInACrashLoopWithNamesOfItsOwnIsForgotten) {
  for (int i = 0; i < 50; ++i) {
    registry_.Disconnected(Join("agent-" + std::to_string(i)).get());
  }
  Wait(700 * kSecond);
  EXPECT_THAT(registry_.agents(), IsEmpty());
}

}  // namespace
}  // namespace loadfleet
