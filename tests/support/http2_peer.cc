#include "tests/support/http2_peer.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace loadfleet {
namespace {

// Borrows both.
nghttp2_nv Field(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct Http2Peer::Callbacks {
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Peer*>(user);
    const bool request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.complete_.push_back(frame->hd.stream_id);
      self.bodies_.try_emplace(frame->hd.stream_id, 0);
      self.most_open_ = std::max(self.most_open_, ++self.open_);
    }
    return 0;
  }
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* user) {
    static_cast<Http2Peer*>(user)
        ->fields_[{frame->hd.stream_id, {reinterpret_cast<const char*>(name), name_size}}]
        .assign(reinterpret_cast<const char*>(value), value_size);
    return 0;
  }
  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t*, size_t size,
                    void* user) {
    auto& self = *static_cast<Http2Peer*>(user);
    const bool first = self.bodies_[id] == 0;
    self.bodies_[id] += size;
    if (first && self.early_status_ != 0) {
      ++self.open_;
      self.Answer(id, self.early_status_, "");
    } else if (self.early_status_ != 0) {
      nghttp2_submit_rst_stream(self.session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }
  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t* out, size_t size, uint32_t* flags,
                          nghttp2_data_source*, void* user) {
    std::string& body = static_cast<Http2Peer*>(user)->answers_[id];
    const size_t n = std::min(size, body.size());
    memcpy(out, body.data(), n);
    body.erase(0, n);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }
  // A part, and then nothing for ever.
  static ssize_t ReadPart(nghttp2_session*, int32_t id, uint8_t* out, size_t size, uint32_t*,
                          nghttp2_data_source*, void* user) {
    std::string& body = static_cast<Http2Peer*>(user)->answers_[id];
    if (body.empty()) return NGHTTP2_ERR_DEFERRED;
    const size_t n = std::min(size, body.size());
    memcpy(out, body.data(), n);
    body.erase(0, n);
    return static_cast<ssize_t>(n);
  }
};

Http2Peer::Http2Peer(ScriptedServer::Peer& peer, OnRequest on_request, int max_streams)
    : peer_(peer), on_request_(std::move(on_request)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Callbacks::OnData);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_max_send_header_block_length(options, 1 << 20);
  nghttp2_session_server_new2(&session_, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                     static_cast<uint32_t>(std::max(0, max_streams))};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &entry, max_streams < 0 ? 0 : 1);
}

Http2Peer::~Http2Peer() {
  nghttp2_session_del(session_);
}

bool Http2Peer::WriteAll() {
  while (true) {
    const uint8_t* data = nullptr;
    const ssize_t n = nghttp2_session_mem_send(session_, &data);
    if (n <= 0) return n == 0;
    if (!peer_.Write({reinterpret_cast<const char*>(data), static_cast<size_t>(n)})) return false;
  }
}

void Http2Peer::Run() {
  while (WriteAll() && !leaving_) {
    const std::string bytes = peer_.Read();
    if (bytes.empty() ||
        nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()),
                                 bytes.size()) < 0) {
      return;
    }
    for (const int32_t stream : std::exchange(complete_, {})) on_request_(*this, stream);
  }
}

void Http2Peer::Answer(int32_t stream, int status, const std::string& body,
                       const std::pair<std::string, std::string>& field) {
  const std::string code = std::to_string(status);
  const nghttp2_nv fields[] = {Field(":status", code), Field("server", "scripted"),
                               Field(field.first, field.second)};
  answers_[stream] = body;
  --open_;
  nghttp2_data_provider provider{};
  provider.read_callback = &Callbacks::ReadBody;
  nghttp2_submit_response(session_, stream, fields, field.first.empty() ? 2 : 3,
                          body.empty() ? nullptr : &provider);
}

void Http2Peer::AnswerPartly(int32_t stream) {
  const nghttp2_nv fields[] = {Field(":status", "200")};
  answers_[stream] = "PO";
  nghttp2_data_provider provider{};
  provider.read_callback = &Callbacks::ReadPart;
  nghttp2_submit_response(session_, stream, fields, 1, &provider);
}

void Http2Peer::AnswerWithHead(int32_t stream, size_t head_bytes) {
  constexpr size_t kEach = 4'000;
  std::vector<nghttp2_nv> fields = {Field(":status", "200")};
  const std::string name = "x-long";
  const std::string value(kEach, 'x');
  // The first fills the dynamic table; the others are a byte each on the wire.
  for (size_t i = 0; i < head_bytes / kEach + 1; ++i) fields.push_back(Field(name, value));
  nghttp2_submit_response(session_, stream, fields.data(), fields.size(), nullptr);
}

void Http2Peer::ResetStream(int32_t stream, uint32_t error) {
  --open_;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, error);
}

void Http2Peer::GoAway(int32_t last_stream, uint32_t error) {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last_stream, error, nullptr, 0);
}

void Http2Peer::ChangeMaxStreams(uint32_t max_streams) {
  const nghttp2_settings_entry entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_streams};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &entry, 1);
}

}  // namespace loadfleet
