// The plan compiler: what a person wrote, as the canonical Plan that master and agents run, or
// everything wrong with it.
//
// loadctl and the master run the same code, so both give the same text. Pure functions without
// threads, clocks or files. Plans are hostile input: whatever the bytes, the answer takes bounded
// time and memory.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/secrets.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct CompiledPlan {
  v1::Plan plan;  // meaningful only without problems
  std::vector<v1::Problem> problems;
  // What of the plan nobody may see but the agents; the problems do not show it.
  Secrets secrets;
  // The files that the plan names. The submitter fills PlanSource.files with those that it can
  // read, relative to the plan, and compiles again.
  std::vector<std::string> files;
  // Likewise those of which the submitter tells only what is in them, in PlanSource.data, and which
  // it uploads.
  std::vector<std::string> data;
};

// All problems at once, in the order of their places, at most limits::kPlanProblems and a last one
// that counts the rest. In the plan every default is applied and every reference resolved.
CompiledPlan CompilePlan(const v1::PlanSource& source);

// The NAME of each ${NAME} that the source's values ask for or `secrets` lists, overrides applied,
// sorted. The submitter fills PlanSource.environment with those that are set. Empty when the text
// cannot be parsed: CompilePlan says why.
std::vector<std::string> EnvironmentNames(const v1::PlanSource& source);

// `file:line:column: message`; `--rate: message` for an override; the message alone when there is
// no file either.
std::string FormatProblem(const v1::Problem& problem);

// A value for Override.value that YAML reads back as exactly `text`: a header's `*/*` or `{}` is no
// syntax then.
std::string QuoteForOverride(absl::string_view text);

}  // namespace loadfleet
