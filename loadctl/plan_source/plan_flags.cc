#include "loadctl/plan_source/plan_flags.h"

#include <cstdlib>

#include "common/plan/compile.h"
#include "loadctl/plan_source/flag_overrides.h"
#include "loadctl/plan_source/plan_file.h"

namespace loadfleet {

void AddPlanFlags(CLI::App* app, PlanFlags* flags) {
  CLI::Option* plan = app->add_option("PLAN", flags->plan, "Plan file (YAML)");
  CLI::Option* url = app->add_option("--url", flags->url, "Load this URL; takes the place of PLAN");
  url->group("Instead of a plan")->excludes(plan);
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app->add_option(name, value, help)->group("Instead of a plan")->needs(url);
  };
  CLI::Option* rate =
      add("--rate", flags->rate, "Arrivals per second, whatever the target does: 5000 or 5000/s");
  CLI::Option* vus = add("--vus", flags->vus,
                         "Virtual users, each sending its next request when the last one has "
                         "ended; 10 when there is no --rate");
  rate->excludes(vus);
  add("--duration", flags->duration, "How long: 30s, 5m, 1h30m; 10s when absent");
  add("--method", flags->method, "GET when absent, POST with --body");
  add("--header", flags->headers, "A request header, 'Name: value' (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  add("--body", flags->body, "The request's body");
  add("--http", flags->http, "HTTP version: 1.1 or auto (2 and h2c: not in this version)");
  add("--connections", flags->connections, "The most connections to open, over all agents");
  app->add_option("--name", flags->name, "The run's name in reports and lists");
  app->add_option("--label", flags->labels, "A label of the run, key=value (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  app->add_option("--set", flags->overrides,
                  "Override a key of the plan: defaults.http.timeouts.total=2s (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  app->final_callback([plan, url, app] {
    if (plan->empty() && url->empty())
      throw CLI::RequiredError(app->get_name() + ": PLAN or --url");
  });
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

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
  return source;
}

}  // namespace loadfleet
