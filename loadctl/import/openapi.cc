#include "loadctl/import/openapi.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/units.h"
#include "loadctl/import/json_document.h"
#include "loadctl/import/openapi_example.h"
#include "loadctl/import/yaml_document.h"

namespace loadfleet {
namespace {

constexpr size_t kParameters = 1'000;  // of an operation; no URL has room for more
constexpr char kNoServer[] = "http://localhost:8080";

// A text as it stands; anything else as its JSON.
std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : CompactJson(value);
}

// The elements of a list; anything else is one.
std::vector<std::string> TextsOf(const Json& value) {
  if (!value.is_array()) return {TextOf(value)};
  std::vector<std::string> texts;
  for (const Json& item : value) texts.push_back(TextOf(item));
  return texts;
}

bool IsTrue(const Json& value, absl::string_view key) {
  const Json* member = Member(value, key);
  return member != nullptr && member->is_boolean() && member->get<bool>();
}

// The example that a parameter or a body carries beside its schema; null when there is none.
const Json* ExampleBeside(const Json& holder) {
  if (const Json* example = Member(holder, "example")) return example;
  const Json* examples = Member(holder, "examples");
  if (examples == nullptr || !examples->is_object() || examples->empty()) return nullptr;
  return Member(examples->front(), "value");
}

std::string FormOf(const Json& value) {
  if (!value.is_object()) return TextOf(value);
  std::vector<std::string> pairs;
  for (const auto& [name, member] : value.items()) {
    for (const std::string& text : TextsOf(member)) {
      pairs.push_back(absl::StrCat(PercentEncoded(name), "=", PercentEncoded(text)));
    }
  }
  return absl::StrJoin(pairs, "&");
}

enum class Media { kJson, kForm, kText, kNone };

Media MediaOf(absl::string_view type) {
  const std::string bare =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))));
  if (bare == "application/json" || bare == "*/*" || absl::EndsWith(bare, "+json")) {
    return Media::kJson;
  }
  if (bare == "application/x-www-form-urlencoded") return Media::kForm;
  return absl::StartsWith(bare, "text/") ? Media::kText : Media::kNone;
}

class Reader {
 public:
  Reader(const Json& document, const std::string& name, const OpenApiOptions& options)
      : document_(document), name_(name), options_(options), examples_(document) {}

