#include "loadctl/plan_source/plan_flags.h"

#include <cstdlib>

#include "absl/strings/str_join.h"
#include "common/plan/compile.h"
#include "loadctl/plan_source/data_file.h"
#include "loadctl/plan_source/flag_overrides.h"
#include "loadctl/plan_source/plan_file.h"

namespace loadfleet {
namespace {

constexpr char kInsteadOfAPlan[] = "Instead of a plan";

}  // namespace

void AddPlanFlags(CLI::App* app, PlanFlags* flags) {
  CLI::Option* plan = app->add_option("PLAN", flags->plan, "Plan file (YAML)")->option_text(" ");
  CLI::Option* url = app->add_option("--url", flags->url, "Load this URL; takes PLAN's place");
  url->option_text("URL")->group(kInsteadOfAPlan)->excludes(plan);
  const auto add = [&](const char* name, const char* form, auto& value, const char* help) {
    return app->add_option(name, value, help)
        ->option_text(form)
        ->allow_extra_args(false)
        ->group(kInsteadOfAPlan)
        ->needs(url);
  };
  CLI::Option* rate = add("--rate", "N", flags->rate,
                          "Arrivals per second, whatever the target does: 5000 or 5000/s");
  add("--vus", "N", flags->vus,
      "Virtual users; each sends its next request when the last one has ended. 10 when there is no "
      "--rate")
      ->excludes(rate);
  add("--duration", "D", flags->duration, "How long: 30s, 5m, 1h30m. 10s when absent");
  add("--method", "M", flags->method, "GET when absent, POST with --body");
  add("--header", "'K: V'", flags->headers, "A request header (repeatable)");
  add("--body", "TEXT", flags->body, "The request's body");
  add("--http", "1.1|2|h2c|auto", flags->http,
      "HTTP version; auto: 2 over TLS when the server speaks it, else 1.1");
  app->add_flag("--insecure", flags->insecure, "Verify no TLS certificate; the report says so")
      ->group(kInsteadOfAPlan)
      ->needs(url);
  add("--connections", "N", flags->connections, "The most connections to open, over all agents");
  add("--unix-socket", "PATH", flags->unix_socket,
      "Connect to this socket instead of the URL's host (`loadctl run` only)");
  add("--streams", "N", flags->streams, "The most requests at a time on one HTTP/2 connection");

  app->add_option("--name", flags->name, "The run's name in reports and lists")
      ->option_text("TEXT");
  const auto add_repeatable = [&](const char* name, auto& values, const char* help) {
    app->add_option(name, values, help)->option_text("K=V")->allow_extra_args(false);
  };
  add_repeatable("--label", flags->labels, "A label of the run (repeatable)");
  add_repeatable("--set", flags->overrides,
                 "Override a key of the plan: defaults.http.timeouts.total=2s (repeatable)");
  app->final_callback([plan, url] {
    if (plan->empty() && url->empty()) throw CLI::RequiredError("PLAN or --url");
  });
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

namespace {

// The files that the plan names, relative to it. What cannot be read is left out: the plan compiler
// says so, with the place that names it.
void AddFiles(const std::string& plan, const std::vector<std::string>& names,
              v1::PlanSource* source) {
  for (const std::string& name : names) {
    absl::StatusOr<std::string> text = ReadPlanFile(BesidePlan(plan, name));
    if (text.ok()) (*source->mutable_files())[name] = *std::move(text);
  }
}

// What is in those that feeders name. The status is of their first rows that are wrong, with
// everything that is wrong with the plan itself.
absl::Status AddData(const std::string& plan, const std::vector<std::string>& names,
                     v1::PlanSource* source) {
  std::vector<std::string> wrong;
  for (const std::string& name : names) {
    absl::StatusOr<v1::DataSource> data = ScanDataFile(BesidePlan(plan, name), name);
    if (absl::IsNotFound(data.status())) continue;
    v1::DataSource& added = *source->add_data();
    added.set_name(name);  // of a file without columns nothing more is said
    if (data.ok()) {
      added = *std::move(data);
    } else {
      wrong.emplace_back(data.status().message());
    }
  }
  if (wrong.empty()) return absl::OkStatus();
  for (const v1::Problem& problem : CompilePlan(*source).problems) {
    wrong.push_back(FormatProblem(problem));
  }
  return absl::InvalidArgumentError(absl::StrJoin(wrong, "\n"));
}

}  // namespace

absl::StatusOr<v1::PlanSource> ToPlanSource(const PlanFlags& flags,
                                            const EnvironmentLookup& environment) {
  v1::PlanSource source;
  if (flags.url.empty()) {
    absl::StatusOr<std::string> text = ReadPlanFile(flags.plan);
    if (!text.ok()) return text.status();
    source.set_name(flags.plan);
    source.set_text(*std::move(text));
  }
  if (absl::Status status = AddOverrides(flags, &source); !status.ok()) return status;
  for (const std::string& name : EnvironmentNames(source)) {
    if (std::optional<std::string> value = environment(name)) {
      (*source.mutable_environment())[name] = *std::move(value);
    }
  }
  const CompiledPlan compiled = CompilePlan(source);
  AddFiles(flags.plan, compiled.files, &source);
  if (absl::Status status = AddData(flags.plan, compiled.data, &source); !status.ok()) {
    return status;
  }
  return source;
}

}  // namespace loadfleet
