#include "target/request_parser.h"

#include "absl/strings/match.h"
#include "common/limits.h"

namespace loadfleet::target {
namespace {

constexpr size_t kKeptBodyBytes = 64 << 10;

}  // namespace

struct RequestParser::Callbacks {
  static RequestParser* Self(llhttp_t* parser) { return static_cast<RequestParser*>(parser->data); }

  // Of names, values and trailers only a Cookie's value is kept, but an endless head is nobody's
  // honest request.
  static int CountHead(RequestParser* self, size_t length) {
    self->head_bytes_ += length;
    if (self->head_bytes_ <= limits::kTargetHeadBytes) return 0;
    self->event_ = Event::kHeadTooLarge;
    return HPE_USER;
  }

  static int OnBegin(llhttp_t* parser) {
    RequestParser* self = Self(parser);
    self->target_.clear();
    self->body_.clear();
    self->cookie_.clear();
    self->head_bytes_ = 0;
    self->field_bytes_ = 0;
    self->expects_continue_ = false;
    return 0;
  }

  static int OnUrl(llhttp_t* parser, const char* at, size_t length) {
    Self(parser)->target_.append(at, length);
    return CountHead(Self(parser), length);
  }

  static int OnField(llhttp_t* parser, const char* at, size_t length) {
    RequestParser* self = Self(parser);
    for (size_t i = 0; i < length && self->field_bytes_ + i < sizeof(field_); ++i) {
      self->field_[self->field_bytes_ + i] = at[i];
    }
    self->field_bytes_ += length;
    return CountHead(self, length);
  }

  static int OnValue(llhttp_t* parser, const char* at, size_t length) {
    RequestParser* self = Self(parser);
    if (self->field_bytes_ == sizeof(field_)) {
      const absl::string_view name(self->field_, sizeof(field_));
      if (absl::EqualsIgnoreCase(name, "cookie")) self->cookie_.append(at, length);
      // A value that is split over two reads is not recognised; the client then sends its body
      // after its own timeout.
      if (absl::EqualsIgnoreCase(name, "expect") &&
          absl::EqualsIgnoreCase({at, length}, "100-continue")) {
        self->expects_continue_ = true;
      }
    }
    return CountHead(self, length);
  }

  static int OnValueComplete(llhttp_t* parser) {
    Self(parser)->field_bytes_ = 0;
    return CountHead(Self(parser), 4);  // ": " and the line's end
  }

  static int OnHeaders(llhttp_t* parser) {
    RequestParser* self = Self(parser);
    self->answer_ = RouteOf(self->target_);
    self->keep_alive_ = llhttp_should_keep_alive(parser) != 0 && parser->method != HTTP_CONNECT;
    if (self->answer_.route == Route::kEcho && parser->content_length > limits::kTargetEchoBytes) {
      self->event_ = Event::kBodyTooLarge;
      return -1;
    }
    // An upgrade may be ignored (RFC 9110, 7.8): what follows is the next request.
    parser->upgrade = 0;
    const bool has_body = (parser->flags & F_CHUNKED) != 0 || parser->content_length > 0;
    if (self->expects_continue_ && has_body) {
      self->event_ = Event::kContinue;
      return HPE_PAUSED;
    }
    return 0;
  }

  static int OnBody(llhttp_t* parser, const char* at, size_t length) {
    RequestParser* self = Self(parser);
    if (self->answer_.route != Route::kEcho) return 0;
    if (self->body_.size() + length > limits::kTargetEchoBytes) {
      self->event_ = Event::kBodyTooLarge;
      return HPE_USER;
    }
    self->body_.append(at, length);
    return 0;
  }

  static int OnComplete(llhttp_t* parser) {
    Self(parser)->event_ = Event::kRequest;
    return HPE_PAUSED;
  }

  static llhttp_settings_t Settings() {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_message_begin = OnBegin;
    settings.on_url = OnUrl;
    settings.on_header_field = OnField;
    settings.on_header_value = OnValue;
    settings.on_header_value_complete = OnValueComplete;
    settings.on_headers_complete = OnHeaders;
    settings.on_body = OnBody;
    settings.on_message_complete = OnComplete;
    return settings;
  }
};

RequestParser::RequestParser() {
  static const llhttp_settings_t settings = Callbacks::Settings();
  llhttp_init(&parser_, HTTP_REQUEST, &settings);
  parser_.data = this;
}

RequestParser::Event RequestParser::Feed(std::string_view* bytes) {
  event_ = Event::kNeedsMore;
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes->data(), bytes->size());
  if (error == HPE_OK) {
    bytes->remove_prefix(bytes->size());
    return Event::kNeedsMore;
  }
  if (error == HPE_PAUSED) {
    bytes->remove_prefix(llhttp_get_error_pos(&parser_) - bytes->data());
    llhttp_resume(&parser_);
    return event_;
  }
  return event_ == Event::kNeedsMore ? Event::kMalformed : event_;
}

absl::string_view RequestParser::method() const {
  return llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
}

void RequestParser::ReleaseBody() {
  body_.clear();
  if (body_.capacity() > kKeptBodyBytes) body_.shrink_to_fit();
}

}  // namespace loadfleet::target
