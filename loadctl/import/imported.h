// What every importer makes of its format: requests, in the order in which they are sent, before
// they are a plan.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/clock.h"

namespace loadfleet {

struct ImportedHeader {
  std::string name;
  std::string value;
};

// A part of a form with files (RFC 7578).
struct ImportedPart {
  std::string name;
  std::string text;
  std::string file;          // whose content it is instead; empty: it is `text`
  std::string filename;      // empty: the file's
  std::string content_type;  // empty: by the file's name
};

struct ImportedRequest {
  std::string where;  // "urls.txt:3", for messages
  std::string name;   // what results are told apart by; empty: made of the path
  std::string method = "GET";
  std::string url;  // absolute; a fragment is never sent
  std::vector<ImportedHeader> headers;
  std::string body;                 // bytes
  std::vector<ImportedPart> parts;  // in place of a body
  bool decompress = false;
  uint32_t redirects = 0;  // that are followed
  Nanos think = 0;         // before it
  int status = 0;          // that its response is expected to have; 0: whatever is no failure
};

struct Imported {
  std::string from;  // what the requests were made of, for the plan's first line
  std::vector<ImportedRequest> requests;
  std::vector<std::string> notes;  // what the author should know; each once, see AddNote
  std::string http_version;        // a word of defaults.http.version; empty: the default
  bool insecure = false;           // no certificate is verified
  // What cannot be in a plan is left out with a note; otherwise it is an error.
  bool leave_out = false;
  size_t more_notes = 0;  // than `notes` has
};

// Keeps the first hundred and counts the rest: a note may be one of each request.
void AddNote(std::string note, Imported* imported);
// A line of each, and of those that were not kept.
std::vector<std::string> NotesOf(const Imported& imported);

// Whether a plan has a key for the method: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.
bool IsPlanMethod(absl::string_view method);

// The value of the request's header of this name, whatever the case; null when it has none.
const std::string* FindHeader(const ImportedRequest& request, absl::string_view name);

// Joins the values of a header that comes twice, as RFC 9110, 5.3 has it. What only the agent can
// write (Content-Length, Connection and their like) is left out with a note.
void AddHeader(absl::string_view name, absl::string_view value, ImportedRequest* request,
               Imported* imported);

// Takes the header away, if it is there.
void RemoveHeader(absl::string_view name, ImportedRequest* request);

// RFC 3986: all but unreserved characters as %XX.
std::string PercentEncoded(absl::string_view text);

}  // namespace loadfleet
