#include "agent/connection/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace loadfleet {

Outcome OutcomeOfErrno(int error, bool connecting) {
  switch (error) {
    case ECONNREFUSED:
      return Outcome::kRefused;
    case ECONNRESET:
    case EPIPE:
      return Outcome::kReset;
    case ETIMEDOUT:
      return connecting ? Outcome::kConnectTimeout : Outcome::kReset;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return Outcome::kOutOfPorts;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return Outcome::kOutOfDescriptors;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EACCES:  // a local firewall's reject
    case EPERM:
      return Outcome::kUnreachable;
    default:
      return connecting ? Outcome::kUnreachable : Outcome::kReset;
  }
}

Connection::Connection(EventLoop& loop, ConnectionOwner& owner) : loop_(loop), owner_(owner) {}

Connection::~Connection() {
  Close();
}

Outcome Connection::Open(const SocketAddress& address, Nanos timeout, Nanos now) {
  fd_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return OutcomeOfErrno(errno, true);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(fd_, address.get(), address.length) != 0 && errno != EINPROGRESS) {
    const Outcome outcome = OutcomeOfErrno(errno, true);
    Close();
    return outcome;
  }
  // Even a connection that stands already is reported by its first EPOLLOUT, so that there is one
  // road.
  if (!loop_.Add(fd_, this)) {
    Close();
    return Outcome::kOutOfDescriptors;
  }
  connecting_ = true;
  loop_.wheel().Set(*this, now + timeout);
  return Outcome::kOk;
}

void Connection::Close() {
  if (fd_ < 0) return;
  close(fd_);
  fd_ = -1;
  connecting_ = false;
  loop_.wheel().Cancel(*this);
}

void Connection::Abandon(Nanos now) {
  if (exchange_ != nullptr) {
    Fail(Outcome::kInterrupted, now);
  } else {
    Close();
  }
}

void Connection::Send(Exchange& exchange) {
  const RequestTemplate& request = *exchange.request;
  exchange_ = &exchange;
  written_ = 0;
  write_error_ = 0;
  parser_.Expect(request.head);
  exchange.sent = loop_.clock().Now();
  exchange.listener->OnSent(exchange);
  loop_.wheel().Set(*this,
                    exchange.sent + std::min(request.first_byte_timeout, request.total_timeout));
  WriteRest();
}

void Connection::WriteRest() {
  const std::string& wire = exchange_->request->wire;
  while (written_ < wire.size()) {
    const ssize_t n = send(fd_, wire.data() + written_, wire.size() - written_, MSG_NOSIGNAL);
    if (n >= 0) {
      written_ += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      return;  // EPOLLOUT comes when there is room
    } else if (errno != EINTR) {
      // The target may have answered before it stopped listening (413, 408): that tells more than
      // this errno.
      write_error_ = errno;
      ReadAll(true);
      if (fd_ >= 0) Fail(OutcomeOfErrno(write_error_, false), loop_.clock().Now());
      return;
    }
  }
}

void Connection::OnIo(uint32_t events) {
  if (fd_ < 0) return;
  if (connecting_) {
    FinishConnect(events);
    return;
  }
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    ReadAll((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
  if ((events & EPOLLOUT) && exchange_ != nullptr && fd_ >= 0 &&
      written_ < exchange_->request->wire.size()) {
    WriteRest();
  }
}

void Connection::FinishConnect(uint32_t events) {
  if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    Close();
    owner_.OnConnectFailed(*this, OutcomeOfErrno(error, true), loop_.clock().Now());
    return;
  }
  if ((events & EPOLLIN) && HasBytes()) {
    // Whoever speaks before it is asked speaks another protocol: its words are no response.
    Close();
    owner_.OnConnectFailed(*this, Outcome::kMalformed, loop_.clock().Now());
    return;
  }
  connecting_ = false;
  loop_.wheel().Cancel(*this);
  owner_.OnConnected(*this);
  // What came with the same edge gets no other: a target that closes at once.
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))) ReadAll(true);
}

bool Connection::HasBytes() const {
  char byte;
  return recv(fd_, &byte, 1, MSG_PEEK) > 0;
}

// A read that fills less than the buffer has emptied the socket (epoll(7), "edge-triggered"), so
// one read per response does, unless the peer has closed: then the end is read too.
void Connection::ReadAll(bool until_end) {
  ending_ = until_end;
  char* buffer = loop_.read_buffer();
  while (fd_ >= 0) {
    const ssize_t n = recv(fd_, buffer, EventLoop::kReadBuffer, 0);
    if (n > 0) {
      OnBytes(buffer, static_cast<size_t>(n));
      if (static_cast<size_t>(n) < EventLoop::kReadBuffer && !until_end) return;
    } else if (n == 0) {
      OnEnd();
      return;
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      const int error = errno;
      if (exchange_ == nullptr) {
        Close();
        owner_.OnIdleClosed(*this);
      } else {
        Fail(OutcomeOfErrno(error, false), loop_.clock().Now());
      }
      return;
    }
  }
}

void Connection::OnBytes(const char* data, size_t size) {
  const Nanos now = loop_.clock().Now();  // before parsing: that time is ours, not the target's
  if (exchange_ == nullptr) {
    // A response that nobody asked for must never be taken for the next request's.
    Close();
    owner_.OnIdleClosed(*this);
    return;
  }
  const bool first = !parser_.begun();
  size_t used = 0;
  switch (parser_.Feed(data, size, &used)) {
    case ResponseParser::State::kPartial:
      if (first) loop_.wheel().Set(*this, exchange_->sent + exchange_->request->total_timeout);
      return;
    case ResponseParser::State::kFailed:
      Fail(parser_.outcome(), now);
      return;
    case ResponseParser::State::kComplete:
      // Bytes beyond the response, or a response to a request that is not yet written: what else
      // comes cannot be trusted.
      if (used < size || ending_ || !parser_.keep_alive() ||
          written_ < exchange_->request->wire.size()) {
        Close();
      }
      Complete(now);
      return;
  }
}

void Connection::OnEnd() {
  const Nanos now = loop_.clock().Now();
  if (exchange_ == nullptr) {
    Close();
    owner_.OnIdleClosed(*this);
    return;
  }
  if (parser_.FeedEnd() == ResponseParser::State::kComplete) {
    Close();
    Complete(now);
  } else {
    // The kernel tells of a reset once: the write had it.
    Fail(write_error_ != 0 ? OutcomeOfErrno(write_error_, false) : parser_.outcome(), now);
  }
}

void Connection::OnDeadline(Nanos now) {
  if (fd_ < 0) return;
  if (connecting_) {
    Close();
    owner_.OnConnectFailed(*this, Outcome::kConnectTimeout, now);
    return;
  }
  if (exchange_ == nullptr) return;
  const bool total = now >= exchange_->sent + exchange_->request->total_timeout;
  Fail(!total && !parser_.begun() ? Outcome::kFirstByteTimeout : Outcome::kTotalTimeout, now);
}

void Connection::Complete(Nanos now) {
  const Outcome outcome = parser_.status() >= 400 ? Outcome::kBadStatus : Outcome::kOk;
  End({outcome, parser_.status(), parser_.bytes(), written_}, now);
}

void Connection::Fail(Outcome outcome, Nanos now) {
  Close();
  End({outcome, 0, parser_.bytes(), written_}, now);
}

void Connection::End(const Result& result, Nanos now) {
  Exchange& exchange = *exchange_;
  exchange_ = nullptr;
  if (fd_ >= 0) loop_.wheel().Cancel(*this);
  owner_.OnExchangeDone(*this, exchange, result, now);
}

}  // namespace loadfleet
