#include "agent/http/http2_session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/http/kept_response.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

// As large as the protocol allows, so that flow control never holds back a response (RFC 9113,
// 6.9.2).
constexpr int32_t kWindow = INT32_MAX;
// Of those that nghttp2 sends: the payload that a peer must take, and what surrounds it.
constexpr size_t kLargestFrame = 16'384 + 512;
constexpr size_t kPseudoFields = 4;

nghttp2_nv Field(const HeaderField& field) {
  // nghttp2 takes pointers to mutable bytes and does not write to them.
  auto* name = reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data()));
  auto* value = reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data()));
  return {name, value, field.name.size(), field.value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

// nghttp2 calls these while it reads or serializes; `user` is the session.
struct Http2Session::Callbacks {
  static Http2Session& Of(void* user) { return *static_cast<Http2Session*>(user); }
  // Null: not one of ours, or given up.
  static Stream* StreamOf(nghttp2_session* session, int32_t id) {
    auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    return stream != nullptr && stream->exchange != nullptr ? stream : nullptr;
  }

  static int OnBeginHeaders(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2Session& self = Of(user);
    Stream* stream = StreamOf(session, frame->hd.stream_id);
    self.in_head_ = stream;
    if (stream == nullptr) return 0;
    stream->bytes_received += frame->hd.length + 9;
    if (stream->exchange->first_byte == 0) {
      stream->exchange->first_byte = self.now_;
      self.host_.loop().wheel().Set(
          *stream, stream->exchange->sent + stream->exchange->request->total_timeout);
    }
    return 0;
  }

  // Of the stream whose head has begun: no other frame comes between (RFC 9113, 4.3).
  static int OnHeader(nghttp2_session* /*session*/, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t /*flags*/,
                      void* user) {
    Stream* stream = Of(user).in_head_;
    // It may have been given up between two reads, and be another's by now.
    if (stream == nullptr || stream->id != frame->hd.stream_id || stream->exchange == nullptr) {
      return 0;
    }
    // What it takes when unpacked: a few bytes can stand for megabytes (RFC 7541, 7.3).
    stream->head_bytes += name_size + value_size;
    if (stream->head_bytes > limits::kResponseHeadBytes) {
      stream->ended = Outcome::kTooLarge;
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // ends the stream alone
    }
    Exchange& exchange = *stream->exchange;
    if (name_size == 7 && memcmp(name, ":status", 7) == 0 && value_size == 3) {
      stream->status =
          static_cast<uint16_t>((value[0] - '0') * 100 + (value[1] - '0') * 10 + value[2] - '0');
      // Of what is checked anything may fail.
      if (stream->status >= 400 || exchange.request->checks != nullptr) {
        if (exchange.shown == nullptr) exchange.listener->OnMayFail(exchange);
      }
      for (KeptResponse* kept : {exchange.kept, exchange.shown}) {
        if (kept == nullptr) continue;
        kept->BeginHead();
        kept->SetStatus(stream->status);
      }
      return 0;
    }
    for (KeptResponse* kept : {exchange.kept, exchange.shown}) {
      if (kept == nullptr) continue;
      kept->AddField({reinterpret_cast<const char*>(name), name_size},
                     {reinterpret_cast<const char*>(value), value_size});
    }
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t /*flags*/, int32_t id, const uint8_t* data,
                    size_t size, void* /*user*/) {
    Stream* stream = StreamOf(session, id);
    if (stream == nullptr) return 0;
    stream->bytes_received += size;
    for (KeptResponse* kept : {stream->exchange->kept, stream->exchange->shown}) {
      if (kept != nullptr) kept->AddBody({reinterpret_cast<const char*>(data), size});
    }
    if (stream->bytes_received > limits::kResponseBodyBytes && stream->ended == Outcome::kOk) {
      stream->ended = Outcome::kTooLarge;
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    }
    return 0;
  }

  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2Session& self = Of(user);
    switch (frame->hd.type) {
      case NGHTTP2_RST_STREAM:
        // After a whole response it only says that the rest of the request is not wanted (RFC 9113,
        // 8.1).
        if (Stream* stream = StreamOf(session, frame->hd.stream_id)) {
          stream->reset = !stream->complete;
        }
        break;
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
        // Without a body the stream is closed with its response, and no reset can come.
        if (self.bodies_ && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          if (Stream* stream = StreamOf(session, frame->hd.stream_id)) stream->complete = true;
        }
        break;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) self.settled_ = self.room_changed_ = true;
        break;
      case NGHTTP2_GOAWAY:
        self.going_away_ = self.room_changed_ = true;
        break;
      default:
        break;
    }
    return 0;
  }

  static int OnInvalidFrame(nghttp2_session* session, const nghttp2_frame* frame, int /*error*/,
                            void* /*user*/) {
    if (Stream* stream = StreamOf(session, frame->hd.stream_id)) stream->malformed = true;
    return 0;
  }

  static int OnStreamClose(nghttp2_session* session, int32_t id, uint32_t error, void* user) {
    auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    if (stream != nullptr) Of(user).OnStreamClosed(*stream, error);
    return 0;
  }

  static int OnFrameSent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->bytes_sent += frame->hd.length + 9;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      Http2Session& self = Of(user);
      Exchange& exchange = *stream->exchange;
      const bool first = exchange.sent == 0;
      exchange.sent = self.now_;
      if (first) exchange.listener->OnSent(exchange);
      const RequestTemplate& request = *exchange.request;
      self.host_.loop().wheel().Set(
          *stream, exchange.sent + std::min(request.first_byte_timeout, request.total_timeout));
    }
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* /*session*/, int32_t /*id*/, uint8_t* out, size_t size,
                          uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
    auto* stream = static_cast<Stream*>(source->ptr);
    if (stream->exchange == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::string_view body = stream->exchange->bytes().body();
    const size_t n = std::min(size, body.size() - stream->body_sent);
    memcpy(out, body.data() + stream->body_sent, n);
    stream->body_sent += n;
    if (stream->body_sent == body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }

  static const nghttp2_session_callbacks* All() {
    static const nghttp2_session_callbacks* const all = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, &OnBeginHeaders);
      nghttp2_session_callbacks_set_on_header_callback(made, &OnHeader);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &OnData);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, &OnFrame);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, &OnInvalidFrame);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, &OnStreamClose);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, &OnFrameSent);
      return made;
    }();
    return all;
  }

  static const nghttp2_option* Options() {
    static const nghttp2_option* const options = [] {
      nghttp2_option* made = nullptr;
      nghttp2_option_new(&made);
      // The session asks for room before it sends; nghttp2 need not hold anything back.
      nghttp2_option_set_peer_max_concurrent_streams(made, UINT32_MAX);
      nghttp2_option_set_no_closed_streams(made, 1);
      return made;
    }();
    return options;
  }
};

