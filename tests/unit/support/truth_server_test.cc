#include "tests/support/truth_server.h"

#include <gtest/gtest.h>

#include "tests/support/http_get.h"

namespace loadfleet {
namespace {

TEST(TruthServer, WritesDownWhoseARequestIs) {
  TruthServer truth;
  const auto named =
      HttpGet(truth.port(), "/ HTTP/1.1\r\nX-Agent: a1\r\nX-Arrival: 42\r\nX-Path: /");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->status, 200);
  ASSERT_TRUE(HttpGet(truth.port(), "/").ok());

  const std::vector<TruthServer::Request> log = truth.Log();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].agent, "a1");
  EXPECT_EQ(log[0].arrival, 42);
  EXPECT_EQ(log[1].agent, "");
  EXPECT_EQ(log[1].arrival, -1);
  EXPECT_EQ(truth.CountOf("a1"), 1u);
  truth.Clear();
  EXPECT_EQ(truth.Count(), 0u);
}

}  // namespace
}  // namespace loadfleet
