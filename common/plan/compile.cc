#include "common/plan/compile.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/plan/document.h"
#include "common/plan/environment.h"
#include "common/plan/overrides.h"
#include "common/plan/plan_files.h"
#include "common/plan/plan_reader.h"
#include "common/plan/problems.h"
#include "common/plan/read_keys.h"
#include "common/plan/secrets_reader.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kEmptyPlan =
    "the plan is empty; the shortest one is\n"
    "  target: http://localhost:8080\n"
    "  get: /ping\n"
    "  rate: 1000/s\n"
    "  duration: 30s";

std::optional<Node> ParseSource(const v1::PlanSource& source, Problems* problems) {
  std::optional<Node> root = ParseDocument(source.text(), 0, problems);
  if (root) ApplyOverrides(source, &*root, problems);
  return root;
}

CompiledPlan Compile(const v1::PlanSource& source, ReadKeys* read_keys) {
  CompiledPlan compiled;
  Problems problems(source, read_keys);
  std::optional<Node> root = ParseSource(source, &problems);
  if (root && root->kind == Node::Kind::kNull && problems.empty()) {
    problems.Add({}, std::string(kEmptyPlan));
  } else if (root) {
    compiled.secrets = ReadSecrets(&*root, source.environment(), &problems);
    SubstituteVariables(source.environment(), &*root, &problems);
    PlanFiles files(source);
    compiled.plan = ReadPlan(*root, source.name(), &files, &problems);
    compiled.files.assign(files.asked().begin(), files.asked().end());
    compiled.data.assign(files.data_asked().begin(), files.data_asked().end());
  }
  compiled.problems = problems.ToProto();
  for (v1::Problem& problem : compiled.problems) compiled.secrets.HideIn(&problem);
  compiled.secrets.AddCredentialsOf(compiled.plan);
  return compiled;
}

}  // namespace

CompiledPlan CompilePlan(const v1::PlanSource& source) {
  return Compile(source, nullptr);
}

void AddKeysReadIn(const v1::PlanSource& source, ReadKeys* keys) {
  Compile(source, keys);
}

std::vector<std::string> EnvironmentNames(const v1::PlanSource& source) {
  Problems problems(source);
  const std::optional<Node> root = ParseSource(source, &problems);
  if (!root) return {};
  std::set<std::string> names = VariablesOf(*root);
  names.merge(SecretNamesIn(*root));
  return {names.begin(), names.end()};
}

std::string FormatProblem(const v1::Problem& problem) {
  if (problem.file().empty() && problem.line() == 0) return problem.message();
  if (problem.line() == 0) return absl::StrCat(problem.file(), ": ", problem.message());
  const std::string& file = problem.file().empty() ? "plan" : problem.file();
  return absl::StrCat(file, ":", problem.line(), ":", problem.column(), ": ", problem.message());
}

std::string QuoteForOverride(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", absl::string_view(&c, 1));
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace loadfleet
