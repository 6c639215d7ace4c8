#include "agent/http/request_changes.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kLineEnd = "\r\n";

absl::string_view HeadOf(const RequestBytes& request) {
  return {request.wire.data(), request.wire.size() - request.body_size};
}

// The next line of a head, without its end.
absl::string_view TakeLine(absl::string_view* head) {
  const size_t end = std::min(head->find(kLineEnd), head->size());
  const absl::string_view line = head->substr(0, end);
  head->remove_prefix(std::min(end + kLineEnd.size(), head->size()));
  return line;
}

absl::string_view NameOf(absl::string_view line) {
  return line.substr(0, line.find(':'));
}

absl::string_view ValueOf(absl::string_view line) {
  return line.substr(std::min(line.size(), NameOf(line).size() + 2));
}

bool Stays(absl::string_view name, const RequestChanges& changes) {
  if (changes.without_body && absl::StartsWithIgnoreCase(name, "content-")) return false;
  return !changes.without_credentials || (!absl::EqualsIgnoreCase(name, "authorization") &&
                                          !absl::EqualsIgnoreCase(name, "cookie"));
}

void Append(absl::string_view text, std::string* out) {
  out->append(text.data(), text.size());
}

void AppendWire(const RequestBytes& from, const RequestChanges& changes, std::string* out) {
  absl::string_view head = HeadOf(from);
  const absl::string_view method = head.substr(0, head.find(' '));
  const absl::string_view target = TargetOf(from);
  Append(changes.method.empty() ? method : changes.method, out);
  out->push_back(' ');
  Append(changes.target.empty() ? target : changes.target, out);
  Append(TakeLine(&head).substr(method.size() + 1 + target.size()), out);
  Append(kLineEnd, out);
  absl::string_view cookies = changes.cookies;
  for (absl::string_view line = TakeLine(&head); !line.empty(); line = TakeLine(&head)) {
    const absl::string_view name = NameOf(line);
    if (!Stays(name, changes)) continue;
    if (changes.origin != nullptr && absl::EqualsIgnoreCase(name, "host")) {
      out->append("Host: ");
      AppendAuthority(*changes.origin, out);
    } else {
      Append(line, out);
    }
    if (!cookies.empty() && absl::EqualsIgnoreCase(name, "cookie")) {
      out->append("; ");
      Append(cookies, out);
      cookies = "";
    }
    Append(kLineEnd, out);
  }
  if (!cookies.empty()) {
    out->append("Cookie: ");
    Append(cookies, out);
    Append(kLineEnd, out);
  }
  Append(kLineEnd, out);
}

// Puts fields in place of those that are there, so that their buffers stay.
class FieldWriter {
 public:
  explicit FieldWriter(std::vector<HeaderField>* fields) : fields_(*fields) {}
  ~FieldWriter() { fields_.resize(count_); }

  std::string& Add(absl::string_view name, absl::string_view value) {
    if (count_ == fields_.size()) fields_.emplace_back();
    HeaderField& field = fields_[count_++];
    field.name.assign(name.data(), name.size());
    field.value.assign(value.data(), value.size());
    return field.value;
  }

 private:
  std::vector<HeaderField>& fields_;
  size_t count_ = 0;
};

void WriteFields(const RequestBytes& from, const RequestChanges& changes, RequestBytes* to) {
  FieldWriter writer(&to->fields);
  absl::string_view cookies = changes.cookies;
  for (const HeaderField& field : from.fields) {
    if (!Stays(field.name, changes)) continue;
    std::string& value = writer.Add(field.name, field.value);
    if (field.name == ":method" && !changes.method.empty()) {
      value.assign(changes.method.data(), changes.method.size());
    } else if (field.name == ":path" && !changes.target.empty()) {
      value.assign(changes.target.data(), changes.target.size());
    } else if (field.name == ":scheme" && changes.origin != nullptr) {
      value.assign(changes.origin->secure ? "https" : "http");
    } else if (field.name == ":authority" && changes.origin != nullptr) {
      value.clear();
      AppendAuthority(*changes.origin, &value);
    } else if (field.name == "cookie" && !cookies.empty()) {
      value.append("; ");
      Append(cookies, &value);
      cookies = "";
    }
  }
  if (!cookies.empty() && !from.fields.empty()) writer.Add("cookie", cookies);
}

}  // namespace

absl::string_view TargetOf(const RequestBytes& request) {
  const absl::string_view head = HeadOf(request);
  const size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

absl::string_view HeaderOf(const RequestBytes& request, absl::string_view name) {
  absl::string_view head = HeadOf(request);
  TakeLine(&head);
  for (absl::string_view line = TakeLine(&head); !line.empty(); line = TakeLine(&head)) {
    if (absl::EqualsIgnoreCase(NameOf(line), name)) return ValueOf(line);
  }
  return {};
}

void ChangeRequest(const RequestBytes& from, const RequestChanges& changes, RequestBytes* to) {
  to->wire.clear();
  AppendWire(from, changes, &to->wire);
  to->body_size = changes.without_body ? 0 : from.body_size;
  to->wire.append(from.wire, from.wire.size() - to->body_size, to->body_size);
  WriteFields(from, changes, to);
}

}  // namespace loadfleet
