#include "target/connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet::target {
namespace {

constexpr int64_t kTurnBytes = 1 << 20;      // then the others: a stream on loopback never blocks
constexpr size_t kOutputBytes = 256 << 10;   // of pipelined answers before they must be sent
constexpr size_t kKeptBytes = 64 << 10;      // of a buffer that stays with an idle connection
constexpr uint64_t kCopiedBytes = 16 << 10;  // a smaller body joins its head in one write
constexpr Nanos kLinger = 2 * kSecond;
constexpr Nanos kDripTick = 10 * kMillisecond;

// `{"gzipped": true}`, by gzip -9n.
constexpr std::string_view kGzipped(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\xaf\xca\x2c\x28\x48"
    "\x4d\x51\xb2\x52\x28\x29\x2a\x4d\xad\x05\x00\x01\xc6\xea\x15\x11\x00\x00"
    "\x00",
    37);

// What bodies of /bytes and /drip are made of.
std::string_view Filler() {
  static const std::string filler(256 << 10, 'x');
  return filler;
}

void Recycle(std::string* buffer) {
  buffer->clear();
  if (buffer->capacity() > kKeptBytes) buffer->shrink_to_fit();
}

}  // namespace

Connection::Connection(int fd, LoopShare* share) : fd_(fd), share_(*share) {
  share_.counters.accepted.Add(1);
}

Connection::~Connection() {
  if (deadline_) share_.timers.Cancel(this, *deadline_);
  share_.counters.closed.Add(1);
  close(fd_);
}

Connection::Fate Connection::OnEvents(uint32_t epoll_events) {
  if (epoll_events & (EPOLLERR | EPOLLHUP)) return Fate::kClosed;
  if (epoll_events & (EPOLLIN | EPOLLRDHUP)) readable_ = true;
  if (epoll_events & EPOLLRDHUP) peer_done_ = true;
  if (epoll_events & EPOLLOUT) writable_ = true;
  return Progress();
}

Connection::Fate Connection::OnDeadline() {
  deadline_.reset();
  if (state_ == State::kLingering) return Fate::kClosed;
  if (state_ == State::kDelaying) {
    AppendWhole({.status = 200}, "");
    EndAnswer();
  } else if (state_ == State::kDripping) {
    AppendDue();
  }
  return Progress();
}

Connection::Fate Connection::Progress() {
  budget_ = kTurnBytes;
  for (;;) {
    Io io = Flush();
    if (io == Io::kDone) {
      if (state_ == State::kDelaying || state_ == State::kDripping) return Fate::kOpen;
      if (state_ == State::kClosing && !refused_) return Fate::kClosed;
      if (state_ == State::kStreaming) EndAnswer();
      if (state_ == State::kClosing || state_ == State::kLingering) {
        io = Linger();
      } else if (input_parsed_ < input_.size()) {
        input_parsed_ =
            input_.size() - Parse(std::string_view(input_).substr(input_parsed_)).size();
        if (input_parsed_ == input_.size()) {
          Recycle(&input_);
          input_parsed_ = 0;
        }
      } else {
        io = Read();
      }
    }
    if (io == Io::kBlocked) return Fate::kOpen;
    if (io == Io::kYields) return Fate::kYields;
    if (io == Io::kGone) return Fate::kClosed;
  }
}

// --- Input ---

Connection::Io Connection::Read() {
  if (input_ended_) return Io::kGone;
  if (!readable_) return Io::kBlocked;
  if (budget_ <= 0) return Io::kYields;
  const absl::Span<char> buffer = share_.read_buffer;
  const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
  if (n < 0) {
    if (errno == EINTR) return Io::kDone;
    if (errno != EAGAIN) return Io::kGone;
    readable_ = false;
    return Io::kBlocked;
  }
  if (n == 0) {
    input_ended_ = true;
    return Io::kGone;
  }
  share_.counters.bytes_in.Add(n);
  budget_ -= n;
  // Edge-triggered: a short read has emptied the socket, and whatever comes later is a new event.
  if (static_cast<size_t>(n) < buffer.size() && !peer_done_) readable_ = false;
  input_.assign(Parse({buffer.data(), static_cast<size_t>(n)}));
  return Io::kDone;
}

