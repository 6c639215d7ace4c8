#include <algorithm>
#include <vector>

#include "agent/http/response_parser.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/require.h"

namespace loadfleet {
namespace {

struct Event {
  ResponseParser::State state;
  Outcome outcome;
  uint16_t status;
  bool keep_alive;
  uint64_t bytes;  // of the response; 0 where it failed: where that is seen is no promise

  friend bool operator==(const Event&, const Event&) = default;
};

// Sizes of pieces, the same for the same seed.
class Pieces {
 public:
  explicit Pieces(uint32_t seed) : state_(seed) {}
  size_t Next() {
    if (state_ == 0) return SIZE_MAX;  // all at once
    state_ = state_ * 1'664'525 + 1'013'904'223;
    return 1 + (state_ >> 24) % 37;
  }

 private:
  uint32_t state_;
};

// What a connection that sends one request after another makes of the bytes. With `known` a head
// that came before is not parsed again.
std::vector<Event> Run(const char* data, size_t size, bool head, Pieces pieces,
                       KnownHead* known = nullptr) {
  std::vector<Event> events;
  ResponseParser parser;
  parser.Expect(head, nullptr, known);
  size_t at = 0;
  while (at < size) {
    const size_t piece = std::min(pieces.Next(), size - at);
    size_t begin = at;
    at += piece;
    while (begin < at) {
      size_t used = 0;
      const ResponseParser::State state = parser.Feed(data + begin, at - begin, &used);
      Require(used <= at - begin, "a parser uses no more than it was given");
      begin += used;
      if (state == ResponseParser::State::kPartial) {
        Require(begin == at, "a parser that wants more has used what there was");
        break;
      }
      const bool failed = state == ResponseParser::State::kFailed;
      events.push_back({state, parser.outcome(), parser.status(), parser.keep_alive(),
                        failed ? 0 : parser.bytes()});
      if (failed) return events;
      Require(parser.status() >= 200 && parser.status() <= 599, "a response has a final status");
      if (!parser.keep_alive()) return events;
      parser.Expect(head, nullptr, known);
    }
  }
  const ResponseParser::State state = parser.FeedEnd();
  Require(state != ResponseParser::State::kPartial, "the end is an end");
  events.push_back({state, parser.outcome(), 0, false, 0});
  return events;
}

}  // namespace

void FuzzHttp1Response(const uint8_t* data, size_t size) {
  if (size < 2) return;
  const bool head = (data[0] & 1) != 0;
  const uint32_t seed = data[1] + 1U;
  const char* bytes = reinterpret_cast<const char*>(data) + 2;
  const std::vector<Event> whole = Run(bytes, size - 2, head, Pieces(0));
  Require(Run(bytes, size - 2, head, Pieces(seed)) == whole,
          "any split of the same bytes gives the same responses");
  KnownHead known;
  for (const uint32_t pieces : {0U, 0U, seed}) {
    Require(Run(bytes, size - 2, head, Pieces(pieces), &known) == whole,
            "a head that is known means what it meant");
  }
}

}  // namespace loadfleet
