// One accepted connection: reads requests, answers them in order.
//
// A request is answered before the next one is parsed, so a connection holds one answer at a time
// and memory is bounded: an unfinished answer stops the reading, and TCP stops the client.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "common/clock.h"
#include "target/counters.h"
#include "target/request_parser.h"
#include "target/response_heads.h"
#include "target/timers.h"

namespace loadfleet::target {

// What the connections of one loop share.
struct LoopShare {
  LoopCounters& counters;
  Timers& timers;
  ResponseHeads& heads;
  absl::Span<char> read_buffer;
  std::function<std::string()> stats;  // the body of /stats
  Nanos started;                       // of the target
  Nanos now = 0;                       // of this turn of the loop
};

// Owned by its loop, used on its thread only.
class Connection {
 public:
  enum class Fate {
    kOpen,    // until the next event or deadline
    kYields,  // has more to do, but others come first
    kClosed,  // to be destroyed
  };

  // Takes over `fd`, which is registered for edge-triggered EPOLLIN | EPOLLOUT | EPOLLRDHUP.
  Connection(int fd, LoopShare* share);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }

  Fate OnEvents(uint32_t epoll_events);
  Fate OnDeadline();
  Fate Progress();  // after kYields

 private:
  enum class State {
    kReading,    // of a request
    kDelaying,   // until the deadline of /delay
    kStreaming,  // the body of /bytes
    kDripping,   // the chunks of /drip
    kClosing,    // nothing but output_ is left to do
    kLingering,  // refused: swallows what the client still sends, lest a reset overtakes the answer
  };
  enum class Io { kDone, kBlocked, kYields, kGone };

  // Input.
  Io Read();
  std::string_view Parse(std::string_view bytes);  // the rest, which waits for the answer's end
  void Refuse(int status);

  // Answers.
  void Begin(const Answer& answer);
  void BeginBytes(uint64_t bytes);
  void BeginDrip(const Answer& answer);
  void AppendDue();
  void AppendHead(Head head);
  void AppendWhole(Head head, std::string_view body);
  void EndAnswer();

  // Output.
  Io Flush();
  Io SendSome();
  Io Linger();

  Nanos DripDeadline() const;
  void SetDeadline(Nanos at);

  const int fd_;
  LoopShare& share_;
  RequestParser parser_;
  State state_ = State::kReading;
  bool readable_ = false;     // the kernel may hold more input
  bool writable_ = true;      // the kernel may take more output
  bool peer_done_ = false;    // the end of input is announced; what came before is still answered
  bool input_ended_ = false;  // and has been read
  bool closes_ = false;       // after the current answer
  bool refused_ = false;
  int64_t budget_ = 0;  // bytes to move before other connections come first

  std::string input_;  // received, and from input_parsed_ on not yet parsed
  size_t input_parsed_ = 0;
  std::string output_;  // rendered, and from output_sent_ on not yet sent
  size_t output_sent_ = 0;
  uint64_t stream_left_ = 0;  // bytes of a body of filler that follow output_

  std::optional<Nanos> deadline_;
  struct Drip {
    uint64_t bytes = 0;
    Nanos over = 0;
    Nanos began = 0;
    int64_t chunks = 0;
    uint64_t sent = 0;
  };
  Drip drip_;
};

}  // namespace loadfleet::target
