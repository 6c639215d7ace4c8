#include "agent/http/response_parser.h"

#include <algorithm>

#include "common/limits.h"

namespace loadfleet {
namespace {

// The limits are looked at where a response has this many bytes and multiples of it, so that it
// makes no difference how the bytes were split.
constexpr uint64_t kCheckEvery = limits::kChunkLineBytes;
static_assert(limits::kResponseHeadBytes % kCheckEvery == 0);

constexpr uint64_t kNoSize = UINT64_MAX;

}  // namespace

const llhttp_settings_t* ResponseParser::Settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_headers_complete = &ResponseParser::OnHeadersComplete;
    s.on_chunk_header = &ResponseParser::OnChunkHeader;
    s.on_chunk_complete = &ResponseParser::OnChunkComplete;
    s.on_message_complete = &ResponseParser::OnMessageComplete;
    return s;
  }();
  return &settings;
}

// The same for a response that somebody looks at: nobody else pays for the calls.
const llhttp_settings_t* ResponseParser::KeepingSettings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s = *Settings();
    s.on_header_field = &ResponseParser::OnHeaderName;
    s.on_header_value = &ResponseParser::OnHeaderValue;
    s.on_header_value_complete = &ResponseParser::OnHeaderEnd;
    s.on_body = &ResponseParser::OnBody;
    return s;
  }();
  return &settings;
}

ResponseParser::ResponseParser() {
  llhttp_init(&parser_, HTTP_RESPONSE, Settings());
  parser_.data = this;
}

void ResponseParser::Expect(bool head, KeptResponse* kept, KnownHead* known) {
  if (llhttp_get_errno(&parser_) != HPE_OK) llhttp_resume(&parser_);
  if (kept != nullptr || kept_ != nullptr) {
    // llhttp only reads them.
    parser_.settings =
        const_cast<llhttp_settings_t*>(kept != nullptr ? KeepingSettings() : Settings());
  }
  kept_ = kept;
  known_ = kept == nullptr && !head ? known : nullptr;
  known_response_ = false;
  bytes_ = 0;
  status_ = 0;
  head_request_ = head;
  in_body_ = false;
  in_chunk_line_ = long_chunk_line_ = false;
  complete_ = false;
  keep_alive_ = false;
  outcome_ = Outcome::kOk;
}

int ResponseParser::OnHeadersComplete(llhttp_t* parser) {
  auto* self = static_cast<ResponseParser*>(parser->data);
  self->status_ = static_cast<uint16_t>(llhttp_get_status_code(parser));
  self->in_body_ = true;
  // No body, whatever the headers say (RFC 9112, 6.3); llhttp would wait for a 304's
  // Content-Length.
  const bool bodiless =
      self->head_request_ || self->status_ < 200 || self->status_ == 204 || self->status_ == 304;
  const bool chunked = (parser->flags & F_CHUNKED) != 0;
  const bool sized = (parser->flags & F_CONTENT_LENGTH) != 0 && !chunked;
  self->in_chunk_line_ = !bodiless && chunked;
  self->body_size_ = bodiless ? 0 : sized ? parser->content_length : kNoSize;
  self->long_chunk_line_ = false;
  return bodiless ? 1 : 0;  // llhttp's word for skipping the body
}

int ResponseParser::OnHeaderName(llhttp_t* parser, const char* data, size_t size) {
  static_cast<ResponseParser*>(parser->data)->kept_->AddName({data, size});
  return HPE_OK;
}

int ResponseParser::OnHeaderValue(llhttp_t* parser, const char* data, size_t size) {
  static_cast<ResponseParser*>(parser->data)->kept_->AddValue({data, size});
  return HPE_OK;
}

int ResponseParser::OnHeaderEnd(llhttp_t* parser) {
  static_cast<ResponseParser*>(parser->data)->kept_->EndField();
  return HPE_OK;
}

int ResponseParser::OnBody(llhttp_t* parser, const char* data, size_t size) {
  static_cast<ResponseParser*>(parser->data)->kept_->AddBody({data, size});
  return HPE_OK;
}

int ResponseParser::OnChunkHeader(llhttp_t* parser) {
  auto* self = static_cast<ResponseParser*>(parser->data);
  self->in_chunk_line_ = parser->content_length == 0;  // the last chunk: trailers follow
  self->long_chunk_line_ = false;
  return HPE_OK;
}

