#include "common/daemon/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

namespace loadfleet {
namespace {

// Signals belong to the whole process, so each of these has one of its own.
TEST(StopSignalsDeathTest, TheFirstIsWaitedForAndTheSecondEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        StopSignals signals;
        raise(SIGINT);
        if (std::string(signals.Wait()) != "SIGINT") _exit(1);
        signals.EndAtNext();
        raise(SIGTERM);
        _exit(2);
      },
      testing::ExitedWithCode(128 + SIGTERM), "");
}

}  // namespace
}  // namespace loadfleet
