#include "loadctl/import/plan_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/limits.h"
#include "common/plan/compile.h"
#include "common/plan/url.h"
#include "common/report/format.h"
#include "common/text.h"
#include "common/units.h"
#include "loadctl/import/yaml_text.h"

namespace loadfleet {
namespace {

constexpr size_t kNameColumns = 40;  // a name is a row's heading in reports
constexpr char kFlow[] = "imported";

// Where a request goes, as the plan writes it.
struct Aim {
  std::string origin;  // "http://shop.test:8080"
  std::string target;  // path and query
};

absl::StatusOr<Aim> AimOf(const std::string& url) {
  absl::StatusOr<Url> parsed = ParseUrl(absl::string_view(url).substr(0, url.find('#')));
  if (!parsed.ok()) return parsed.status();
  const v1::Origin& origin = parsed->origin;
  const bool https = origin.scheme() == v1::SCHEME_HTTPS;
  const bool ipv6 = absl::StrContains(origin.host(), ":");
  Aim aim;
  aim.origin =
      absl::StrCat(https ? "https://" : "http://", ipv6 ? "[" : "", origin.host(), ipv6 ? "]" : "");
  if (origin.port() != (https ? 443 : 80)) absl::StrAppend(&aim.origin, ":", origin.port());
  aim.target = parsed->target;
  return aim;
}

// `api/orders` of /api/orders?x=1: of a long path its last parts.
std::string NameOf(const Aim& aim) {
  absl::string_view path = absl::string_view(aim.target).substr(0, aim.target.find('?'));
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path.size() > 1) path.remove_prefix(1);
  if (path.size() <= kNameColumns) return std::string(path);
  path.remove_prefix(path.size() - kNameColumns);
  const size_t slash = path.find('/');
  return std::string(slash + 1 < path.size() ? path.substr(slash + 1) : path);
}

std::string Cut(const std::string& name) {
  const std::string text = Printable(name).substr(0, limits::kNameBytes - 8);  // room for a number
  return text.substr(0, ValidUtf8Prefix(text));
}

void NameRequests(const std::vector<Aim>& aims, std::vector<ImportedRequest>* requests) {
  std::set<std::string> taken;
  for (size_t i = 0; i < requests->size(); ++i) {
    std::string& name = (*requests)[i].name;
    const std::string base = Cut(name.empty() ? NameOf(aims[i]) : name);
    name = base.empty() ? "request" : base;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = absl::StrCat(base, "-", number);
    }
  }
}

class PlanText {
 public:
  PlanText(const Imported& imported, const ImportLoad& load) : imported_(imported), load_(load) {}

  std::string Short(const Aim& aim) {
    AddComments();
    Add("target: ", YamlText(aim.origin));
    AddRequest("", imported_.requests.front(), aim.target, {});
    AddLoad("");
    AddDefaults({});
    return std::move(text_);
  }

  std::string Full(const std::vector<Aim>& aims) {
    const std::string target = MostCommonOrigin(aims);
    const std::vector<ImportedHeader> shared = SharedHeaders();
    AddComments();
    Add("target: ", YamlText(target));
    AddDefaults(shared);
    Add("scenarios:");
    Add("  ", kFlow, ":");
    Add("    executor: ", load_.rate.empty() ? "constant-vus" : "constant-arrival-rate");
    Add("    flow: ", kFlow);
    AddLoad("    ");
    Add("flows:");
    Add("  ", kFlow, ":");
    Add("    steps:");
    for (size_t i = 0; i < aims.size(); ++i) {
      const ImportedRequest& request = imported_.requests[i];
      if (request.think > 0) Add("      - think: ", FormatDuration(request.think));
      Add("      - request: ", YamlValue(request.name));
      const std::string& origin = aims[i].origin;
      AddRequest("        ", request,
                 origin == target ? aims[i].target : absl::StrCat(origin, aims[i].target), shared);
    }
    return std::move(text_);
  }

