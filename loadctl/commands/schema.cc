// `loadctl schema`: the plan format for editors.
#include "loadctl/schema/plan_schema.h"

#include <iostream>

#include "loadctl/commands/command.h"

namespace loadfleet {

Command AddSchemaCommand(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("schema", "Print the JSON Schema of plans, for editors that know YAML");
  AddExamples(app, {"loadctl schema > plan.schema.json"});
  return {app, [] {
            std::cout << PlanSchema();
            return ExitCode::kPassed;
          }};
}

}  // namespace loadfleet