int ResponseParser::OnChunkComplete(llhttp_t* parser) {
  static_cast<ResponseParser*>(parser->data)->in_chunk_line_ = true;
  return HPE_OK;
}

int ResponseParser::OnMessageComplete(llhttp_t* parser) {
  auto* self = static_cast<ResponseParser*>(parser->data);
  // An interim response announces the one that answers the request (RFC 9110, 15.2). 101 would
  // change the protocol, which nobody asked for.
  if (self->status_ >= 100 && self->status_ < 200 && self->status_ != 101) {
    self->in_body_ = false;
    if (self->kept_ != nullptr) self->kept_->BeginHead();
    return HPE_OK;
  }
  self->complete_ = true;
  self->keep_alive_ = llhttp_should_keep_alive(parser) != 0;
  return HPE_PAUSED;  // so that bytes of a second response are never read into this one
}

ResponseParser::State ResponseParser::Feed(const char* data, size_t size, size_t* used) {
  *used = 0;
  const bool begins = bytes_ == 0;
  if (known_response_ || (begins && known_ != nullptr && known_->Begins(data, size))) {
    return FeedKnown(size, used);
  }
  while (*used < size) {
    const uint64_t to_check = kCheckEvery - bytes_ % kCheckEvery;
    const size_t piece = std::min<uint64_t>(size - *used, to_check);
    const llhttp_errno_t error = llhttp_execute(&parser_, data + *used, piece);
    const size_t taken = error == HPE_OK
                             ? piece
                             : static_cast<size_t>(llhttp_get_error_pos(&parser_) - (data + *used));
    *used += taken;
    bytes_ += taken;
    if (complete_ && error == HPE_PAUSED) {
      if (begins && known_ != nullptr) Learn(data, *used);
      return Finished();
    }
    if (error != HPE_OK) return Fail(Outcome::kMalformed);
    if (piece < to_check) continue;
    if (const Outcome outcome = CheckFraming(); outcome != Outcome::kOk) return Fail(outcome);
  }
  return State::kPartial;
}

// What the same bytes meant before they mean again, and what follows is counted.
ResponseParser::State ResponseParser::FeedKnown(size_t size, size_t* used) {
  if (!known_response_) {
    known_response_ = true;
    status_ = known_->status();
    known_rest_ = known_->body();
    *used = known_->size();
  }
  const size_t body = std::min<uint64_t>(known_rest_, size - *used);
  known_rest_ -= body;
  *used += body;
  bytes_ += *used;
  if (known_rest_ > 0) return State::kPartial;
  keep_alive_ = true;
  return Finished();
}

// A whole response that came at once.
void ResponseParser::Learn(const char* data, size_t size) {
  if (!keep_alive_ || status_ >= 400 || body_size_ > size) return;
  const size_t head = size - body_size_;
  if (head <= KnownHead::kMaxBytes) known_->Learn({data, head}, body_size_, status_);
}

Outcome ResponseParser::CheckFraming() {
  if (!in_body_ && bytes_ >= limits::kResponseHeadBytes) return Outcome::kTooLarge;
  if (bytes_ > limits::kResponseBodyBytes) return Outcome::kTooLarge;
  // A line that began before the last check and has not ended yet.
  if (in_chunk_line_ && long_chunk_line_) return Outcome::kMalformed;
  long_chunk_line_ = in_chunk_line_;
  return Outcome::kOk;
}

ResponseParser::State ResponseParser::FeedEnd() {
  if (!begun()) return Fail(Outcome::kClosed);
  if (known_response_) return Fail(Outcome::kTruncated);
  const llhttp_errno_t error = llhttp_finish(&parser_);
  if (complete_ && (error == HPE_OK || error == HPE_PAUSED)) {
    keep_alive_ = false;
    return Finished();
  }
  return Fail(Outcome::kTruncated);
}

// 101 would change the protocol, which nobody asked for; status codes have three digits and five
// classes (RFC 9110, 15).
ResponseParser::State ResponseParser::Finished() {
  const bool valid = status_ >= 100 && status_ <= 599 && status_ != 101;
  return valid ? State::kComplete : Fail(Outcome::kMalformed);
}

ResponseParser::State ResponseParser::Fail(Outcome outcome) {
  outcome_ = outcome;
  return State::kFailed;
}

}  // namespace loadfleet
