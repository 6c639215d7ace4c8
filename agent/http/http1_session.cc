#include "agent/http/http1_session.h"

#include <algorithm>

#include "agent/http/shown_response.h"

namespace loadfleet {

void Http1Session::Send(Exchange& exchange) {
  const RequestTemplate& request = *exchange.request;
  exchange_ = &exchange;
  written_ = 0;
  write_failure_ = Outcome::kOk;
  parser_.Expect(request.head, exchange.kept, &known_heads_.Of(request.request));
  const bool first = exchange.sent == 0;
  exchange.sent = host_.loop().clock().Now();
  if (first) exchange.listener->OnSent(exchange);
  host_.SetDeadline(exchange.sent + std::min(request.first_byte_timeout, request.total_timeout));
  WriteRest();
}

void Http1Session::WriteRest() {
  const std::string& wire = exchange_->bytes().wire;
  while (written_ < wire.size()) {
    const SessionHost::Written written =
        host_.Write(wire.data() + written_, wire.size() - written_);
    if (written.outcome != Outcome::kOk) {
      // The target may have answered before it stopped listening (413, 408): that tells more than
      // this failure.
      write_failure_ = written.outcome;
      host_.ReadToEnd();
      if (!host_.closed()) Fail(write_failure_, host_.loop().clock().Now());
      return;
    }
    if (written.size == 0) return;  // OnWritable comes when there is room
    written_ += written.size;
  }
}

void Http1Session::OnWritable() {
  if (exchange_ != nullptr && written_ < exchange_->bytes().wire.size()) WriteRest();
}

void Http1Session::OnBytes(const char* data, size_t size, Nanos now) {
  if (exchange_ == nullptr) {
    // A response that nobody asked for must never be taken for the next request's.
    host_.Close();
    host_.OnRoom();
    return;
  }
  const bool first = !parser_.begun();
  if (first) exchange_->first_byte = now;
  size_t used = 0;
  switch (parser_.Feed(data, size, &used)) {
    case ResponseParser::State::kPartial:
      if (!first) return;
      host_.SetDeadline(exchange_->sent + exchange_->request->total_timeout);
      ShowIfItMayFail(parser_, *exchange_, {data, size});
      return;
    case ResponseParser::State::kFailed:
      Fail(parser_.outcome(), now, first ? std::string_view(data, size) : std::string_view());
      return;
    case ResponseParser::State::kComplete:
      // Bytes beyond the response, or a response to a request that is not yet written: what else
      // comes cannot be trusted.
      if (used < size || host_.ending() || !parser_.keep_alive() ||
          written_ < exchange_->bytes().wire.size()) {
        host_.Close();
      }
      Complete(now, first ? std::string_view(data, used) : std::string_view());
      return;
  }
}

void Http1Session::OnEnd(Outcome outcome, Nanos now) {
  if (exchange_ == nullptr) {
    host_.Close();
    host_.OnRoom();
    return;
  }
  if (outcome != Outcome::kOk) {
    Fail(outcome, now);
  } else if (parser_.FeedEnd() == ResponseParser::State::kComplete) {
    host_.Close();
    Complete(now);
  } else {
    // The kernel tells of a reset once: the write had it.
    Fail(write_failure_ != Outcome::kOk ? write_failure_ : parser_.outcome(), now);
  }
}

void Http1Session::OnDeadline(Nanos now) {
  if (exchange_ == nullptr) return;
  const bool total = now >= exchange_->sent + exchange_->request->total_timeout;
  Fail(!total && !parser_.begun() ? Outcome::kFirstByteTimeout : Outcome::kTotalTimeout, now);
}

void Http1Session::Abandon(const ExchangeListener* listener, Nanos now) {
  if (exchange_ == nullptr) return;
  if (listener == nullptr || exchange_->listener == listener) Fail(Outcome::kInterrupted, now);
}

void Http1Session::Complete(Nanos now, std::string_view wire) {
  const Outcome outcome = parser_.status() >= 400 ? Outcome::kBadStatus : Outcome::kOk;
  End({outcome, parser_.status(), parser_.bytes(), written_, wire}, now);
}

void Http1Session::Fail(Outcome outcome, Nanos now, std::string_view wire) {
  host_.Close();
  End({outcome, 0, parser_.bytes(), written_, wire}, now);
}

void Http1Session::End(const Result& result, Nanos now) {
  Exchange& exchange = *exchange_;
  exchange_ = nullptr;
  host_.CancelDeadline();
  host_.OnDone(exchange, result, now);
}

}  // namespace loadfleet
