#include "loadctl/commands/command.h"

#include <iostream>

#include "common/plan/compile.h"
#include "common/text.h"
#include "loadctl/client/exit_codes.h"

namespace loadfleet {

void AddExamples(CLI::App* app, const std::vector<std::string>& lines) {
  std::string examples = "Examples:\n";
  for (const std::string& line : lines) examples += "  " + line + "\n";
  app->footer(examples + "\n" + app->get_footer());
}

ExitCode Fail(const absl::Status& error) {
  std::cerr << "loadctl: " << error.message() << '\n';
  return ExitCodeOf(error);
}

ExitCode FailWithProblems(const google::protobuf::RepeatedPtrField<v1::Problem>& problems) {
  for (const v1::Problem& problem : problems) std::cerr << FormatProblem(problem) << '\n';
  return ExitCode::kUsageOrPlan;
}

std::optional<ExitCode> FailUnlessUtf8(const v1::PlanSource& source) {
  if (ValidUtf8Prefix(source.text()) == source.text().size()) return std::nullopt;
  const CompiledPlan compiled = CompilePlan(source);
  return FailWithProblems({compiled.problems.begin(), compiled.problems.end()});
}

}  // namespace loadfleet