 private:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    absl::StrAppend(&text_, parts..., "\n");
  }

  // What came from outside stays on its line: nothing of it can become a key.
  void AddComments() {
    Add("# Made by loadctl import from ", Printable(imported_.from), ".");
    for (const std::string& note : NotesOf(imported_)) Add("# ", Printable(note));
  }

  void AddLoad(absl::string_view indent) {
    if (!load_.rate.empty()) {
      Add(indent, "rate: ", YamlText(load_.rate));
    } else {
      Add(indent, "vus: ", YamlText(load_.vus.empty() ? kImportVus : load_.vus));
    }
    Add(indent, "duration: ", YamlText(load_.duration.empty() ? kImportDuration : load_.duration));
  }

  void AddHeaders(absl::string_view indent, const std::vector<ImportedHeader>& headers) {
    if (headers.empty()) return;
    Add(indent, "headers:");
    for (const ImportedHeader& header : headers) {
      Add(indent, "  ", YamlText(header.name), ": ", YamlValue(header.value));
    }
  }

  void AddRequest(absl::string_view indent, const ImportedRequest& request,
                  const std::string& target, const std::vector<ImportedHeader>& shared) {
    Add(indent, absl::AsciiStrToLower(request.method), ": ", YamlValue(target));
    std::vector<ImportedHeader> own;
    for (const ImportedHeader& header : request.headers) {
      if (!Contains(shared, header)) own.push_back(header);
    }
    AddHeaders(indent, own);
    if (!request.body.empty()) Add(indent, "body: ", YamlValue(request.body));
    AddParts(indent, request.parts);
    if (request.decompress) Add(indent, "decompress: true");
    if (request.redirects > 0) Add(indent, "redirects: ", request.redirects);
    if (request.status != 0) Add(indent, "expect: {status: ", request.status, "}");
  }

  void AddParts(absl::string_view indent, const std::vector<ImportedPart>& parts) {
    if (parts.empty()) return;
    Add(indent, "multipart:");
    for (const ImportedPart& part : parts) {
      Add(indent, "  - name: ", YamlValue(part.name));
      const bool file = !part.file.empty();
      Add(indent, file ? "    file: " : "    text: ", YamlValue(file ? part.file : part.text));
      if (!part.filename.empty()) Add(indent, "    filename: ", YamlValue(part.filename));
      if (!part.content_type.empty()) {
        Add(indent, "    content_type: ", YamlValue(part.content_type));
      }
    }
  }

  void AddDefaults(const std::vector<ImportedHeader>& shared) {
    if (shared.empty() && imported_.http_version.empty() && !imported_.insecure) return;
    Add("defaults:");
    Add("  http:");
    if (!imported_.http_version.empty()) Add("    version: ", YamlText(imported_.http_version));
    AddHeaders("    ", shared);
    if (imported_.insecure) Add("    tls: {insecure: true}");
  }

  static bool Contains(const std::vector<ImportedHeader>& headers, const ImportedHeader& wanted) {
    return std::any_of(headers.begin(), headers.end(), [&](const ImportedHeader& header) {
      return header.name == wanted.name && header.value == wanted.value;
    });
  }

  // Those that every request has alike.
  std::vector<ImportedHeader> SharedHeaders() const {
    std::vector<ImportedHeader> shared;
    for (const ImportedHeader& header : imported_.requests.front().headers) {
      if (std::all_of(imported_.requests.begin(), imported_.requests.end(),
                      [&](const auto& request) { return Contains(request.headers, header); })) {
        shared.push_back(header);
      }
    }
    return shared;
  }

  static std::string MostCommonOrigin(const std::vector<Aim>& aims) {
    std::map<std::string, size_t> uses;
    for (const Aim& aim : aims) ++uses[aim.origin];
    const Aim* best = &aims.front();
    for (const Aim& aim : aims) {
      if (uses[aim.origin] > uses[best->origin]) best = &aim;
    }
    return best->origin;
  }

  const Imported& imported_;
  const ImportLoad& load_;
  std::string text_;
};

