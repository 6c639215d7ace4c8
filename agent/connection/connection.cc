#include "agent/connection/connection.h"

#include <sys/epoll.h>

#include "agent/http/http1_pipeline.h"
#include "agent/http/http1_session.h"
#include "agent/http/http2_session.h"

namespace loadfleet {

using Kind = Stream::Io::Kind;

Connection::Connection(EventLoop& loop, const ConnectionSettings& settings, ConnectionOwner& owner)
    : loop_(loop), settings_(settings), owner_(owner) {}

Connection::~Connection() {
  Close();
}

Outcome Connection::Open(const SocketAddress& address, const SocketAddress* source, Nanos timeout,
                         Nanos now) {
  const Outcome outcome = stream_.Connect(address, source);
  if (outcome != Outcome::kOk) return outcome;
  // Even a connection that stands already is reported by its first EPOLLOUT, so that there is one
  // road.
  if (!loop_.Add(stream_.fd(), this)) {
    stream_.Close();
    return Outcome::kOutOfDescriptors;
  }
  stage_ = Stage::kConnecting;
  opened_at_ = now;
  loop_.wheel().Set(*this, now + timeout);
  return Outcome::kOk;
}

void Connection::Close() {
  if (stage_ == Stage::kClosed) return;
  stage_ = Stage::kClosed;
  stream_.Close();
  loop_.wheel().Cancel(*this);
}

void Connection::Send(Exchange& exchange) {
  ++sent_;
  session_->Send(exchange);
}

void Connection::Abandon(const ExchangeListener* listener, Nanos now) {
  if (session_ != nullptr) session_->Abandon(listener, now);
}

void Connection::OnIo(uint32_t events) {
  switch (stage_) {
    case Stage::kClosed:
      return;
    case Stage::kConnecting:
      FinishConnect(events);
      return;
    case Stage::kHandshaking:
      Handshake();
      return;
    case Stage::kSettling:
    case Stage::kReady:
      if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        ReadAll((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
      }
      if ((events & EPOLLOUT) && !closed()) session_->OnWritable();
      return;
  }
}

void Connection::FinishConnect(uint32_t events) {
  if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
  const Outcome outcome = stream_.Connected();
  if (outcome != Outcome::kOk) return FailToConnect(outcome);
  connect_time_ = loop_.clock().Now() - opened_at_;
  if (settings_.tls != nullptr) {
    stage_ = Stage::kHandshaking;
    if (!stream_.StartTls(*settings_.tls)) return FailToConnect(Outcome::kOutOfDescriptors);
    return Handshake();
  }
  const bool http2 = settings_.protocol == Protocol::kHttp2;
  if (!http2 && (events & EPOLLIN) && stream_.HasBytes()) {
    // Whoever speaks before it is asked speaks another protocol: its words are no response.
    return FailToConnect(Outcome::kMalformed);
  }
  StartSession(http2);
  // What came with the same edge gets no other: a target that closes at once.
  if (!closed() && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))) ReadAll(!http2);
}

void Connection::Handshake() {
  const Stream::Io io = stream_.Handshake(loop_.read_buffers());
  if (io.kind == Kind::kBlocked) return;
  if (io.kind != Kind::kBytes) return FailToConnect(io.outcome);
  tls_time_ = loop_.clock().Now() - opened_at_ - connect_time_;
  const bool http2 = stream_.Alpn() == "h2";
  // RFC 7301 lets a server that does not know ALPN go on without, which is HTTP/1.1.
  if (settings_.protocol == Protocol::kHttp2 && !http2) return FailToConnect(Outcome::kTls);
  StartSession(http2);
  // What came with the handshake's last bytes gets no edge of its own.
  if (!closed()) ReadAll(false);
}

void Connection::StartSession(bool http2) {
  stage_ = Stage::kSettling;
  if (http2) {
    session_ = std::make_unique<Http2Session>(*this, settings_.max_streams);
  } else if (settings_.pipelining > 1) {
    session_ = std::make_unique<Http1Pipeline>(*this, *settings_.known_heads, settings_.pipelining);
  } else {
    session_ = std::make_unique<Http1Session>(*this, *settings_.known_heads);
  }
  session_->Start();
}

void Connection::OnReady() {
  stage_ = Stage::kReady;
  loop_.wheel().Cancel(*this);
  owner_.OnReady(*this);
}

void Connection::FailToConnect(Outcome outcome) {
  Close();
  owner_.OnConnectFailed(*this, outcome, loop_.clock().Now());
}

void Connection::OnBroken(Outcome outcome, Nanos now) {
  Close();
  owner_.OnConnectFailed(*this, outcome, now);
}

SessionHost::Written Connection::Write(const char* data, size_t size) {
  const Stream::Io io = stream_.Write(data, size);
  switch (io.kind) {
    case Kind::kBytes:
      return {io.size};
    case Kind::kBlocked:
      return {0};
    default:
      return {0, io.kind == Kind::kEnd ? Outcome::kReset : io.outcome};
  }
}

// A read that has emptied the socket is the last, so one per response does, unless the peer has
// closed: then the end is read too.
void Connection::ReadAll(bool until_end) {
  ending_ = until_end;
  ReadBuffers& buffers = loop_.read_buffers();
  while (!closed()) {
    const Stream::Io io = stream_.Read(buffers);
    switch (io.kind) {
      case Kind::kBlocked:
        return;
      case Kind::kBytes: {
        // Before parsing: that time is ours, not the target's.
        const Nanos now = loop_.clock().Now();
        if (io.size > 0) session_->OnBytes(buffers.bytes(), io.size, now);
        if (io.drained && !until_end) return;
        break;
      }
      default:
        session_->OnEnd(io.kind == Kind::kEnd ? Outcome::kOk : io.outcome, loop_.clock().Now());
        return;
    }
  }
}

void Connection::OnDeadline(Nanos now) {
  if (closed()) return;
  if (stage_ == Stage::kReady) return session_->OnDeadline(now);
  Close();
  owner_.OnConnectFailed(*this, Outcome::kConnectTimeout, now);
}

void Connection::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  if (HasResponse(result.outcome)) ++answered_;
  owner_.OnExchangeDone(*this, exchange, result, now);
}

void Connection::OnUnprocessed(Exchange& exchange, Nanos now) {
  owner_.OnUnprocessed(*this, exchange, now);
}

}  // namespace loadfleet
