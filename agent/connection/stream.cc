#include "agent/connection/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>

namespace loadfleet {

using Kind = Stream::Io::Kind;

Outcome OutcomeOfErrno(int error, bool connecting) {
  switch (error) {
    case ECONNREFUSED:
    case ENOENT:  // a Unix socket's way to say so
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

namespace {

// OpenSSL asks for an empty queue before each call (SSL_get_error(3)). It nearly always is one, and
// emptying it costs more than all the rest that we do around the call.
void ForgetErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

// A BIO that hands OpenSSL what one read of the kernel gave, however many records that is, and asks
// for no more: OpenSSL's own reads each record's head and body apart.
struct Stream::Bio {
  static Stream& Of(BIO* bio) { return *static_cast<Stream*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* out, int size) {
    Stream& stream = Of(bio);
    BIO_clear_retry_flags(bio);
    if (!stream.spill_.empty()) {
      const size_t n = std::min(stream.spill_.size(), static_cast<size_t>(size));
      memcpy(out, stream.spill_.data(), n);
      stream.spill_.erase(0, n);
      if (stream.spill_.empty()) stream.spill_.shrink_to_fit();
      return static_cast<int>(n);
    }
    if (stream.cipher_size_ == 0 && stream.may_read_) {
      stream.may_read_ = false;
      stream.cipher_ = stream.buffers_->cipher();
      stream.last_ = stream.ReadSocket(stream.buffers_->cipher(), ReadBuffers::kRead);
      stream.cipher_size_ = stream.last_.size;
    }
    if (stream.cipher_size_ == 0) {
      if (stream.last_.kind == Kind::kEnd) return 0;
      if (stream.last_.kind != Kind::kFailed) BIO_set_retry_read(bio);
      return -1;
    }
    const size_t n = std::min(stream.cipher_size_, static_cast<size_t>(size));
    memcpy(out, stream.cipher_, n);
    stream.cipher_ += n;
    stream.cipher_size_ -= n;
    return static_cast<int>(n);
  }

  static int Write(BIO* bio, const char* data, int size) {
    Stream& stream = Of(bio);
    BIO_clear_retry_flags(bio);
    while (true) {
      const ssize_t n = send(stream.fd_, data, static_cast<size_t>(size), MSG_NOSIGNAL);
      if (n >= 0) return static_cast<int>(n);
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        BIO_set_retry_write(bio);
      } else {
        stream.last_ = {Kind::kFailed, 0, false, OutcomeOfErrno(errno, false)};
      }
      return -1;
    }
  }

  static long Control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* Method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      BIO_meth_set_read(made, &Bio::Read);
      BIO_meth_set_write(made, &Bio::Write);
      BIO_meth_set_ctrl(made, &Bio::Control);
      return made;
    }();
    return method;
  }
};

Outcome Stream::Connect(const SocketAddress& address, const SocketAddress* source) {
  fd_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return OutcomeOfErrno(errno, true);
  const int on = 1;
  if (address.family() != AF_UNIX) setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (source != nullptr) {
    // The port is chosen at connect, when the whole pair of addresses has to be unique and not this
    // one alone (ip(7), IP_BIND_ADDRESS_NO_PORT).
    setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd_, source->get(), source->length) != 0) {
      const Outcome outcome = OutcomeOfErrno(errno, true);
      Close();
      return outcome;
    }
  }
  if (connect(fd_, address.get(), address.length) != 0 && errno != EINPROGRESS) {
    // A Unix socket's queue is full: nothing is on its way.
    const Outcome outcome = errno == EAGAIN ? Outcome::kRefused : OutcomeOfErrno(errno, true);
    Close();
    return outcome;
  }
  return Outcome::kOk;
}

Outcome Stream::Connected() const {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? Outcome::kOk : OutcomeOfErrno(error, true);
}

bool Stream::HasBytes() const {
  char byte;
  return recv(fd_, &byte, 1, MSG_PEEK) > 0;
}

void Stream::Close() {
  if (fd_ < 0) return;
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get()) != 0) {
    // RFC 8446 6.1 asks for a word before the end; OpenSSL resumes no session that ended without.
    SSL_shutdown(ssl_.get());
    ForgetErrors();
  }
  // Now, and not with this object, which may outlive its connection by a while: when a run ends
  // thousands do, each with the buffer of its last word.
  ssl_.reset();
  close(fd_);
  fd_ = -1;
}

