// `loadctl import`: a plan from what people already have.
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loadctl/commands/command.h"
#include "loadctl/import/curl.h"
#include "loadctl/import/har.h"
#include "loadctl/import/input_file.h"
#include "loadctl/import/openapi.h"
#include "loadctl/import/plan_writer.h"
#include "loadctl/import/url_list.h"
#include "loadctl/outputs/atomic_file.h"

namespace loadfleet {
namespace {

struct ImportFlags {
  std::string source;  // a file; for curl the command itself
  HarOptions har;
  OpenApiOptions openapi;
  ImportLoad load;
  std::string out;
  bool force = false;
};

using Imports = std::function<absl::StatusOr<Imported>(const ImportFlags& flags)>;

// One that is there is somebody's work.
absl::Status CheckFree(const ImportFlags& flags) {
  if (flags.out.empty() || flags.force || access(flags.out.c_str(), F_OK) != 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--out ", flags.out, ": the file exists; --force writes over it"));
}

ExitCode Execute(const ImportFlags& flags, const Imports& import) {
  absl::Status status = CheckFree(flags);
  if (status.ok()) status = CheckLoad(flags.load);
  if (!status.ok()) return Fail(status);
  absl::StatusOr<Imported> imported = import(flags);
  if (!imported.ok()) return Fail(imported.status());
  const absl::StatusOr<std::string> plan = WritePlan(*std::move(imported), flags.load);
  if (!plan.ok()) return Fail(plan.status());
  if (flags.out.empty()) {
    std::cout << *plan;
  } else if (status = WriteAtomically(flags.out, *plan); !status.ok()) {
    return Fail(status);
  }
  return ExitCode::kPassed;
}

void AddOutputFlags(CLI::App* app, ImportFlags* flags) {
  const auto add = [app](const char* name, const char* form, std::string& value, const char* help) {
    return app->add_option(name, value, help)->option_text(form);
  };
  CLI::Option* rate = add("--rate", "N", flags->load.rate, "The plan's arrivals a second");
  add("--vus", "N", flags->load.vus, "The plan's virtual users; 1 when there is no --rate")
      ->excludes(rate);
  add("--duration", "D", flags->load.duration, "The plan's duration; 30s when absent");
  add("--out", "FILE", flags->out, "Where the plan goes; standard output when absent");
  app->add_flag("--force", flags->force, "Write over an existing file");
}

// One format: its subcommand, and how it imports.
struct Format {
  CLI::App* app;
  std::shared_ptr<ImportFlags> flags;
  Imports import;
};

Format Curl(CLI::App* root) {
  CLI::App* app = root->add_subcommand("curl", "From a curl command");
  const auto flags = std::make_shared<ImportFlags>();
  flags->source = "-";
  app->add_option("COMMAND", flags->source,
                  "The command, as one word in quotes; from standard input when absent or -")
      ->option_text(" ");
  AddExamples(app, {"loadctl import curl \"curl -d a=1 http://localhost:8080/echo\" --rate 100/s",
                    "loadctl import curl < copied-from-the-browser.txt"});
  return {app, flags, [](const ImportFlags& typed) -> absl::StatusOr<Imported> {
            if (typed.source != "-") return ImportCurl(typed.source, ReadInput);
            const absl::StatusOr<std::string> command = ReadInput("-");
            if (!command.ok()) return command.status();
            return ImportCurl(*command, ReadInput);
          }};
}

// The formats that are files. `parse` gets the text and the flags, of which `source` is the file's
// name.
template <typename Parse>
Format FromFile(CLI::App* root, const char* name, const char* help, Parse parse) {
  CLI::App* app = root->add_subcommand(name, help);
  const auto flags = std::make_shared<ImportFlags>();
  app->add_option("FILE", flags->source, "The file; - is standard input")
      ->option_text(" ")
      ->required();
  return {app, flags, [parse](const ImportFlags& typed) -> absl::StatusOr<Imported> {
            const absl::StatusOr<std::string> text = ReadInput(typed.source);
            if (!text.ok()) return text.status();
            return parse(*text, typed);
          }};
}

Format Urls(CLI::App* root) {
  Format format = FromFile(root, "urls", "From a list of URLs, as vegeta and siege take them",
                           [](const std::string& text, const ImportFlags& flags) {
                             return ImportUrls(text, flags.source, ReadInput);
                           });
  AddExamples(format.app, {"loadctl import urls urls.txt --vus 20 --duration 5m --out plan.yaml"});
  return format;
}

Format Har(CLI::App* root) {
  Format format = FromFile(root, "har", "From a browser's recording (HTTP Archive)",
                           [](const std::string& text, const ImportFlags& flags) {
                             return ImportHar(text, flags.source, flags.har);
                           });
  HarOptions& options = format.flags->har;
  format.app->add_flag(
      "--static,!--no-static", options.static_assets,
      "With images, styles, scripts, fonts and media, or without; with by default");
  format.app->add_flag("--same-origin", options.same_origin,
                       "Only what goes to the origin of the first request");
  AddExamples(format.app,
              {"loadctl import har shop.har --no-static --same-origin --out plan.yaml"});
  return format;
}

Format OpenApi(CLI::App* root) {
  Format format = FromFile(root, "openapi", "From an OpenAPI 3 document (YAML or JSON)",
                           [](const std::string& text, const ImportFlags& flags) {
                             return ImportOpenApi(text, flags.source, flags.openapi);
                           });
  format.app
      ->add_option("--target", format.flags->openapi.target,
                   "Where the requests go; the document's first server when absent")
      ->option_text("URL");
  AddExamples(format.app, {"loadctl import openapi petstore.yaml --target http://localhost:8080"});
  return format;
}

}  // namespace

Command AddImportCommand(CLI::App& root) {
  CLI::App* app = root.add_subcommand("import", "Make a plan of what you already have");
  app->require_subcommand(1);
  const std::vector<Format> formats = {Curl(app), Urls(app), Har(app), OpenApi(app)};
  AddExamples(app, {"loadctl import curl \"curl -d a=1 http://localhost:8080/echo\"",
                    "loadctl import har --help"});
  for (const Format& format : formats) AddOutputFlags(format.app, format.flags.get());
  return {app, [formats] {
            for (const Format& format : formats) {
              if (format.app->parsed()) return Execute(*format.flags, format.import);
            }
            return ExitCode::kUsageOrPlan;
          }};
}

}  // namespace loadfleet