  absl::StatusOr<Imported> Read() {
    imported_.from = name_;
    imported_.leave_out = true;
    absl::Status status = CheckVersion();
    if (status.ok()) status = Paths();
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(name_, ": ", status.message()));
    }
    if (secured_) {
      AddNote("The document asks for authentication: add a header to defaults.http.headers.",
              &imported_);
    }
    return std::move(imported_);
  }

 private:
  static absl::Status Error(absl::string_view pointer, absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(pointer, ": ", what));
  }

  absl::Status CheckVersion() const {
    if (Member(document_, "swagger") != nullptr) {
      return Error("/swagger", "this is Swagger 2; convert it to OpenAPI 3 first");
    }
    const Json* version = Member(document_, "openapi");
    if (version != nullptr && absl::StartsWith(TextOf(*version), "3.")) return absl::OkStatus();
    return Error("/openapi", "an OpenAPI document of version 3 is expected");
  }

  absl::Status Paths() {
    const Json* paths = Member(document_, "paths");
    if (paths == nullptr || !paths->is_object()) {
      return Error("/paths", "a map of paths is expected here");
    }
    secured_ = IsSecured(document_);
    for (const auto& [path, item] : paths->items()) {
      absl::StatusOr<Located> resolved = Resolved(document_, {&item, PointerTo("/paths", path)});
      if (!resolved.ok()) return resolved.status();
      if (!resolved->value->is_object()) return Error(resolved->pointer, "a map is expected here");
      for (const auto& [key, operation] : resolved->value->items()) {
        const std::string method = absl::AsciiStrToUpper(key);
        if (!IsPlanMethod(method)) continue;
        absl::Status status =
            Operation(path, *resolved, method, {&operation, PointerTo(resolved->pointer, key)});
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Operation(const std::string& path, const Located& item, const std::string& method,
                         const Located& operation) {
    if (imported_.requests.size() == limits::kRequests) {
      return Error(operation.pointer, absl::StrCat("more operations than the ", limits::kRequests,
                                                   " requests of a plan"));
    }
    ImportedRequest request;
    request.where = absl::StrCat(name_, ": ", operation.pointer);
    request.method = method;
    const std::string* id = TextMember(*operation.value, "operationId");
    request.name = id != nullptr ? *id : absl::StrCat(absl::AsciiStrToLower(method), " ", path);
    secured_ = secured_ || IsSecured(*operation.value);
    absl::StatusOr<std::string> target = Target(path, item, operation, &request);
    if (!target.ok()) return target.status();
    request.url = absl::StrCat(Server(item, operation), *target);
    absl::StatusOr<bool> can = Body(operation, &request);
    if (!can.ok()) return can.status();
    if (*can) imported_.requests.push_back(std::move(request));
    return absl::OkStatus();
  }

  static bool IsSecured(const Json& holder) {
    const Json* security = Member(holder, "security");
    return security != nullptr && security->is_array() && !security->empty();
  }

  // The nearest server's URL, without a slash at its end.
  std::string Server(const Located& item, const Located& operation) {
    if (!options_.target.empty()) return std::string(absl::StripSuffix(options_.target, "/"));
    std::string url;
    for (const Json* holder : {operation.value, item.value, &document_}) {
      const Json* servers = Member(*holder, "servers");
      if (servers == nullptr || !servers->is_array() || servers->empty()) continue;
      if (const std::string* found = TextMember(servers->front(), "url")) {
        url = WithVariables(*found, servers->front());
        break;
      }
    }
    if (!absl::StrContains(url, "://")) {
      AddNote(absl::StrCat("The document names no host: ", kNoServer, " stands in its place."),
              &imported_);
      url = absl::StrCat(kNoServer, absl::StartsWith(url, "/") || url.empty() ? "" : "/", url);
    }
    return std::string(absl::StripSuffix(url, "/"));
  }

  static std::string WithVariables(std::string url, const Json& server) {
    const Json* variables = Member(server, "variables");
    if (variables == nullptr || !variables->is_object()) return url;
    for (const auto& [name, variable] : variables->items()) {
      if (const Json* value = Member(variable, "default")) {
        url = absl::StrReplaceAll(url, {{absl::StrCat("{", name, "}"), TextOf(*value)}});
      }
    }
    return url;
  }

  // Those of the path, each replaced by the operation's of the same name and place.
  absl::StatusOr<std::vector<Located>> Parameters(const Located& item, const Located& operation) {
    std::vector<Located> parameters;
    std::map<std::pair<std::string, std::string>, size_t> known;  // by name and place
    for (const Located& holder : {item, operation}) {
      const Json* list = Member(*holder.value, "parameters");
      if (list == nullptr || !list->is_array()) continue;
      if (list->size() > kParameters) {
        return Error(absl::StrCat(holder.pointer, "/parameters"),
                     absl::StrCat("more than ", kParameters, " parameters"));
      }
      for (size_t i = 0; i < list->size(); ++i) {
        const std::string pointer = absl::StrCat(holder.pointer, "/parameters/", i);
        absl::StatusOr<Located> found = Resolved(document_, {&(*list)[i], pointer});
        if (!found.ok()) return found.status();
        const std::string* name = TextMember(*found->value, "name");
        const std::string* in = TextMember(*found->value, "in");
        if (name == nullptr || in == nullptr) {
          return Error(pointer, "a parameter with `name` and `in` is expected here");
        }
        const auto [same, fresh] = known.try_emplace({*name, *in}, parameters.size());
        if (fresh) {
          parameters.push_back(*std::move(found));
        } else {
          parameters[same->second] = *std::move(found);
        }
      }
    }
    return parameters;
  }

  // Of a parameter or a body's media type.
  absl::StatusOr<Json> ValueOf(const Located& holder) {
    if (const Json* example = ExampleBeside(*holder.value)) {
      return examples_.Copy({example, holder.pointer});
    }
    Located schema{Member(*holder.value, "schema"), PointerTo(holder.pointer, "schema")};
    if (schema.value == nullptr) return Json("text");
    absl::StatusOr<std::optional<Json>> made = examples_.Make(schema);
    if (!made.ok()) return made.status();
    return made->value_or(Json(nullptr));
  }

  bool HasExample(const Located& parameter) const {
    if (ExampleBeside(*parameter.value) != nullptr) return true;
    const Json* schema = Member(*parameter.value, "schema");
    return schema != nullptr &&
           (Member(*schema, "example") != nullptr || Member(*schema, "examples") != nullptr);
  }

  // Path and query; header parameters go into the request.
  absl::StatusOr<std::string> Target(std::string path, const Located& item,
                                     const Located& operation, ImportedRequest* request) {
    absl::StatusOr<std::vector<Located>> parameters = Parameters(item, operation);
    if (!parameters.ok()) return parameters.status();
    std::vector<std::string> query;
    for (const Located& parameter : *parameters) {
      const std::string& name = *TextMember(*parameter.value, "name");
      const std::string& in = *TextMember(*parameter.value, "in");
      if (in != "path" && !IsTrue(*parameter.value, "required") && !HasExample(parameter)) continue;
      absl::StatusOr<Json> value = ValueOf(parameter);
      if (!value.ok()) return value.status();
      if (in == "path") {
        std::vector<std::string> parts;
        for (const std::string& text : TextsOf(*value)) parts.push_back(PercentEncoded(text));
        path =
            absl::StrReplaceAll(path, {{absl::StrCat("{", name, "}"), absl::StrJoin(parts, ",")}});
      } else if (in == "query") {
        for (const std::string& text : TextsOf(*value)) {
          query.push_back(absl::StrCat(PercentEncoded(name), "=", PercentEncoded(text)));
        }
      } else if (in == "header") {
        AddHeader(name, absl::StrJoin(TextsOf(*value), ","), request, &imported_);
      } else {
        AddNote("Cookies were left out.", &imported_);
      }
    }
    if (absl::StrContains(path, '{')) {
      return Error(operation.pointer, absl::StrCat("no parameter fills ", Quoted(path)));
    }
    if (!query.empty()) absl::StrAppend(&path, "?", absl::StrJoin(query, "&"));
    return path;
  }

  // Whether a plan can have it. Of several media types the one that says most.
  absl::StatusOr<bool> Body(const Located& operation, ImportedRequest* request) {
    const Json* holder = Member(*operation.value, "requestBody");
    if (holder == nullptr) return true;
    absl::StatusOr<Located> body =
        Resolved(document_, {holder, PointerTo(operation.pointer, "requestBody")});
    if (!body.ok()) return body.status();
    const Json* content = Member(*body->value, "content");
    if (content == nullptr || !content->is_object() || content->empty()) return true;
    auto best = content->begin();
    for (auto it = content->begin(); it != content->end(); ++it) {
      if (MediaOf(it.key()) < MediaOf(best.key())) best = it;
    }
    const std::string type = best.key() == "*/*" ? "application/json" : best.key();
    const Media media = MediaOf(type);
    if (media == Media::kNone) {
      const bool required = IsTrue(*body->value, "required");
      AddNote(absl::StrCat(required ? "Left out: " : "Without its body: ", request->name,
                           ", whose body is ", type, "."),
              &imported_);
      return !required;
    }
    const Located holding{&best.value(),
                          PointerTo(PointerTo(body->pointer, "content"), best.key())};
    absl::StatusOr<Json> value = ValueOf(holding);
    if (!value.ok()) return value.status();
    // Some write an example of JSON down as a text.
    const bool written = value->is_string() && absl::StartsWith(TextOf(*value), "{");
    request->body = media == Media::kForm              ? FormOf(*value)
                    : media == Media::kText || written ? TextOf(*value)
                                                       : CompactJson(*value);
    if (request->body.size() > limits::kBodyBytes) {
      AddNote(absl::StrCat("Left out: ", request->name, ", whose body would have ",
                           FormatSize(request->body.size()), ", the limit is ",
                           FormatSize(limits::kBodyBytes), "."),
              &imported_);
      return false;
    }
    if (FindHeader(*request, "Content-Type") == nullptr) {
      AddHeader("Content-Type", type, request, &imported_);
    }
    return true;
  }

  const Json& document_;
  const std::string& name_;
  const OpenApiOptions& options_;
  ExampleMaker examples_;
  Imported imported_;
  bool secured_ = false;
};

}  // namespace

absl::StatusOr<Imported> ImportOpenApi(absl::string_view text, const std::string& name,
                                       const OpenApiOptions& options) {
  const bool json = absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
  const absl::StatusOr<Json> document = json ? ParseJson(text, name) : ParseYaml(text, name);
  if (!document.ok()) return document.status();
  return Reader(*document, name, options).Read();
}

}  // namespace loadfleet
