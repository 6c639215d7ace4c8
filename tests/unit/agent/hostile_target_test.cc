// Rows H1 to H8 of the promises about hostile targets, as far as other files have not shown them:
// connection_pool_test (timeouts, ends, resets), http2_session_test (GOAWAY, refused streams,
// streams that stall), tls_test (H7), dns_test (H8).
#include <dirent.h>

#include <string>

#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "tests/support/http2_peer.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

constexpr char kPong[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";
constexpr char kChunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

size_t OpenDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  size_t count = 0;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

class HostileTarget : public ConnectionPoolTest {
 protected:
  // What becomes of one request to a target that does this with its first connection. Whatever the
  // target did, the next request is answered on a fresh connection: nothing of the first is left.
  std::string OutcomeBefore(const std::function<void(ScriptedServer::Peer&)>& hostile) {
    ScriptedServer server([&](ScriptedServer::Peer& peer) {
      if (peer.nth() == 0) return hostile(peer);
      while (peer.ReadRequest()) peer.Write(kPong);
    });
    Aim({server.port()});
    const std::string outcome(OutcomeName(SendAndAwait().outcome));
    TurnUntil([&] { return pool_->open_connections() == 0; });
    EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
    return outcome;
  }
  // As bytes after the first request.
  std::string OutcomeOf(const std::string& bytes) {
    return OutcomeBefore([&](ScriptedServer::Peer& peer) {
      peer.ReadRequest();
      peer.Write(bytes);
      peer.WaitForEnd();
    });
  }
};

// --- H1: slow targets ---

TEST_F(HostileTarget, H1AHeadThatTricklesEndsAtTheTotalTimeout) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    while (peer.Write("X") && peer.nth() == 0) {
    }
  });
  request_.total_timeout = kSecond;
  Aim({server.port()});
  Send();
  TurnUntil([&] { return sent_ == 1; });
  for (int i = 0; i < 20; ++i) loop_->RunOnce(clock_.Now() + kMillisecond);
  // Neither the first byte nor any other moves the end of the whole.
  Pass(kSecond);
  AwaitDone(1);
  EXPECT_NE(OutcomeName(results_[0].outcome), "ok");
}

TEST_F(HostileTarget, H1AReaderThatTakesNothingEndsAtTheFirstByteTimeout) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    while (!peer.ClientHasGone()) {
    }
  });
  request_.wire =
      "POST / HTTP/1.1\r\nContent-Length: 67108864\r\n\r\n" + std::string(64 << 20, 'x');
  Aim({server.port()});
  Send();
  TurnUntil([&] { return sent_ == 1; });
  Pass(request_.first_byte_timeout);
  AwaitDone(1);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "first_byte_timeout");
  EXPECT_EQ(pool_->open_connections(), 0u);
}

// --- H2: ends ---

// 2,000; the environment's LOADFLEET_HOSTILE_ROUNDS says otherwise.
int HostileRounds() {
  const char* text = getenv("LOADFLEET_HOSTILE_ROUNDS");
  int rounds = 0;
  return text != nullptr && absl::SimpleAtoi(text, &rounds) ? rounds : 2'000;
}

TEST_F(HostileTarget, H2BrokenConnectionsLeaveNothingBehind) {
  const auto hostile = [](ScriptedServer::Peer& peer) {
    switch (peer.nth() % 4) {
      case 0:
        return;  // nothing at all
      case 1:
        peer.ReadRequest();
        peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPONG");
        return;
      case 2:
        peer.ReadRequest();
        peer.Reset();
        return;
      default:
        peer.ReadRequest();
        peer.Write("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n");
        return;
    }
  };
  const size_t before = OpenDescriptors();
  // A server keeps a thread for each connection that it had: it serves no more than these.
  for (int left = HostileRounds(); left > 0; left -= 2'000) {
    ScriptedServer server(hostile);
    Aim({server.port()}, 4);
    for (int round = 0; round < std::min(left, 2'000); round += 4) {
      const size_t done = results_.size();
      for (int i = 0; i < 4; ++i) Send();
      AwaitDone(done + 4);
      ASSERT_NE(OutcomeName(results_.back().outcome), "ok");
    }
    EXPECT_EQ(pool_->open_connections(), 0u);
    EXPECT_EQ(pool_->waiting(), 0u);
    results_.clear();
    exchanges_.clear();
  }
  // The loop has forgotten the last of them by now.
  TurnUntil([&] { return OpenDescriptors() <= before; });
}

// --- H3: chunking ---

TEST_F(HostileTarget, H3ChunksThatAreNone) {
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "zz\r\nPONG\r\n")), "malformed");
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "-4\r\nPONG\r\n")), "malformed");
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "10000000000000000\r\nPONG\r\n")), "malformed")
      << "2^64";
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "4\r\nPONGPONG\r\n")), "malformed")
      << "no CRLF behind a chunk";
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "4;", std::string(1 << 20, 'x'), "\r\nPONG\r\n")),
            "malformed")
      << "an extension of 1 MiB";
}

