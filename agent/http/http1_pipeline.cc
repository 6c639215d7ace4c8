#include "agent/http/http1_pipeline.h"

#include <algorithm>
#include <cstring>

#include "agent/http/shown_response.h"

namespace loadfleet {

Http1Pipeline::Http1Pipeline(SessionHost& host, KnownHeads& known_heads, uint32_t depth)
    : host_(host), known_heads_(known_heads), ring_(std::max<uint32_t>(1, depth)) {}

Http1Pipeline::~Http1Pipeline() {
  host_.loop().Unflush(this);
}

uint32_t Http1Pipeline::Room() const {
  if (host_.closed() || host_.ending() || write_failure_ != Outcome::kOk) return 0;
  return static_cast<uint32_t>(ring_.size() - size_);
}

void Http1Pipeline::Send(Exchange& exchange) {
  Place& place = At(size_);
  place = {&exchange};
  place.head = exchange.request->head;
  ++size_;
  ++held_;
  if (size_ == 1) {
    ExpectNext();
    SetDeadline();
  }
  host_.loop().FlushBeforeWait(this);
}

void Http1Pipeline::ExpectNext() {
  const Place& front = At(0);
  if (front.exchange == nullptr) return parser_.Expect(front.head);
  parser_.Expect(front.head, front.exchange->kept,
                 &known_heads_.Of(front.exchange->request->request));
}

// The first whose answer somebody waits for; null: nobody does.
Http1Pipeline::Place* Http1Pipeline::Oldest() {
  for (size_t i = 0; i < size_; ++i) {
    if (At(i).exchange != nullptr) return &At(i);
  }
  return nullptr;
}

bool Http1Pipeline::HasBegun(const Place& place) {
  return &place == &At(0) && parser_.begun();
}

// That of whoever waits longest.
void Http1Pipeline::SetDeadline() {
  const Place* const oldest = Oldest();
  if (oldest == nullptr) return;
  const RequestTemplate& request = *oldest->exchange->request;
  // One that is not sent yet has its time too: a target that reads nothing can prevent it.
  const Nanos from = oldest->stamped ? oldest->exchange->sent : host_.loop().clock().Now();
  const bool total = HasBegun(*oldest) || !oldest->stamped;
  host_.SetDeadline(from + (total ? request.total_timeout
                                  : std::min(request.first_byte_timeout, request.total_timeout)));
}

void Http1Pipeline::Stamp(Place& place, Nanos now) {
  Exchange& exchange = *place.exchange;
  const bool first = exchange.sent == 0;
  exchange.sent = now;
  place.stamped = true;
  if (first) exchange.listener->OnSent(exchange);
  SetDeadline();
}

void Http1Pipeline::WriteOut() {
  if (host_.closed() || write_failure_ != Outcome::kOk) return;
  char* const out = host_.loop().write_buffer();
  while (unsent_ < size_) {
    const size_t filled = Gather(out, host_.loop().clock().Now());
    const SessionHost::Written written = host_.Write(out, filled);
    if (written.outcome != Outcome::kOk) {
      // The target may have answered before it stopped listening: that tells more than this.
      write_failure_ = written.outcome;
      host_.ReadToEnd();
      if (!host_.closed()) FailAll(write_failure_, host_.loop().clock().Now());
      return;
    }
    NoteWritten(written.size);
    if (written.size < filled) return;  // OnWritable comes when there is room
  }
}

// As much of what is to be sent as one write takes.
size_t Http1Pipeline::Gather(char* out, Nanos now) {
  size_t filled = 0;
  for (size_t i = unsent_; i < size_ && filled < EventLoop::kWriteBuffer; ++i) {
    Place& place = At(i);
    const std::string& wire = place.exchange->bytes().wire;
    if (place.written == 0) Stamp(place, now);
    const size_t piece = std::min(wire.size() - place.written, EventLoop::kWriteBuffer - filled);
    memcpy(out + filled, wire.data() + place.written, piece);
    filled += piece;
  }
  return filled;
}

void Http1Pipeline::NoteWritten(size_t size) {
  while (size > 0) {
    Place& place = At(unsent_);
    const size_t wire = place.exchange->bytes().wire.size();
    const size_t piece = std::min(size, wire - place.written);
    place.written += piece;
    size -= piece;
    if (place.written < wire) return;
    ++unsent_;
  }
}

void Http1Pipeline::OnBytes(const char* data, size_t size, Nanos now) {
  while (size > 0) {
    if (size_ == 0 || At(0).written == 0) {
      // An answer that nobody has asked for: nothing that follows can be told apart.
      return size_ == 0 ? FailAll(Outcome::kClosed, now) : FailAll(Outcome::kMalformed, now);
    }
    const bool begun = parser_.begun();
    if (Exchange* const front = At(0).exchange; front != nullptr && !begun) front->first_byte = now;
    size_t used = 0;
    switch (parser_.Feed(data, size, &used)) {
      case ResponseParser::State::kPartial:
        if (begun) return;
        SetDeadline();
        if (Exchange* const front = At(0).exchange) ShowIfItMayFail(parser_, *front, {data, size});
        return;
      case ResponseParser::State::kFailed:
        return FailAll(parser_.outcome(), now);
      case ResponseParser::State::kComplete:
        break;
    }
    const std::string_view wire = begun ? std::string_view() : std::string_view(data, used);
    data += used;
    size -= used;
    // Not kept alive, answered before it was asked for in full, or more than was asked for: what
    // comes next is no answer.
    const bool unasked = size > 0 && (size_ == 1 || At(1).written == 0);
    const bool last = !parser_.keep_alive() || unsent_ == 0 || unasked;
    if (last) host_.Close();
    Answered(now, wire);
    if (last) return ReturnUnprocessed(now);
    if (host_.closed()) return;
  }
  if (size_ == 0 && host_.ending()) FailAll(Outcome::kClosed, now);
}

// The front has its answer. Whoever hears of it may send the next at once.
void Http1Pipeline::Answered(Nanos now, std::string_view wire) {
  const uint16_t status = parser_.status();
  const uint64_t bytes = parser_.bytes();
  const size_t written = At(0).written;
  Exchange* const exchange = PopFront();
  if (!host_.closed()) {
    host_.CancelDeadline();
    if (size_ > 0) {
      ExpectNext();
      SetDeadline();
    }
  }
  if (exchange == nullptr) return host_.OnRoom();
  host_.OnDone(*exchange,
               {status >= 400 ? Outcome::kBadStatus : Outcome::kOk, status, bytes, written, wire},
               now);
}

Exchange* Http1Pipeline::PopFront() {
  Exchange* const exchange = At(0).exchange;
  if (unsent_ > 0) --unsent_;
  if (exchange != nullptr) --held_;
  first_ = (first_ + 1) % ring_.size();
  --size_;
  return exchange;
}

void Http1Pipeline::OnEnd(Outcome outcome, Nanos now) {
  if (size_ > 0 && outcome == Outcome::kOk &&
      parser_.FeedEnd() == ResponseParser::State::kComplete) {
    host_.Close();
    Answered(now);
    ReturnUnprocessed(now);
    return;
  }
  // The kernel tells of a reset once: the write had it.
  if (outcome == Outcome::kOk) {
    outcome = write_failure_ != Outcome::kOk ? write_failure_ : Outcome::kClosed;
  }
  FailAll(outcome, now);
}

void Http1Pipeline::OnDeadline(Nanos now) {
  const Place* const oldest = Oldest();
  if (oldest == nullptr) return;
  const bool total = HasBegun(*oldest) || !oldest->stamped ||
                     now >= oldest->exchange->sent + oldest->exchange->request->total_timeout;
  FailAll(total ? Outcome::kTotalTimeout : Outcome::kFirstByteTimeout, now);
}

// Others' answers stand behind: those that are given up leave their places, unless half a request
// or half a response would be left.
void Http1Pipeline::Abandon(const ExchangeListener* listener, Nanos now) {
  for (size_t i = 0; i < size_; ++i) {
    Place& place = At(i);
    if (place.exchange == nullptr) continue;
    if (listener != nullptr && place.exchange->listener != listener) continue;
    const bool halfway = i >= unsent_ || (i == 0 && parser_.begun());
    if (listener == nullptr || halfway) return FailAll(Outcome::kInterrupted, now);
    Exchange& exchange = *place.exchange;
    place.exchange = nullptr;
    --held_;
    if (i == 0) ExpectNext();
    host_.CancelDeadline();
    SetDeadline();
    host_.OnDone(exchange, {Outcome::kInterrupted, 0, 0, place.written}, now);
    if (host_.closed()) return;
  }
}

// The end of the connection. `outcome` is that of the first that waits, or everybody's when it is
// our doing; the others had no answer, and those of which nothing was written can be sent again.
void Http1Pipeline::FailAll(Outcome outcome, Nanos now) {
  host_.Close();
  if (held_ == 0) {
    size_ = 0;
    return host_.OnRoom();
  }
  uint64_t bytes = parser_.bytes();  // the front's
  if (outcome == Outcome::kClosed && bytes > 0) outcome = Outcome::kTruncated;
  while (size_ > 0) {
    const size_t written = At(0).written;
    Exchange* const exchange = PopFront();
    if (exchange != nullptr) {
      if (written == 0 && outcome == Outcome::kClosed) {
        host_.OnUnprocessed(*exchange, now);
      } else {
        host_.OnDone(*exchange, {outcome, 0, bytes, written}, now);
      }
    }
    bytes = 0;
    const bool told = exchange != nullptr || outcome == Outcome::kTruncated;
    if (told && outcome != Outcome::kInterrupted) outcome = Outcome::kClosed;
  }
}

// The server has said that it answers nothing more (RFC 9112, 9.6).
void Http1Pipeline::ReturnUnprocessed(Nanos now) {
  while (size_ > 0) {
    if (Exchange* const exchange = PopFront()) host_.OnUnprocessed(*exchange, now);
  }
}

}  // namespace loadfleet