Http2Session::Http2Session(SessionHost& host, uint32_t max_streams)
    : host_(host), max_streams_(max_streams) {
  nghttp2_session_client_new2(&session_, Callbacks::All(), this, Callbacks::Options());
}

Http2Session::~Http2Session() {
  host_.loop().Unflush(this);
  nghttp2_session_del(session_);
}

void Http2Session::Start() {
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(kWindow)},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  Pump(host_.loop().clock().Now());
}

uint32_t Http2Session::Room() const {
  if (!settled_ || going_away_ || host_.closed()) return 0;
  const uint32_t allowed = std::min(
      max_streams_,
      nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
  if (open_ >= allowed || nghttp2_session_check_request_allowed(session_) == 0) return 0;
  return allowed - static_cast<uint32_t>(open_);
}

Http2Session::Stream& Http2Session::Acquire(Exchange& exchange) {
  Stream& stream = free_ == nullptr ? streams_.emplace_back() : *free_;
  if (free_ == &stream) free_ = stream.next;
  stream.session = this;
  stream.exchange = &exchange;
  stream.next = nullptr;
  stream.status = 0;
  stream.complete = stream.reset = stream.malformed = stream.refused = stream.over = false;
  stream.ended = Outcome::kOk;
  stream.bytes_received = stream.bytes_sent = stream.head_bytes = 0;
  stream.body_sent = 0;
  ++open_;
  return stream;
}

void Http2Session::Send(Exchange& exchange) {
  const RequestBytes& request = exchange.bytes();
  std::array<nghttp2_nv, limits::kHeaders + kPseudoFields + 4> fields;
  const size_t count = std::min(request.fields.size(), fields.size());
  for (size_t i = 0; i < count; ++i) fields[i] = Field(request.fields[i]);
  Stream& stream = Acquire(exchange);
  bodies_ = bodies_ || !request.body().empty();
  exchange.first_byte = 0;
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = &Callbacks::ReadBody;
  stream.id = nghttp2_submit_request(session_, nullptr, fields.data(), count,
                                     request.body().empty() ? nullptr : &body, &stream);
  // Until it is written, which a target that reads nothing can prevent.
  host_.loop().wheel().Set(stream, host_.loop().clock().Now() + exchange.request->total_timeout);
  if (!inside_) host_.loop().FlushBeforeWait(this);
}

void Http2Session::Flush() {
  if (!host_.closed()) Pump(host_.loop().clock().Now());
}

void Http2Session::OnWritable() {
  if (!pending_.empty() || nghttp2_session_want_write(session_) != 0) {
    Pump(host_.loop().clock().Now());
  }
}

void Http2Session::OnBytes(const char* data, size_t size, Nanos now) {
  inside_ = true;
  now_ = now;
  const ssize_t read =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(data), size);
  Pump(now);
  if (host_.closed()) return;
  if (read < 0) {
    FailAll(Outcome::kH2Protocol, now);
  } else if (nghttp2_session_want_read(session_) == 0 &&
             nghttp2_session_want_write(session_) == 0) {
    // After a GOAWAY and its last stream, or when nghttp2 has ended it for an error of the
    // server's.
    FailAll(going_away_ ? Outcome::kClosed : Outcome::kH2Protocol, now);
  }
}

