#include "agent/http/response_parser.h"

#include "common/limits.h"

namespace loadfleet {

const llhttp_settings_t* ResponseParser::Settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_headers_complete = &ResponseParser::OnHeadersComplete;
    s.on_message_complete = &ResponseParser::OnMessageComplete;
    return s;
  }();
  return &settings;
}

ResponseParser::ResponseParser() {
  llhttp_init(&parser_, HTTP_RESPONSE, Settings());
  parser_.data = this;
}

void ResponseParser::Expect(bool head) {
  if (llhttp_get_errno(&parser_) != HPE_OK) llhttp_resume(&parser_);
  bytes_ = 0;
  head_bytes_ = 0;
  status_ = 0;
  head_request_ = head;
  in_body_ = false;
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
  return bodiless ? 1 : 0;  // llhttp's word for skipping the body
}

int ResponseParser::OnMessageComplete(llhttp_t* parser) {
  auto* self = static_cast<ResponseParser*>(parser->data);
  // An interim response announces the one that answers the request (RFC 9110, 15.2). 101 would
  // change the protocol, which nobody asked for.
  if (self->status_ >= 100 && self->status_ < 200 && self->status_ != 101) {
    self->in_body_ = false;
    return HPE_OK;
  }
  self->complete_ = true;
  self->keep_alive_ = llhttp_should_keep_alive(parser) != 0;
  return HPE_PAUSED;  // so that bytes of a second response are never read into this one
}

ResponseParser::State ResponseParser::Feed(const char* data, size_t size, size_t* used) {
  const llhttp_errno_t error = llhttp_execute(&parser_, data, size);
  *used = error == HPE_OK ? size : static_cast<size_t>(llhttp_get_error_pos(&parser_) - data);
  bytes_ += *used;
  if (complete_ && error == HPE_PAUSED) {
    return Finished();
  }
  if (error != HPE_OK) return Fail(Outcome::kMalformed);
  if (!in_body_) head_bytes_ += size;
  if (head_bytes_ > limits::kResponseHeadBytes || bytes_ > limits::kResponseBodyBytes) {
    return Fail(Outcome::kTooLarge);
  }
  return State::kPartial;
}

ResponseParser::State ResponseParser::FeedEnd() {
  if (!begun()) return Fail(Outcome::kClosed);
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
