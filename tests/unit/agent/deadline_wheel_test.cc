#include "agent/engine/deadline_wheel.h"

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

struct Alarm final : DeadlineWheel::Timer {
  std::function<void(Nanos)> on_deadline;
  std::vector<Nanos> rang;
  void OnDeadline(Nanos now) override {
    rang.push_back(now);
    if (on_deadline) on_deadline(now);
  }
};

// Wakes as a loop would: once a tick.
void TurnUntil(DeadlineWheel& wheel, Nanos until) {
  while (wheel.NextAdvance() <= until) wheel.Advance(wheel.NextAdvance());
}

TEST(DeadlineWheel, FiresOnceWithinATickAfterTheDeadlineAndNeverBefore) {
  std::mt19937_64 random(3);
  DeadlineWheel wheel(0);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<Nanos> deadlines;
  for (int i = 0; i < 1'000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    deadlines.push_back(static_cast<Nanos>(random() % (20 * kSecond)));  // several rounds
    wheel.Set(*alarms.back(), deadlines.back());
  }
  TurnUntil(wheel, 21 * kSecond);
  for (size_t i = 0; i < alarms.size(); ++i) {
    ASSERT_EQ(alarms[i]->rang.size(), 1u);
    EXPECT_GE(alarms[i]->rang[0], deadlines[i]);
    EXPECT_LE(alarms[i]->rang[0], deadlines[i] + 2 * DeadlineWheel::kTick);
  }
}

TEST(DeadlineWheel, ADeadlineMovesLaterAndEarlier) {
  DeadlineWheel wheel(0);
  Alarm later, earlier;
  wheel.Set(later, 100 * kMillisecond);
  wheel.Set(later, 300 * kMillisecond);
  wheel.Set(earlier, 3 * kSecond);
  wheel.Set(earlier, 200 * kMillisecond);
  TurnUntil(wheel, 250 * kMillisecond);
  EXPECT_TRUE(later.rang.empty());
  EXPECT_EQ(earlier.rang.size(), 1u);
  TurnUntil(wheel, 350 * kMillisecond);
  EXPECT_EQ(later.rang.size(), 1u);
}

TEST(DeadlineWheel, CancelledNeverFiresAndCanBeSetAgain) {
  DeadlineWheel wheel(0);
  Alarm alarm;
  wheel.Set(alarm, 50 * kMillisecond);
  wheel.Cancel(alarm);
  TurnUntil(wheel, kSecond);
  EXPECT_TRUE(alarm.rang.empty());
  wheel.Set(alarm, kSecond + 50 * kMillisecond);
  TurnUntil(wheel, 2 * kSecond);
  EXPECT_EQ(alarm.rang.size(), 1u);
}

TEST(DeadlineWheel, AfterALongStopEverythingDueFiresAtOnce) {
  DeadlineWheel wheel(0);
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 0; i < 100; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel.Set(*alarms.back(), i * 100 * kMillisecond);
  }
  wheel.Advance(60 * kSecond);
  for (const auto& alarm : alarms) EXPECT_EQ(alarm->rang.size(), 1u);
}

TEST(DeadlineWheel, ATimerMaySetItselfAndDestroyOthersWhileFiring) {
  DeadlineWheel wheel(0);
  Alarm repeating;
  auto victim = std::make_unique<Alarm>();
  repeating.on_deadline = [&](Nanos now) {
    victim.reset();
    if (repeating.rang.size() < 3) wheel.Set(repeating, now + 20 * kMillisecond);
  };
  wheel.Set(repeating, 30 * kMillisecond);
  wheel.Set(*victim, 30 * kMillisecond);
  TurnUntil(wheel, kSecond);
  EXPECT_EQ(repeating.rang.size(), 3u);
}

}  // namespace
}  // namespace loadfleet
