// HTTP/2 on one connection, by nghttp2 (RFC 9113): many exchanges at a time, each on a stream.
#pragma once

#include <nghttp2/nghttp2.h>

#include <deque>
#include <memory>
#include <string>

#include "agent/engine/deadline_wheel.h"
#include "agent/http/session.h"

namespace loadfleet {

// What is sent between two waits of the loop goes out in one write, and what one read brought is
// dealt with before anybody hears of it: nghttp2 is never called from within itself.
class Http2Session final : public Session, private Flushable {
 public:
  // At most `max_streams` exchanges at a time, fewer when the server's settings say so.
  Http2Session(SessionHost& host, uint32_t max_streams);
  ~Http2Session() override;

  void Start() override;
  uint32_t Room() const override;
  size_t exchanges() const override { return open_; }
  void Send(Exchange& exchange) override;
  void OnBytes(const char* data, size_t size, Nanos now) override;
  void OnEnd(Outcome outcome, Nanos now) override;
  void OnWritable() override;
  void OnDeadline(Nanos /*now*/) override {}  // each stream has its own
  void Abandon(const ExchangeListener* listener, Nanos now) override;

 private:
  // One exchange's; reused.
  struct Stream final : DeadlineWheel::Timer {
    Http2Session* session = nullptr;
    Exchange* exchange = nullptr;  // null: free, or given up
    Stream* next = nullptr;        // in the list of the ended ones, or of the free ones
    int32_t id = 0;
    uint16_t status = 0;
    bool complete = false;   // its response, while its body was still being sent
    bool reset = false;      // by the server's RST_STREAM, before its response was complete
    bool malformed = false;  // nghttp2 refused a frame of it
    bool refused = false;    // unprocessed, by the server's word
    bool over = false;       // nghttp2 knows it no more; it is told next
    Outcome ended = Outcome::kOk;
    uint64_t bytes_received = 0;
    uint64_t bytes_sent = 0;
    uint64_t head_bytes = 0;
    size_t body_sent = 0;

    void OnDeadline(Nanos now) override { session->OnStreamDeadline(*this, now); }
  };
  struct Callbacks;  // nghttp2's

  void Flush() override;
  void WriteOut();
  bool WritePending();
  Stream& Acquire(Exchange& exchange);
  void Release(Stream& stream) {
    stream.next = free_;
    free_ = &stream;
  }
  void OnStreamDeadline(Stream& stream, Nanos now);
  void OnStreamClosed(Stream& stream, uint32_t error);
  void Pump(Nanos now);
  void TellEnded(Nanos now);
  void Cancel(Stream& stream, Outcome outcome, Nanos now);
  void FailAll(Outcome outcome, Nanos now);
  void FailToWrite(Outcome outcome);
  Exchange& Detach(Stream& stream);
  static Outcome Lost(const Stream& stream, Outcome outcome);
  void NoteRoom();
  static Result ResultOf(const Stream& stream, Outcome outcome);

  SessionHost& host_;
  const uint32_t max_streams_;
  nghttp2_session* session_ = nullptr;
  std::deque<Stream> streams_;
  Stream* free_ = nullptr;
  Stream* in_head_ = nullptr;      // whose head is being read; null: nobody's any more
  Stream* first_ended_ = nullptr;  // those that one read has ended, in order
  Stream* last_ended_ = nullptr;
  size_t open_ = 0;      // exchanges on it
  std::string pending_;  // serialized and not taken by the kernel
  size_t pending_sent_ = 0;
  Nanos now_ = 0;            // of the write that is being made, or the read that is dealt with
  bool bodies_ = false;      // a request has had one
  bool settled_ = false;     // the server's SETTINGS have come
  bool told_ready_ = false;  // and the host knows
  bool going_away_ = false;  // GOAWAY: no further stream
  bool room_changed_ = false;
  bool inside_ = false;  // Pump or nghttp2 is on the stack: what is sent now is written by it
};

}  // namespace loadfleet