// Tells what has ended, and writes what follows from it, until nothing does.
void Http2Session::Pump(Nanos now) {
  inside_ = true;
  do {
    TellEnded(now);
    if (!host_.closed()) NoteRoom();
    if (!host_.closed()) WriteOut();
  } while (first_ended_ != nullptr);
  inside_ = false;
}

void Http2Session::NoteRoom() {
  if (!room_changed_) return;
  room_changed_ = false;
  if (settled_ && !told_ready_) {
    told_ready_ = true;
    host_.OnReady();
  } else {
    host_.OnRoom();
  }
}

void Http2Session::WriteOut() {
  if (!WritePending()) return;
  now_ = host_.loop().clock().Now();
  char* const out = host_.loop().write_buffer();
  while (true) {
    size_t filled = 0;
    while (filled + kLargestFrame <= EventLoop::kWriteBuffer) {
      const uint8_t* data = nullptr;
      const ssize_t n = nghttp2_session_mem_send(session_, &data);
      if (n <= 0) break;
      const auto size = static_cast<size_t>(n);
      memcpy(out + filled, data, size);
      filled += size;
    }
    if (filled == 0) return;
    const SessionHost::Written written = host_.Write(out, filled);
    if (written.outcome != Outcome::kOk) return FailToWrite(written.outcome);
    if (written.size < filled) {
      pending_.assign(out + written.size, filled - written.size);
      pending_sent_ = 0;
      if (!WritePending()) return;
    }
  }
}

// False: the kernel takes no more now, or the connection has failed.
bool Http2Session::WritePending() {
  while (pending_sent_ < pending_.size()) {
    const SessionHost::Written written =
        host_.Write(pending_.data() + pending_sent_, pending_.size() - pending_sent_);
    if (written.outcome != Outcome::kOk) {
      FailToWrite(written.outcome);
      return false;
    }
    if (written.size == 0) return false;
    pending_sent_ += written.size;
  }
  std::string().swap(pending_);  // a connection that waits owns no buffer
  pending_sent_ = 0;
  return true;
}

void Http2Session::FailToWrite(Outcome outcome) {
  FailAll(outcome, host_.loop().clock().Now());
}

