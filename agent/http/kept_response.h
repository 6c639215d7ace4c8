// What a step looks at in its response, kept while it is read. A response that nobody looks at is
// read without any of this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/limits.h"

namespace loadfleet {

// Immutable once prepared.
struct ResponseInterest {
  std::vector<std::string> headers;  // names, in lower case
  bool body = false;
  bool body_size = false;
  bool only_cookies = false;                   // nothing else: of most responses nothing at all
  bool head = false;                           // all of it, as it is shown
  size_t body_bytes = limits::kKeptBodyBytes;  // of the body, at most

  bool any() const { return head || body || body_size || !headers.empty(); }
  // Where the header's value is kept, from now on.
  size_t SlotOf(const std::string& header) {
    const auto found = std::find(headers.begin(), headers.end(), header);
    if (found != headers.end()) return static_cast<size_t>(found - headers.begin());
    headers.push_back(header);
    return headers.size() - 1;
  }
};

// One exchange's, and reused: its buffers stay, as long as they are small. One thread only.
class KeptResponse {
 public:
  // `interest` outlives the response.
  void Begin(const ResponseInterest& interest) {
    interest_ = &interest;
    values_.resize(std::max(values_.size(), interest.headers.size()));
    body_.clear();
    body_size_ = 0;
    encoded_ = false;
    BeginHead();
  }

  // What was kept of the response so far comes once more.
  void BeginAgain() { Begin(*interest_); }

  // Nobody looks at it any more: what was large goes back.
  void Release() {
    if (body_.capacity() > kLargeBuffer) std::string().swap(body_);
    if (head_.capacity() > kLargeBuffer) std::string().swap(head_);
  }

  // A head begins: an interim one before it counts for nothing.
  void BeginHead() {
    for (Value& value : values_) value.present = false;
    name_.clear();
    field_.clear();
    head_.clear();
    status_ = 0;
  }

  void SetStatus(uint16_t status) { status_ = status; }

  // A header in pieces, and at once. Several of one name are one list (RFC 9110, 5.3), cookies one
  // a line.
  void AddName(absl::string_view piece) { name_.append(piece.data(), piece.size()); }
  void AddValue(absl::string_view piece) { field_.append(piece.data(), piece.size()); }
  void EndField() {
    AddField(name_, field_);
    name_.clear();
    field_.clear();
  }
  void AddField(absl::string_view name, absl::string_view value) {
    if (interest_->head) {
      head_.append(name.data(), name.size()).append(": ");
      head_.append(value.data(), value.size()).append("\r\n");
    }
    for (size_t i = 0; i < interest_->headers.size(); ++i) {
      if (!absl::EqualsIgnoreCase(interest_->headers[i], name)) continue;
      Value& kept = values_[i];
      if (!kept.present) {
        kept.text.clear();
      } else {
        kept.text.append(interest_->headers[i] == "set-cookie" ? "\n" : ", ");
      }
      kept.text.append(value.data(), value.size());
      kept.present = true;
    }
  }

  // What exceeds ResponseInterest::body_bytes is not kept.
  void AddBody(absl::string_view piece) {
    body_size_ += piece.size();
    if (!interest_->body) return;
    const size_t room = interest_->body_bytes - body_.size();
    body_.append(piece.data(), std::min(piece.size(), room));
  }

  // Of header `index` of the interest; null: it did not come.
  const std::string* value(size_t index) const {
    return values_[index].present ? &values_[index].text : nullptr;
  }
  std::string& body() { return body_; }
  const std::string& body() const { return body_; }
  // The fields as lines of HTTP/1.1, whatever the version was; and the status, which is known
  // before the response is complete. 0: it did not come that far.
  const std::string& head() const { return head_; }
  uint16_t status() const { return status_; }
  uint64_t body_size() const { return body_size_; }  // all of it
  bool only_cookies() const { return interest_->only_cookies; }
  bool whole() const { return body_.size() == body_size_; }

  // What somebody reads of it is not what the server means by it: gzip, say.
  void SetEncoded() { encoded_ = true; }
  bool encoded() const { return encoded_; }
  // body() has become what was encoded.
  void SetDecoded() { body_size_ = body_.size(); }

 private:
  static constexpr size_t kLargeBuffer = 64 << 10;
  struct Value {
    std::string text;
    bool present = false;
  };

  const ResponseInterest* interest_ = nullptr;
  std::vector<Value> values_;  // by ResponseInterest::headers
  std::string name_;           // of the field that is being read
  std::string field_;          // its value
  std::string head_;
  std::string body_;
  uint64_t body_size_ = 0;
  bool encoded_ = false;
  uint16_t status_ = 0;
};

}  // namespace loadfleet