// A read that fills less than the buffer has emptied the socket (epoll(7), "edge-triggered").
Stream::Io Stream::ReadSocket(char* data, size_t size) const {
  while (true) {
    const ssize_t n = recv(fd_, data, size, 0);
    if (n > 0) return {Kind::kBytes, static_cast<size_t>(n), static_cast<size_t>(n) < size};
    if (n == 0) return {Kind::kEnd};
    if (errno == EAGAIN) return {Kind::kBlocked};
    if (errno != EINTR) return {Kind::kFailed, 0, false, OutcomeOfErrno(errno, false)};
  }
}

Stream::Io Stream::Read(ReadBuffers& buffers) {
  return ssl_ == nullptr ? ReadSocket(buffers.bytes(), ReadBuffers::kRead) : ReadTls(buffers);
}

Stream::Io Stream::Write(const char* data, size_t size) {
  if (ssl_ != nullptr) {
    ForgetErrors();
    last_ = {Kind::kBlocked};
    const int n = SSL_write(ssl_.get(), data, static_cast<int>(std::min<size_t>(size, INT_MAX)));
    if (n > 0) return {Kind::kBytes, static_cast<size_t>(n)};
    return TlsResult(n);
  }
  while (true) {
    const ssize_t n = send(fd_, data, size, MSG_NOSIGNAL);
    if (n >= 0) return {Kind::kBytes, static_cast<size_t>(n)};
    if (errno == EAGAIN) return {Kind::kBlocked};
    if (errno != EINTR) return {Kind::kFailed, 0, false, OutcomeOfErrno(errno, false)};
  }
}

bool Stream::StartTls(TlsClient& tls) {
  ssl_ = tls.NewConnection();
  BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(Bio::Method());
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  return true;
}

// What a failed call of OpenSSL means.
Stream::Io Stream::TlsResult(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Kind::kBlocked};
    case SSL_ERROR_ZERO_RETURN:
      return {Kind::kEnd};
    case SSL_ERROR_SYSCALL:
      if (last_.kind == Kind::kFailed || last_.kind == Kind::kEnd) return last_;
      [[fallthrough]];
    default:
      return {Kind::kFailed, 0, false, Outcome::kTls};
  }
}

Stream::Io Stream::Handshake(ReadBuffers& buffers) {
  buffers_ = &buffers;
  while (true) {
    may_read_ = true;
    last_ = {Kind::kBlocked};
    ForgetErrors();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
      spill_.append(cipher_, cipher_size_);
      cipher_size_ = 0;
      return {Kind::kBytes};
    }
    Io io = TlsResult(result);
    // The peer has gone in the midst of it: that is the handshake's failure.
    if (io.kind == Kind::kEnd) io = {Kind::kFailed, 0, false, Outcome::kTls};
    // Blocked, though the read gave bytes: they were used up, and more may be there.
    if (io.kind == Kind::kBlocked && last_.kind == Kind::kBytes && !last_.drained) continue;
    return io;
  }
}

std::string_view Stream::Alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

Stream::Io Stream::ReadTls(ReadBuffers& buffers) {
  buffers_ = &buffers;
  may_read_ = true;
  last_ = {Kind::kBlocked};
  size_t filled = 0;
  Io ended{Kind::kBlocked};
  ForgetErrors();
  while (filled < ReadBuffers::kBytes) {
    const int n = SSL_read(ssl_.get(), buffers.bytes() + filled,
                           static_cast<int>(ReadBuffers::kBytes - filled));
    if (n <= 0) {
      ended = TlsResult(n);
      break;
    }
    filled += static_cast<size_t>(n);
    // Nothing is left to ask for, which a further call would find out for the price of this one.
    if (cipher_size_ == 0 && last_.drained && spill_.empty() && SSL_has_pending(ssl_.get()) == 0) {
      return {Kind::kBytes, filled, true};
    }
  }
  // All of it has been used up, unless the connection has failed: the buffer is another's next.
  cipher_size_ = 0;
  if (filled > 0) {
    const bool more = last_.kind == Kind::kBytes && !last_.drained;
    // An end or a failure is told by the next call: OpenSSL keeps it.
    return {Kind::kBytes, filled, ended.kind == Kind::kBlocked && !more};
  }
  // Records without data (tickets): there may be more behind them.
  if (ended.kind == Kind::kBlocked && last_.kind == Kind::kBytes && !last_.drained) {
    return {Kind::kBytes, 0, false};
  }
  return ended;
}

}  // namespace loadfleet