// By the plan compiler's own word, so that the two can never differ.
absl::StatusOr<Aim> CheckRequest(const ImportedRequest& request) {
  absl::StatusOr<Aim> aim = AimOf(request.url);
  if (!aim.ok()) return aim.status();
  if (request.body.size() > limits::kBodyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the body has ", FormatSize(request.body.size()),
                                                   ", the limit is ",
                                                   FormatSize(limits::kBodyBytes)));
  }
  std::string texts = request.body;
  for (const ImportedPart& part : request.parts) {
    absl::StrAppend(&texts, part.name, part.text, part.file, part.filename, part.content_type);
  }
  if (ValidUtf8Prefix(texts) < texts.size()) {
    return absl::InvalidArgumentError("the body is not UTF-8 text, and a plan holds nothing else");
  }
  for (const ImportedHeader& header : request.headers) {
    const std::string text = absl::StrCat(header.name, header.value);
    if (ValidUtf8Prefix(text) < text.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("header `", Shown(header.name), "`: not UTF-8 text"));
    }
  }
  Imported alone;
  alone.requests.push_back(request);
  v1::PlanSource source;
  source.set_text(PlanText(alone, {}).Short(*aim));
  // Whether its files are there is for whoever runs the plan to see.
  for (const ImportedPart& part : request.parts) (*source.mutable_files())[part.file];
  const CompiledPlan compiled = CompilePlan(source);
  if (!compiled.problems.empty()) {
    return absl::InvalidArgumentError(compiled.problems.front().message());
  }
  return aim;
}

// A plan would fill it in.
absl::Status CheckNoTemplate(const ImportedRequest& request) {
  bool found = absl::StrContains(request.url, "{{") || absl::StrContains(request.body, "{{");
  for (const ImportedHeader& header : request.headers) {
    found = found || absl::StrContains(header.value, "{{");
  }
  for (const ImportedPart& part : request.parts) {
    found = found || absl::StrContains(part.text, "{{");
  }
  if (!found) return absl::OkStatus();
  return absl::InvalidArgumentError("`{{` is in it, which a plan would take for a variable");
}

std::string Described(const ImportedRequest& request) {
  return absl::StrCat(request.method, " ", Shown(request.url));
}

}  // namespace

absl::Status CheckLoad(const ImportLoad& load) {
  v1::PlanSource source;
  source.set_text("target: http://127.0.0.1\nget: /\n");
  const auto set = [&](const char* key, const std::string& value, const char* fallback) {
    v1::Override* change = source.add_overrides();
    change->add_path(key);
    change->set_value(QuoteForOverride(value.empty() ? fallback : value));
    change->set_origin(absl::StrCat("--", key));
  };
  if (load.rate.empty()) {
    set("vus", load.vus, kImportVus);
  } else {
    set("rate", load.rate, "");
  }
  set("duration", load.duration, kImportDuration);
  const CompiledPlan compiled = CompilePlan(source);
  if (compiled.problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(FormatProblem(compiled.problems.front()));
}

absl::StatusOr<std::string> WritePlan(Imported imported, const ImportLoad& load) {
  std::vector<ImportedRequest> kept;
  std::vector<Aim> aims;
  for (ImportedRequest& request : imported.requests) {
    if (kept.size() == limits::kRequests) {
      return absl::InvalidArgumentError(absl::StrCat(imported.from, ": ", imported.requests.size(),
                                                     " requests, the limit of a plan is ",
                                                     limits::kRequests));
    }
    absl::Status status = CheckNoTemplate(request);
    if (status.ok()) {
      absl::StatusOr<Aim> aim = CheckRequest(request);
      status = aim.status();
      if (aim.ok()) aims.push_back(*std::move(aim));
    }
    if (status.ok()) {
      kept.push_back(std::move(request));
    } else if (imported.leave_out) {
      AddNote(absl::StrCat("Left out: ", Described(request), ": ", status.message(), "."),
              &imported);
    } else {
      return absl::InvalidArgumentError(absl::StrCat(request.where, ": ", status.message()));
    }
  }
  imported.requests = std::move(kept);
  if (imported.requests.empty()) {
    std::string why = absl::StrCat(imported.from, ": no request that a plan can hold");
    for (const std::string& note : NotesOf(imported)) absl::StrAppend(&why, "\n  ", note);
    return absl::InvalidArgumentError(why);
  }
  NameRequests(aims, &imported.requests);
  PlanText writer(imported, load);
  std::string text = aims.size() == 1 ? writer.Short(aims.front()) : writer.Full(aims);
  if (text.size() > limits::kPlanBytes) {
    return absl::InvalidArgumentError(absl::StrCat(imported.from, ": the plan would have ",
                                                   FormatSize(text.size()), ", the limit is ",
                                                   FormatSize(limits::kPlanBytes)));
  }
  return text;
}

}  // namespace loadfleet