TEST_F(HostileTarget, H3TwoFramingsAtOnce) {
  EXPECT_EQ(OutcomeOf("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n4\r\nPONG\r\n0\r\n\r\n"),
            "malformed");
}

TEST_F(HostileTarget, H3BytesBehindAResponseAreNobodysResponse) {
  EXPECT_EQ(OutcomeOf(absl::StrCat(kChunked, "4\r\nPONG\r\n0\r\n\r\nmore")), "ok");
  EXPECT_EQ(OutcomeOf(absl::StrCat(kPong, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")), "ok");
}

// --- H4: too much ---

TEST_F(HostileTarget, H4HeadsBeyondTheLimit) {
  EXPECT_EQ(
      OutcomeOf(absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(1 << 20, 'x'), "\r\n\r\n")),
      "too_large");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&many, "X-", i, ": y\r\n");
  EXPECT_EQ(OutcomeOf(absl::StrCat(many, "Content-Length: 0\r\n\r\n")), "too_large");
}

TEST_F(HostileTarget, H4TrailersWithoutEnd) {
  std::string trailers = absl::StrCat(kChunked, "4\r\nPONG\r\n0\r\n");
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&trailers, "X-", i, ": y\r\n");
  EXPECT_EQ(OutcomeOf(trailers), "malformed");
}

TEST_F(HostileTarget, H4InterimResponsesWithoutEnd) {
  EXPECT_EQ(OutcomeBefore([](ScriptedServer::Peer& peer) {
              peer.ReadRequest();
              while (peer.Write("HTTP/1.1 100 Continue\r\n\r\n")) {
              }
            }),
            "too_large");
}

// A gibibyte, never held: what is too much is known by its count alone.
TEST_F(HostileTarget, H4ABodyWithoutEnd) {
  EXPECT_EQ(OutcomeBefore([](ScriptedServer::Peer& peer) {
              peer.ReadRequest();
              peer.Write("HTTP/1.1 200 OK\r\n\r\n");
              const std::string piece(1 << 20, 'x');
              while (peer.Write(piece)) {
              }
            }),
            "too_large");
  EXPECT_GT(results_[0].bytes_received, limits::kResponseBodyBytes);
}

// --- H5, H6: HTTP/2 ---

