// The flags that say what to run, the same for `run`, `submit`, `validate` and `explain`: a
// plan file, or a URL the way people type wrk and hey.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// As typed; an empty string is a flag that was not given.
struct PlanFlags {
  std::string plan;  // path
  std::string url;
  std::string rate;
  std::string vus;
  std::string duration;
  std::string method;
  std::vector<std::string> headers;  // "K: V"
  std::string body;
  std::string http;
  std::string connections;
  std::string unix_socket;
  std::string streams;
  bool insecure = false;
  std::string name;
  std::vector<std::string> labels;     // "k=v"
  std::vector<std::string> overrides;  // "dotted.path=value"
};

// `flags` must outlive `app`. The command line is then refused when it has neither a plan nor a
// URL, or both, or a flag of the URL's without one.
void AddPlanFlags(CLI::App* app, PlanFlags* flags);

// What the shell's environment has for a name.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
std::optional<std::string> ProcessEnvironment(const std::string& name);

// The plan as the master gets it: the file's text or none, the flags as overrides in the order of
// the struct, so that `--set` has the last word, and of the environment and of files only what the
// plan asks for.
// INVALID_ARGUMENT: a flag is not of its form, or the file cannot be read; the message is a
// sentence. Or the rows of a feeder are wrong: then the message has a line for each file, and one
// for each problem of the plan. Whether the values make sense is else the question of the plan
// compiler.
absl::StatusOr<v1::PlanSource> ToPlanSource(const PlanFlags& flags,
                                            const EnvironmentLookup& environment);

}  // namespace loadfleet
