#include "common/plan/multipart_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/limits.h"
#include "common/plan/body_file.h"
#include "common/plan/reader.h"
#include "common/sha256.h"
#include "common/units.h"

namespace loadfleet {
namespace {

struct Part {
  std::string name;
  std::string filename;      // of one that is sent as a file; empty: it is not
  std::string content_type;  // empty: it has none
  std::string content;
  v1::BodyForm form = v1::BODY_FORM_TEXT;
};

// What curl takes the content of a file for, by its name.
std::string TypeOfFile(absl::string_view name) {
  static constexpr std::pair<absl::string_view, absl::string_view> kTypes[] = {
      {".gif", "image/gif"},       {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},
      {".png", "image/png"},       {".svg", "image/svg+xml"},     {".txt", "text/plain"},
      {".htm", "text/html"},       {".html", "text/html"},        {".pdf", "application/pdf"},
      {".xml", "application/xml"}, {".json", "application/json"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (absl::EndsWithIgnoreCase(name, ending)) return std::string(type);
  }
  return "application/octet-stream";
}

// What stands in a part's head.
absl::StatusOr<std::string> HeadText(const std::string& text) {
  if (text.empty()) return absl::InvalidArgumentError("expected a text, got \"\"");
  if (text.size() > limits::kHeaderBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(text.size(), " bytes, the limit is ", limits::kHeaderBytes));
  }
  if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError("has a control character");
  }
  if (absl::StrContains(text, "{{")) {
    return absl::InvalidArgumentError("`{{ }}` can stand in `text` only");
  }
  return text;
}

// False: there was a problem, and `out` is what could be read.
bool ReadPart(const Node& node, PlanFiles* files, Problems* problems, VariableUses* uses,
              Part* out) {
  MapReader map(&node, "part", node.place, problems);
  Part& part = *out;
  bool whole = true;
  map.Require("name", "name: photo");
  if (auto name = map.Read<std::string>("name", "a text", HeadText)) part.name = *name;
  if (map.Has("file")) {
    map.Refuse({"text"}, "excludes `file`: a part is one of them");
    if (const Entry* file = map.Find("file")) {
      absl::StatusOr<std::string> content = ReadBodyFile(file->value, files);
      whole = content.ok();
      if (!whole) map.Add("file", file->value.place, content.status().message());
      if (whole) part.content = *std::move(content);
      const absl::string_view path = file->value.text;
      part.filename = std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
      part.content_type = TypeOfFile(part.filename);
      if (!IsTemplateFile(file->value)) part.form = v1::BODY_FORM_LITERAL;
    }
  } else {
    map.Require("text", "text: hello` or `file: photo.png");
    if (const Node* text = map.Text("text", "a text")) part.content = text->text;
  }
  if (auto name = map.Read<std::string>("filename", "a text", HeadText)) part.filename = *name;
  if (auto type = map.Read<std::string>("content_type", "a type such as image/png", HeadText)) {
    part.content_type = *type;
  }
  map.Finish();
  if (part.form != v1::BODY_FORM_LITERAL) {
    whole = uses->Add(part.content, "`multipart`", node.place, problems) && whole;
  }
  return whole && !part.name.empty();
}

// As the WHATWG has browsers write names into a quoted string.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\"", "%22"}});
}

std::string HeadOf(const Part& part) {
  std::string head =
      absl::StrCat("Content-Disposition: form-data; name=\"", Escaped(part.name), "\"");
  if (!part.filename.empty()) {
    absl::StrAppend(&head, "; filename=\"", Escaped(part.filename), "\"");
  }
  if (!part.content_type.empty()) absl::StrAppend(&head, "\r\nContent-Type: ", part.content_type);
  return absl::StrCat(head, "\r\n\r\n");
}

constexpr absl::string_view kBoundaryName = "loadfleet-";
constexpr size_t kBoundaryBytes = kBoundaryName.size() + 32;

bool Contains(const std::vector<Part>& parts, const std::string& boundary) {
  return std::any_of(parts.begin(), parts.end(), [&boundary](const Part& part) {
    return absl::StrContains(part.content, boundary) || absl::StrContains(HeadOf(part), boundary);
  });
}

// RFC 2046, 5.1.1: it must not occur in what it separates. Of what `{{ }}` will stand for a digest
// keeps it away as well as anything could.
std::string BoundaryFor(const std::vector<Part>& parts) {
  for (int attempt = 0;; ++attempt) {
    Sha256 digest;  // piece by piece: the parts may be as large as a body
    digest.Add(absl::StrCat(attempt, "\n"));
    for (const Part& part : parts) {
      digest.Add(HeadOf(part));
      digest.Add(part.content);
      digest.Add("\r\n");
    }
    std::string boundary =
        absl::StrCat(kBoundaryName, absl::BytesToHexString(digest.Finish().substr(0, 16)));
    if (!Contains(parts, boundary)) return boundary;
  }
}

}  // namespace

std::string ReadMultipart(const Node& list, PlanFiles* files, Problems* problems,
                          VariableUses* uses, v1::Request* request) {
  if (list.kind != Node::Kind::kSequence || list.items.empty()) {
    problems->Add(list.place,
                  "`multipart`: expected a list such as [{name: title, text: hello}, "
                  "{name: photo, file: photo.png}]");
    return "";
  }
  if (list.items.size() > limits::kBodyParts) {
    problems->Add(list.place, absl::StrCat("`multipart`: ", list.items.size(),
                                           " parts, the limit is ", limits::kBodyParts));
    return "";
  }
  std::vector<Part> parts;
  bool whole = true;
  size_t size = kBoundaryBytes + 6;  // "--", the last boundary, "--" and a line end
  for (const Node& item : list.items) {
    Part& part = parts.emplace_back();
    whole = ReadPart(item, files, problems, uses, &part) && whole;
    size += kBoundaryBytes + 6 + HeadOf(part).size() + part.content.size();
    if (size <= limits::kBodyBytes) continue;
    problems->Add(list.place, absl::StrCat("`multipart`: more than ",
                                           FormatSize(limits::kBodyBytes), " with its files"));
    whole = false;
    break;  // each may be a file of a megabyte
  }
  // What is wrong counts as well when the requests' bytes are added up: it has been read.
  std::string boundary = whole ? BoundaryFor(parts) : "";
  const auto add = [request](std::string content, v1::BodyForm form) {
    v1::BodyPart& made = *request->add_body_parts();
    made.set_content(std::move(content));
    made.set_form(form);
  };
  for (size_t i = 0; i < parts.size(); ++i) {
    add(absl::StrCat(i == 0 ? "--" : "\r\n--", boundary, "\r\n", HeadOf(parts[i])),
        v1::BODY_FORM_LITERAL);
    add(std::move(parts[i].content), parts[i].form);
  }
  add(absl::StrCat("\r\n--", boundary, "--\r\n"), v1::BODY_FORM_LITERAL);
  return boundary;
}

}  // namespace loadfleet