std::string Frame(int type, int flags, uint32_t stream, const std::string& payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame.push_back(static_cast<char>(payload.size() >> shift));
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>(stream >> shift));
  return frame + payload;
}
const std::string kSettings = Frame(4, 0, 0, "");
const std::string kPing = Frame(6, 0, 0, "12345678");

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class HostileHttp2 : public HostileTarget {
 protected:
  HostileHttp2() {
    options_.connection.protocol = Protocol::kHttp2;
    request_.fields = {
        {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
  }

  // Of one request, when the server says SETTINGS and then `flood`, again and again or once.
  std::string OutcomeOfFrames(const std::string& flood, bool endless) {
    ScriptedServer server([&](ScriptedServer::Peer& peer) {
      peer.Write(kSettings);
      peer.Read();
      peer.Write(flood);
      while (endless && peer.Write(flood)) {
      }
      peer.WaitForEnd();
    });
    Aim({server.port()});
    const std::string outcome(OutcomeName(SendAndAwait().outcome));
    TurnUntil([&] { return pool_->open_connections() == 0; });
    return outcome;
  }
};

TEST_F(HostileHttp2, H5AnEnhancedCalmIsAnEndAndNotAStorm) {
  ScriptedServer server([](ScriptedServer::Peer& connection) {
    Http2Peer peer(connection, [](Http2Peer& http2, int32_t stream) {
      if (http2.nth() > 0) return http2.Answer(stream);
      http2.GoAway(stream, NGHTTP2_ENHANCE_YOUR_CALM);
      http2.Leave();
    });
    peer.Run();
  });
  Aim({server.port()});
  const std::string first(OutcomeName(SendAndAwait().outcome));
  EXPECT_TRUE(first == "closed" || first == "reset" || first == "h2_protocol") << first;
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
}

TEST_F(HostileHttp2, H5AGoawayEveryHundredRequestsLosesNone) {
  ScriptedServer server([](ScriptedServer::Peer& connection) {
    size_t served = 0;
    Http2Peer peer(connection, [&](Http2Peer& http2, int32_t stream) {
      if (served >= 100) return;  // beyond the GOAWAY
      http2.Answer(stream);
      if (++served == 100) {
        http2.GoAway(stream, NGHTTP2_NO_ERROR);
        http2.Leave();
      }
    });
    peer.Run();
  });
  options_.connection.max_streams = 10;
  Aim({server.port()}, 2);
  for (int round = 0; round < 100; ++round) {
    const size_t done = results_.size();
    for (int i = 0; i < 10; ++i) Send();
    AwaitDone(done + 10);
  }
  for (const Result& result : results_) ASSERT_EQ(OutcomeName(result.outcome), "ok");
  EXPECT_EQ(sent_, 1'000u) << "what was sent again was started once";
  EXPECT_GE(server.accepted(), 10);
}

TEST_F(HostileHttp2, H6FloodsEndTheConnection) {
  // nghttp2 bounds what it would have to answer.
  EXPECT_EQ(OutcomeOfFrames(Repeat(kSettings, 5'000), true), "h2_protocol") << "SETTINGS";
  EXPECT_EQ(OutcomeOfFrames(Repeat(kPing, 5'000), true), "h2_protocol") << "PING";
}

TEST_F(HostileHttp2, H6AHeadWithoutEnd) {
  const std::string head = Frame(1, 0, 1, "\x88");
  const std::string more = Frame(9, 0, 1, Repeat(std::string("\x00\x01x\x01y", 5), 2'000));
  const std::string outcome = OutcomeOfFrames(head + Repeat(more, 50), false);
  EXPECT_TRUE(outcome == "h2_protocol" || outcome == "too_large") << outcome;
}

TEST_F(HostileHttp2, H6FramesThatAreNone) {
  EXPECT_EQ(OutcomeOfFrames(Frame(0, 0, 0, "data on stream 0"), false), "h2_protocol");
  EXPECT_EQ(OutcomeOfFrames(Frame(1, 4, 2, "\x88"), false), "h2_protocol") << "a pushed stream";
  EXPECT_EQ(OutcomeOfFrames(Frame(1, 4, 1, "\xff\xff\xff\xff\xff\xff"), false), "h2_protocol")
      << "an index far beyond HPACK's table";
  EXPECT_EQ(OutcomeOfFrames(Frame(8, 0, 0, std::string("\x7f\xff\xff\xff", 4)), false),
            "h2_protocol")
      << "a window beyond 2^31";
}

TEST_F(HostileHttp2, H6AWindowOfNothingIsABoundedWait) {
  request_.fields[0].value = "POST";
  request_.body_size = 1'000;
  request_.wire = std::string(request_.body_size, 'x');
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.Write(Frame(4, 0, 0, std::string("\0\4\0\0\0\0", 6)));  // SETTINGS_INITIAL_WINDOW_SIZE 0
    peer.WaitForEnd();
  });
  Aim({server.port()});
  Send();
  TurnUntil([&] { return sent_ == 1; });
  loop_->RunOnce(clock_.Now());
  Pass(request_.first_byte_timeout);
  AwaitDone(1);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "first_byte_timeout");
}

// --- H8: a target that is down, then up ---

TEST_F(HostileTarget, H8ATargetThatComesBackIsSpokenToAtOnce) {
  int port = 0;
  {
    ScriptedServer first([](ScriptedServer::Peer& peer) {
      while (peer.ReadRequest()) peer.Write(kPong);
    });
    port = first.port();
    Aim({port}, 4);
    EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
  }
  for (int second = 0; second < 20; ++second) {
    clock_.Advance(kSecond);
    const std::string outcome(OutcomeName(SendAndAwait().outcome));
    EXPECT_TRUE(outcome == "refused" || (second == 0 && outcome != "ok")) << outcome;
  }
  ScriptedServer again(
      [](ScriptedServer::Peer& peer) {
        while (peer.ReadRequest()) peer.Write(kPong);
      },
      "", port);
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
}

}  // namespace
}  // namespace loadfleet
