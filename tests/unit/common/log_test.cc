#include "common/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace loadfleet {
namespace {

// What a program that logs like this writes of one audit line.
std::string Audited(const std::string& level, const std::string& format) {
  const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  testing::internal::CaptureStderr();
  EXPECT_TRUE(StartLogging("loadmaster", level, format).ok());
  LogAudit({{"who", "token \"ci\""}, {"peer", ""}, {"run", "r-0001\n"}});
  spdlog::set_default_logger(before);
  return testing::internal::GetCapturedStderr();
}

TEST(AuditLog, IsOneLineOfText) {
  EXPECT_THAT(Audited("info", "text"),
              testing::EndsWith(" loadmaster audit: who=\"token \\\"ci\\\"\" run=\"r-0001\\n\"\n"));
}

TEST(AuditLog, IsOneObjectOfJson) {
  const nlohmann::json line = nlohmann::json::parse(Audited("info", "json"));
  EXPECT_EQ(line.at("program"), "loadmaster");
  EXPECT_EQ(line.at("logger"), "audit");
  EXPECT_EQ(line.at("who"), "token \"ci\"");
  EXPECT_EQ(line.at("run"), "r-0001\n");
  EXPECT_FALSE(line.contains("peer"));
}

TEST(AuditLog, IsSilencedByNoLevelButOff) {
  EXPECT_THAT(Audited("error", "text"), testing::HasSubstr("audit"));
  EXPECT_EQ(Audited("off", "text"), "");
}

}  // namespace
}  // namespace loadfleet