std::string_view Connection::Parse(std::string_view bytes) {
  while (!bytes.empty() && state_ == State::kReading && output_.size() < kOutputBytes) {
    switch (parser_.Feed(&bytes)) {
      case RequestParser::Event::kNeedsMore:
        break;
      case RequestParser::Event::kContinue:
        output_.append("HTTP/1.1 100 Continue\r\n\r\n");
        break;
      case RequestParser::Event::kRequest:
        Begin(parser_.answer());
        break;
      case RequestParser::Event::kMalformed:
        Refuse(400);
        return {};
      case RequestParser::Event::kHeadTooLarge:
        Refuse(431);
        return {};
      case RequestParser::Event::kBodyTooLarge:
        Refuse(413);
        return {};
    }
  }
  return bytes;
}

void Connection::Refuse(int status) {
  if (status == 413) {
    share_.counters.CountRequest(Route::kEcho, (share_.now - share_.started) / kSecond);
  } else {
    share_.counters.malformed.Add(1);
  }
  closes_ = true;
  refused_ = true;
  AppendWhole({.status = status}, "");
  EndAnswer();
}

// --- Answers ---

void Connection::Begin(const Answer& answer) {
  share_.counters.CountRequest(answer.route, (share_.now - share_.started) / kSecond);
  // Without chunks, only the connection's end can end the body of a /drip.
  closes_ = !parser_.keep_alive() || (answer.route == Route::kDrip && parser_.is_http_1_0());
  switch (answer.route) {
    case Route::kPing:
      if (closes_ || parser_.is_head() || parser_.is_http_1_0()) {
        AppendWhole({.status = 200, .content_type = "text/plain"}, "PONG");
      } else {
        share_.counters.CountStatus(Route::kPing, 200);
        output_.append(share_.heads.ping());
      }
      break;
    case Route::kBytes:
      return BeginBytes(answer.bytes);
    case Route::kDelay:
      if (answer.over > 0) {
        state_ = State::kDelaying;
        return SetDeadline(share_.now + answer.over);
      }
      AppendWhole({.status = 200}, "");
      break;
    case Route::kEcho:
      AppendWhole(
          {.status = 200, .content_type = "application/octet-stream", .method = parser_.method()},
          parser_.body());
      break;
    case Route::kDrip:
      return BeginDrip(answer);
    case Route::kStats:
      AppendWhole({.status = 200, .content_type = "application/json"}, share_.stats());
      break;
    case Route::kCookie:
      AppendWhole({.status = 200, .content_type = "text/plain", .set_cookie = answer.text},
                  parser_.cookie());
      break;
    case Route::kRedirect:
      AppendWhole({.status = answer.status, .location = answer.text}, "");
      break;
    case Route::kGzip:
      AppendWhole({.status = 200, .content_type = "application/json", .content_encoding = "gzip"},
                  kGzipped);
      break;
    case Route::kStatus:
    case Route::kOther:
      AppendWhole({.status = answer.status}, "");
      break;
  }
  EndAnswer();
}

void Connection::BeginBytes(uint64_t bytes) {
  AppendHead({.content_length = bytes, .content_type = "application/octet-stream"});
  if (parser_.is_head()) return EndAnswer();
  if (bytes <= kCopiedBytes) {
    output_.append(Filler().substr(0, bytes));
    return EndAnswer();
  }
  stream_left_ = bytes;
  state_ = State::kStreaming;
}

void Connection::BeginDrip(const Answer& answer) {
  AppendHead({.chunked = !parser_.is_http_1_0(), .content_type = "application/octet-stream"});
  if (parser_.is_head()) return EndAnswer();
  const int64_t chunks = std::clamp<int64_t>(answer.over / kDripTick, 1, answer.bytes);
  drip_ = {answer.bytes, answer.over, share_.now, chunks, 0};
  state_ = State::kDripping;
  SetDeadline(DripDeadline());
}

// The k-th of n chunks is due after k/n of the time and brings the body to k/n of its bytes; late
// ones join into one.
void Connection::AppendDue() {
  if (!output_.empty()) return SetDeadline(share_.now + kDripTick);  // the client does not read
  const Nanos elapsed = std::min(share_.now - drip_.began, drip_.over);
  const int64_t due_chunks = drip_.over == 0 ? drip_.chunks : elapsed * drip_.chunks / drip_.over;
  const uint64_t size = drip_.bytes * due_chunks / drip_.chunks - drip_.sent;
  const bool chunked = !parser_.is_http_1_0();
  if (size > 0) {
    if (chunked) absl::StrAppend(&output_, absl::Hex(size), "\r\n");
    output_.append(size, 'x');
    if (chunked) output_.append("\r\n");
    drip_.sent += size;
  }
  if (drip_.sent < drip_.bytes) return SetDeadline(DripDeadline());
  if (chunked) output_.append("0\r\n\r\n");
  EndAnswer();
}