void Http2Session::OnStreamClosed(Stream& stream, uint32_t error) {
  if (stream.exchange == nullptr) return Release(stream);  // given up before
  if (stream.ended == Outcome::kOk) {
    const bool valid = !stream.malformed && stream.status >= 200 && stream.status <= 599;
    if (error == NGHTTP2_REFUSED_STREAM && !stream.malformed) {
      // By RST_STREAM, or beyond a GOAWAY's last stream: the server has not looked at it.
      stream.ended = Outcome::kReset;
      stream.refused = stream.status == 0;
    } else if (stream.reset) {
      stream.ended = Outcome::kReset;
    } else if (error != NGHTTP2_NO_ERROR && !stream.malformed) {
      stream.ended = Outcome::kH2Protocol;
    } else if (!valid) {
      stream.ended = Outcome::kMalformed;
    } else if (stream.status >= 400) {
      stream.ended = Outcome::kBadStatus;
    }
  }
  stream.over = true;
  stream.next = nullptr;
  (last_ended_ == nullptr ? first_ended_ : last_ended_->next) = &stream;
  last_ended_ = &stream;
}

void Http2Session::TellEnded(Nanos now) {
  while (first_ended_ != nullptr) {
    Stream& stream = *first_ended_;
    first_ended_ = stream.next;
    if (first_ended_ == nullptr) last_ended_ = nullptr;
    if (stream.exchange == nullptr) continue;  // the connection's end was faster
    const bool refused = stream.refused;
    const Result result = ResultOf(stream, stream.ended);
    Exchange& exchange = Detach(stream);
    Release(stream);
    if (refused) {
      host_.OnUnprocessed(exchange, now);
    } else {
      host_.OnDone(exchange, result, now);
    }
  }
}

Exchange& Http2Session::Detach(Stream& stream) {
  Exchange& exchange = *stream.exchange;
  stream.exchange = nullptr;
  host_.loop().wheel().Cancel(stream);
  --open_;
  return exchange;
}

Result Http2Session::ResultOf(const Stream& stream, Outcome outcome) {
  const uint16_t status = HasResponse(outcome) ? stream.status : 0;
  return {outcome, status, stream.bytes_received, stream.bytes_sent};
}

// Ends an exchange for a reason of ours, while the connection goes on. nghttp2 may still ask for
// its body, so the stream is free only when nghttp2 has closed it.
void Http2Session::Cancel(Stream& stream, Outcome outcome, Nanos now) {
  const Result result = ResultOf(stream, outcome);
  Exchange& exchange = Detach(stream);
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
  if (!inside_) host_.loop().FlushBeforeWait(this);
  host_.OnDone(exchange, result, now);
}

void Http2Session::OnStreamDeadline(Stream& stream, Nanos now) {
  if (stream.exchange == nullptr || stream.over) return;
  const Exchange& exchange = *stream.exchange;
  const bool first_byte = exchange.sent != 0 && exchange.first_byte == 0 &&
                          now < exchange.sent + exchange.request->total_timeout;
  Cancel(stream, first_byte ? Outcome::kFirstByteTimeout : Outcome::kTotalTimeout, now);
}

void Http2Session::Abandon(const ExchangeListener* listener, Nanos now) {
  // By index: whoever hears of an end may send the next.
  for (size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    if (stream.exchange == nullptr || stream.over) continue;
    if (listener == nullptr || stream.exchange->listener == listener) {
      Cancel(stream, Outcome::kInterrupted, now);
    }
  }
}

void Http2Session::OnEnd(Outcome outcome, Nanos now) {
  FailAll(outcome, now);
}

// What the end of the connection means for one exchange on it.
Outcome Http2Session::Lost(const Stream& stream, Outcome outcome) {
  if (stream.over) return stream.ended;
  if (outcome != Outcome::kOk && outcome != Outcome::kClosed) return outcome;
  return stream.exchange->first_byte == 0 ? Outcome::kClosed : Outcome::kTruncated;
}

void Http2Session::FailAll(Outcome outcome, Nanos now) {
  host_.Close();
  const bool idle = open_ == 0;
  for (size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    if (stream.exchange == nullptr) continue;
    const Result result = ResultOf(stream, Lost(stream, outcome));
    Exchange& exchange = Detach(stream);
    host_.OnDone(exchange, result, now);
  }
  if (!told_ready_) {
    host_.OnBroken(outcome == Outcome::kOk ? Outcome::kClosed : outcome, now);
  } else if (idle) {
    host_.OnRoom();
  }
}

}  // namespace loadfleet
