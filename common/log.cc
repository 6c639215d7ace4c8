#include "common/log.h"

#include <stdlib.h>

#include <array>
#include <memory>
#include <string_view>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

std::string Quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// spdlog writes the payload of %v as it is; in JSON it must be escaped.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string text(message.payload.data(), message.payload.size());
    const std::string json = Quote(text);
    out.append(json.data(), json.data() + json.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

constexpr char kAudit[] = "audit";
// Its JSON lines have members of their own in place of a message.
constexpr char kAuditJson[] = "audit.json";

void StartAudit(const std::string& program, const std::string& level, bool json) {
  auto logger = std::make_shared<spdlog::logger>(json ? kAuditJson : kAudit,
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","program":")" + program +
                                 R"(","logger":"audit",%v})"
                           : "%Y-%m-%d %H:%M:%S.%e " + program + " audit: %v");
  logger->set_level(level == "off" ? spdlog::level::off : spdlog::level::info);
  logger->flush_on(spdlog::level::trace);
  spdlog::drop(kAudit);
  spdlog::drop(kAuditJson);
  spdlog::register_logger(std::move(logger));
}

}  // namespace

absl::Status StartLogging(const std::string& program, const std::string& level,
                          const std::string& format) {
  static constexpr std::array<std::string_view, 6> kLevels = {"trace",   "debug", "info",
                                                              "warning", "error", "off"};
  bool known = false;
  for (std::string_view name : kLevels) known = known || name == level;
  if (!known) {
    return absl::InvalidArgumentError(absl::StrCat(
        "log level '", level, "': expected trace, debug, info, warning, error or off"));
  }
  if (format != "text" && format != "json") {
    return absl::InvalidArgumentError(
        absl::StrCat("log format '", format, "': expected text or json"));
  }
  // gRPC's own words go to standard error past this log; what they tell comes as a Status too.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  auto logger =
      std::make_shared<spdlog::logger>(program, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<JsonMessage>('*');
  formatter->set_pattern(
      format == "json"
          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","program":"%n","level":"%l","message":%*})"
          : "%Y-%m-%d %H:%M:%S.%e %n %l: %v");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  StartAudit(program, level, format == "json");
  return absl::OkStatus();
}

void LogAudit(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::shared_ptr<spdlog::logger> logger = spdlog::get(kAudit);
  const bool json = logger == nullptr;
  if (json) logger = spdlog::get(kAuditJson);
  if (logger == nullptr) return;
  std::string line;
  for (const auto& [key, value] : fields) {
    if (value.empty()) continue;
    absl::StrAppend(&line, line.empty() ? "" : (json ? "," : " "),
                    json ? Quote(key) + ":" : key + "=", Quote(value));
  }
  logger->info("{}", line);
}

}  // namespace loadfleet
