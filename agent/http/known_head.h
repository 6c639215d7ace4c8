// Heads of responses that were parsed already. A server often answers one request with the same
// bytes until its Date changes, and comparing them costs a tenth of parsing them.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace loadfleet {

// The newest whole response of one request, as far as the next can be told by it: its bytes up to
// the body, and what they mean. Of a success or a redirect that is framed by its length, and after
// which the connection stays. One thread only.
class KnownHead {
 public:
  static constexpr size_t kMaxBytes = 1024;

  bool Begins(const char* data, size_t size) const {
    return !head_.empty() && size >= head_.size() &&
           std::memcmp(data, head_.data(), head_.size()) == 0;
  }
  void Learn(std::string_view head, uint64_t body, uint16_t status) {
    head_.assign(head);
    body_ = body;
    status_ = status;
  }

  size_t size() const { return head_.size(); }
  uint64_t body() const { return body_; }  // bytes that follow
  uint16_t status() const { return status_; }

 private:
  std::string head_;  // empty: none is known
  uint64_t body_ = 0;
  uint16_t status_ = 0;
};

// One pool's. Requests beyond the first few share a place, and take it from each other.
class KnownHeads {
 public:
  KnownHead& Of(uint32_t request) { return heads_[request % heads_.size()]; }

 private:
  std::array<KnownHead, 16> heads_;
};

}  // namespace loadfleet
