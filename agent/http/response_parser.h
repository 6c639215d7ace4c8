// The bytes of HTTP/1.1 responses to events, by llhttp (RFC 9112). Any split of the same bytes
// gives the same events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <llhttp.h>

#include "agent/http/kept_response.h"
#include "agent/http/known_head.h"
#include "common/stats/outcome.h"

namespace loadfleet {

// One connection's; one thread only. Owns no buffer, and copies only what is to be kept.
class ResponseParser {
 public:
  enum class State : uint8_t {
    kPartial,   // more bytes are needed
    kComplete,  // one whole response; interim ones (1xx) do not count
    kFailed,    // outcome() says how: malformed or too_large
  };

  ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // Before each request. `head`: the request was HEAD, so the response has no body whatever its
  // headers say. `kept`: where what somebody looks at goes; null: nobody does. `known`: what the
  // same request was answered before; null: every head is parsed.
  void Expect(bool head, KeptResponse* kept = nullptr, KnownHead* known = nullptr);

  // Consumes the bytes of one response. `*used` is how many; bytes beyond a complete response are
  // not its own.
  State Feed(const char* data, size_t size, size_t* used);

  // The peer has closed. A body that ends with the connection is complete by that (RFC 9112, 6.3);
  // anything else that had begun is truncated, and nothing at all is closed.
  State FeedEnd();

  uint16_t status() const { return status_; }
  bool keep_alive() const { return keep_alive_; }  // of the complete response
  bool begun() const { return bytes_ > 0; }        // the first byte has come
  uint64_t bytes() const { return bytes_; }        // of this response so far, interim ones included
  Outcome outcome() const { return outcome_; }     // after kFailed

 private:
  static int OnHeadersComplete(llhttp_t* parser);
  static int OnChunkHeader(llhttp_t* parser);
  static int OnChunkComplete(llhttp_t* parser);
  static int OnMessageComplete(llhttp_t* parser);
  static int OnHeaderName(llhttp_t* parser, const char* data, size_t size);
  static int OnHeaderValue(llhttp_t* parser, const char* data, size_t size);
  static int OnHeaderEnd(llhttp_t* parser);
  static int OnBody(llhttp_t* parser, const char* data, size_t size);
  static const llhttp_settings_t* Settings();
  static const llhttp_settings_t* KeepingSettings();
  State FeedKnown(size_t size, size_t* used);
  void Learn(const char* data, size_t size);
  Outcome CheckFraming();
  State Finished();
  State Fail(Outcome outcome);

  llhttp_t parser_;
  KeptResponse* kept_ = nullptr;
  KnownHead* known_ = nullptr;
  uint64_t bytes_ = 0;  // of this response so far
  uint16_t status_ = 0;
  uint64_t body_size_ = 0;  // by the head; kNoSize: it does not say
  uint64_t known_rest_ = 0;
  bool known_response_ = false;  // it began with known_, and so llhttp has seen nothing of it
  bool head_request_ = false;
  bool in_body_ = false;
  bool in_chunk_line_ = false;    // size, extensions; also the trailers
  bool long_chunk_line_ = false;  // that was so at the last check already
  bool complete_ = false;
  bool keep_alive_ = false;
  Outcome outcome_ = Outcome::kOk;
};

}  // namespace loadfleet
