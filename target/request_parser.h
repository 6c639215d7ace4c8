// The requests of one connection, one at a time, out of its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <llhttp.h>

#include "absl/strings/string_view.h"

#include "target/routes.h"

namespace loadfleet::target {

// Not thread-safe. Allocates nothing once it has seen a request line as long and a body as large.
class RequestParser {
 public:
  enum class Event {
    kNeedsMore,     // all bytes are consumed
    kRequest,       // a complete request: the accessors below are valid until the next Feed
    kContinue,      // the client waits for "100 Continue" before it sends the body
    kMalformed,     // 400; no further Feed
    kHeadTooLarge,  // 431; no further Feed
    kBodyTooLarge,  // 413; the accessors are valid, but for the body; no further Feed
  };

  RequestParser();
  RequestParser(const RequestParser&) = delete;  // llhttp holds a pointer to it
  RequestParser& operator=(const RequestParser&) = delete;

  // Consumes bytes from the front of `bytes` up to the next event.
  Event Feed(std::string_view* bytes);

  const Answer& answer() const { return answer_; }
  absl::string_view method() const;
  bool is_head() const { return parser_.method == HTTP_HEAD; }
  bool is_http_1_0() const { return parser_.http_major == 1 && parser_.http_minor == 0; }
  bool keep_alive() const { return keep_alive_; }
  const std::string& cookie() const { return cookie_; }  // the header; empty: there is none
  const std::string& body() const { return body_; }      // of /echo only: other bodies are not kept

  // Gives the memory of a large body back.
  void ReleaseBody();

 private:
  struct Callbacks;

  llhttp_t parser_;
  std::string target_;
  std::string body_;
  std::string cookie_;
  Answer answer_;
  Event event_ = Event::kNeedsMore;  // what a callback found
  size_t head_bytes_ = 0;
  size_t field_bytes_ = 0;
  char field_[6] = {};  // enough to know "Expect" and "Cookie"
  bool expects_continue_ = false;
  bool keep_alive_ = false;
};

}  // namespace loadfleet::target
