// Plans for the tests of the compiler.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/plan/compile.h"

namespace loadfleet {

inline v1::PlanSource SourceOf(std::string text) {
  v1::PlanSource source;
  source.set_name("plan.yaml");
  source.set_text(std::move(text));
  return source;
}

// A short plan with `more` lines.
inline std::string ShortPlan(absl::string_view more = "") {
  return "target: http://127.0.0.1:8080\nget: /ping\nrate: 100/s\nduration: 10s\n" +
         std::string(more);
}

inline std::vector<std::string> ProblemsOf(const v1::PlanSource& source) {
  std::vector<std::string> lines;
  for (const v1::Problem& problem : CompilePlan(source).problems) {
    lines.push_back(FormatProblem(problem));
  }
  return lines;
}

// The plan of a source that has no problem; with one the test ends here and says so.
inline v1::Plan PlanOf(const v1::PlanSource& source) {
  CompiledPlan compiled = CompilePlan(source);
  if (!compiled.problems.empty()) {
    throw std::invalid_argument(FormatProblem(compiled.problems.front()));
  }
  return std::move(compiled.plan);
}

inline v1::Plan PlanOf(const std::string& text) {
  return PlanOf(SourceOf(text));
}

}  // namespace loadfleet