Nanos Connection::DripDeadline() const {
  // Rounded up twice, so that at the deadline the next chunk is due and not a nanosecond short of
  // it.
  const int64_t next = drip_.sent * drip_.chunks / drip_.bytes + 1;
  return drip_.began + (drip_.over * next + drip_.chunks - 1) / drip_.chunks;
}

void Connection::AppendHead(Head head) {
  share_.counters.CountStatus(refused_ ? Route::kOther : parser_.answer().route, head.status);
  head.persistence = closes_                 ? Persistence::kClose
                     : parser_.is_http_1_0() ? Persistence::kKeepHttp10
                                             : Persistence::kKeep;
  share_.heads.Append(head, &output_);
}

void Connection::AppendWhole(Head head, std::string_view body) {
  // These two never have a body, and 204 not even a length (RFC 9110, 8.6 and 15.4.5).
  if (head.status != 204 && head.status != 304) head.content_length = body.size();
  AppendHead(head);
  if (!parser_.is_head()) output_.append(body);
}

void Connection::EndAnswer() {
  parser_.ReleaseBody();
  state_ = closes_ ? State::kClosing : State::kReading;
}

// --- Output ---

Connection::Io Connection::Flush() {
  while (output_sent_ < output_.size() || stream_left_ > 0) {
    if (!writable_) return Io::kBlocked;
    if (budget_ <= 0) return Io::kYields;
    const Io io = SendSome();
    if (io != Io::kDone) return io;
  }
  if (!output_.empty()) Recycle(&output_);
  output_sent_ = 0;
  return Io::kDone;
}

Connection::Io Connection::SendSome() {
  const size_t head = output_.size() - output_sent_;
  const size_t body = std::min<uint64_t>(stream_left_, Filler().size());
  iovec parts[2] = {{output_.data() + output_sent_, head},
                    {const_cast<char*>(Filler().data()), body}};
  msghdr message = {};
  message.msg_iov = head > 0 ? parts : parts + 1;
  message.msg_iovlen = (head > 0 ? 1 : 0) + (body > 0 ? 1 : 0);

  // Counted before, so that whoever has the answer finds it counted.
  share_.counters.bytes_out.Add(head + body);
  const ssize_t n = message.msg_iovlen == 1 && head > 0
                        ? send(fd_, parts[0].iov_base, head, MSG_NOSIGNAL)
                        : sendmsg(fd_, &message, MSG_NOSIGNAL);
  const size_t sent = n < 0 ? 0 : static_cast<size_t>(n);
  if (sent < head + body) share_.counters.bytes_out.Subtract(head + body - sent);
  if (n < 0) {
    if (errno == EINTR) return Io::kDone;
    if (errno != EAGAIN) return Io::kGone;
    writable_ = false;
    return Io::kBlocked;
  }
  budget_ -= static_cast<int64_t>(sent);
  const size_t of_head = std::min(sent, head);
  output_sent_ += of_head;
  stream_left_ -= sent - of_head;
  return Io::kDone;
}

// A socket that is closed with unread input sends a reset, which can destroy the refusal on its way
// (RFC 9112, 9.6).
Connection::Io Connection::Linger() {
  if (state_ == State::kClosing) {
    state_ = State::kLingering;
    shutdown(fd_, SHUT_WR);
    SetDeadline(share_.now + kLinger);
  }
  if (!readable_) return Io::kBlocked;
  if (budget_ <= 0) return Io::kYields;
  const ssize_t n = recv(fd_, share_.read_buffer.data(), share_.read_buffer.size(), 0);
  if (n == 0) return Io::kGone;
  if (n < 0) {
    if (errno == EINTR) return Io::kDone;
    if (errno != EAGAIN) return Io::kGone;
    readable_ = false;
    return Io::kBlocked;
  }
  share_.counters.bytes_in.Add(n);
  budget_ -= n;
  return Io::kDone;
}

void Connection::SetDeadline(Nanos at) {
  deadline_ = at;
  share_.timers.Set(this, at);
}

}  // namespace loadfleet::target
