// A fleet of simulated agents against a real loadmaster: submits a plan, plays every agent, and
// prints as one line of JSON how long windows took from sent to acknowledged.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/create_channel.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "bench/fleet/simulated_agent.h"
#include "bench/fleet/windows.h"
#include "common/clock.h"
#include "common/descriptor_limit.h"
#include "common/net/rpc_channel.h"
#include "loadfleet/v1/api.grpc.pb.h"

namespace loadfleet {
namespace {

struct Flags {
  std::string master = "127.0.0.1:7070";
  uint32_t agents = 1000;
  uint32_t seconds = 60;
  WindowShape shape;
};

class Fleet {
 public:
  explicit Fleet(const Flags& flags)
      : flags_(flags),
        bytes_(flags.shape),
        api_(v1::Api::NewStub(NewMasterChannel(flags.master))) {}

  // What went wrong; empty: nothing.
  std::string Run() {
    for (uint32_t i = 0; i < flags_.agents; ++i) {
      agents_.push_back(std::make_unique<SimulatedAgent>(i, NewMasterChannel(flags_.master),
                                                         NewMasterChannel(flags_.master), bytes_));
    }
    if (!PlayUntil(60 * kSecond, [](const SimulatedAgent& agent) { return agent.ready(); })) {
      return absl::StrCat("not every agent was registered: ", Refusal());
    }
    if (std::string failure = Submit(); !failure.empty()) return failure;
    StallAWatcher();
    const Nanos time = (flags_.seconds + 60) * kSecond;
    if (!PlayUntil(time, [](const SimulatedAgent& agent) { return agent.done(); })) {
      return absl::StrCat("not every summary was acknowledged: ", Refusal());
    }
    return "";
  }

  nlohmann::json Result() {
    std::vector<Nanos> delays;
    uint64_t sent = 0;
    for (const auto& agent : agents_) {
      const std::vector<Nanos> its = agent->delays();
      delays.insert(delays.end(), its.begin(), its.end());
      sent += agent->sent();
    }
    std::sort(delays.begin(), delays.end());
    const auto at = [&delays](double quantile) {
      if (delays.empty()) return 0.0;
      const auto last = static_cast<double>(delays.size() - 1);
      return static_cast<double>(delays[static_cast<size_t>(quantile * last)]) / kMillisecond;
    };
    return {{"windows", sent},
            {"acknowledged", delays.size()},
            {"window_bytes", bytes_.mean_bytes()},
            {"p50_ms", at(0.5)},
            {"p99_ms", at(0.99)},
            {"max_ms", at(1)},
            {"run_id", run_id_}};
  }

  ~Fleet() {
    for (const auto& context : watches_) context->TryCancel();
  }

 private:
  // Every agent's turns, until all of them fulfil `holds`. False: that took longer than `patience`,
  // or the master has refused one.
  bool PlayUntil(Nanos patience, bool (*holds)(const SimulatedAgent&)) {
    const Nanos give_up = SystemClock().Now() + patience;
    for (;;) {
      const Nanos now = SystemClock().Now();
      Nanos next = now + 50 * kMillisecond;
      bool all = true;
      for (const auto& agent : agents_) {
        if (agent->NextWake() <= now) agent->OnTime(now, flags_.seconds);
        next = std::min(next, agent->NextWake());
        all = all && holds(*agent);
      }
      if (all) return true;
      if (now > give_up || !Refusal().empty()) return false;
      const Nanos pause = std::max<Nanos>(next - SystemClock().Now(), kMillisecond);
      std::this_thread::sleep_for(std::chrono::nanoseconds(pause));
    }
  }

  std::string Refusal() const {
    for (const auto& agent : agents_) {
      if (std::string why = agent->refused(); !why.empty()) return why;
    }
    return "";
  }

  std::string Submit() {
    v1::SubmitRequest request;
    request.mutable_source()->set_name("fleet.yaml");
    std::string text = absl::StrCat(
        "name: fleet\ntarget: http://127.0.0.1:9\nscenarios:\n  main:\n"
        "    executor: constant-arrival-rate\n    flow: main\n    rate: ",
        static_cast<uint64_t>(flags_.shape.samples) * flags_.agents,
        "/s\n    duration: ", flags_.seconds, "s\nflows:\n  main:\n    steps:\n");
    for (uint32_t r = 0; r < flags_.shape.requests; ++r) {
      absl::StrAppend(&text, "      - {request: r", r, ", get: /", r, "}\n");
    }
    request.mutable_source()->set_text(text);
    v1::SubmitReply reply;
    grpc::ClientContext context;
    const grpc::Status status = api_->Submit(&context, request, &reply);
    if (!status.ok()) return absl::StrCat("submit: ", status.error_message());
    if (reply.problems_size() > 0) return reply.problems(0).message();
    run_id_ = reply.run_id();
    return "";
  }

  // It asks for snapshots and reads none: nobody else may feel it.
  void StallAWatcher() {
    v1::RunRef run;
    run.set_run_id(run_id_);
    watches_.push_back(std::make_unique<grpc::ClientContext>());
    stalled_.push_back(api_->Watch(watches_.back().get(), run));
  }

  const Flags flags_;
  WindowBytes bytes_;
  std::unique_ptr<v1::Api::Stub> api_;
  std::string run_id_;
  std::vector<std::unique_ptr<SimulatedAgent>> agents_;
  std::vector<std::unique_ptr<grpc::ClientContext>> watches_;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::RunSnapshot>>> stalled_;
};

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Plays a fleet of agents against a loadmaster.", "fleet_load");
  app.add_option("--master", flags.master, "HOST:PORT")->capture_default_str();
  app.add_option("--agents", flags.agents, "Simulated agents")->capture_default_str();
  app.add_option("--seconds", flags.seconds, "Windows of each")->capture_default_str();
  app.add_option("--requests", flags.shape.requests, "Of the plan")->capture_default_str();
  app.add_option("--samples", flags.shape.samples, "Of each request and window")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  RaiseDescriptorLimit();
  Fleet fleet(flags);
  const std::string failure = fleet.Run();
  nlohmann::json result = fleet.Result();
  if (!failure.empty()) result["failure"] = failure;
  printf("%s\n", result.dump().c_str());
  fflush(stdout);
  return failure.empty() ? 0 : 1;
}

}  // namespace
}  // namespace loadfleet

int main(int argc, char** argv) {
  return loadfleet::Main(argc, argv);
}
