// An HTTP/2 server on one connection of a ScriptedServer, by nghttp2: what it does with a request a
// test says.
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_server.h"

namespace loadfleet {

// The script's thread only.
class Http2Peer {
 public:
  // Called with each request's stream when the request is complete. Nothing is read meanwhile.
  using OnRequest = std::function<void(Http2Peer&, int32_t stream)>;

  // `max_streams` goes into its SETTINGS; negative: it says nothing of it.
  Http2Peer(ScriptedServer::Peer& peer, OnRequest on_request, int max_streams = -1);
  ~Http2Peer();
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  // Serves until the client ends, or Leave().
  void Run();
  // Run returns when what has been said is written.
  void Leave() { leaving_ = true; }

  // `field`: one more of the head; its name may be empty.
  void Answer(int32_t stream, int status = 200, const std::string& body = "PONG",
              const std::pair<std::string, std::string>& field = {});
  // The head and a part of the body it announces.
  // From here on each request is answered at its first DATA frame, and its stream reset without an
  // error at the next.
  void AnswerEarly(int status) { early_status_ = status; }
  void AnswerPartly(int32_t stream);
  void AnswerWithHead(int32_t stream, size_t head_bytes);
  void ResetStream(int32_t stream, uint32_t error);
  void GoAway(int32_t last_stream, uint32_t error);
  void ChangeMaxStreams(uint32_t max_streams);

  int nth() const { return peer_.nth(); }
  size_t body_size(int32_t stream) const { return bodies_.at(stream); }
  // A field of the request's head; empty when it has none.
  std::string field(int32_t stream, const std::string& name) const {
    const auto found = fields_.find({stream, name});
    return found == fields_.end() ? "" : found->second;
  }
  // Requests that have come and are not answered, and the most that there were at once.
  size_t open() const { return open_; }
  size_t most_open() const { return most_open_; }

 private:
  struct Callbacks;
  bool WriteAll();

  ScriptedServer::Peer& peer_;
  const OnRequest on_request_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, std::string> answers_;  // bodies that are being sent
  std::map<int32_t, size_t> bodies_;
  std::map<std::pair<int32_t, std::string>, std::string> fields_;
  std::vector<int32_t> complete_;
  size_t open_ = 0;
  size_t most_open_ = 0;
  int early_status_ = 0;
  bool leaving_ = false;
};

}  // namespace loadfleet
