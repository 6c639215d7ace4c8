// A warm worker allocates nothing for a request: every operator new of its thread is counted, over
// thousands of requests on the whole road from the schedule to the recorder.
//
// nghttp2 and OpenSSL allocate for themselves, by malloc, and are not counted: a stream and its
// frames in nghttp2, nothing for each record in OpenSSL once its buffers stand.
#include <atomic>
#include <cstdlib>
#include <latch>
#include <new>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/engine/worker_run.h"
#include "tests/support/http2_peer.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/fed_plan.h"
#include "tests/unit/agent/flows.h"

namespace {

thread_local uint64_t allocations = 0;

void* Counted(size_t size) {
  ++allocations;
  void* memory = malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* CountedAligned(size_t size, size_t alignment) {
  ++allocations;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, size) != 0) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(size_t size) {
  return Counted(size);
}
void* operator new[](size_t size) {
  return Counted(size);
}
void* operator new(size_t size, std::align_val_t alignment) {
  return CountedAligned(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return CountedAligned(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Counted(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return Counted(size);
}
void operator delete(void* memory) noexcept {
  free(memory);
}
void operator delete[](void* memory) noexcept {
  free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  free(memory);
}

namespace loadfleet {
namespace {

constexpr char kPong[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";
constexpr uint64_t kWarm = 3'000;
constexpr uint64_t kCounted = 3'000;

std::unique_ptr<RunPlan> Prepared(const std::string& target, const std::string& load,
                                  const std::string& http) {
  return PreparedPlan(absl::StrCat("target: ", target, "\nget: /ping\n", load,
                                   "\nduration: 900ms\ndefaults: {http: {", http, "}}\n"));
}

constexpr uint64_t kVus = 8;

// VUs that do these steps, or what `choice` says.
std::unique_ptr<RunPlan> PreparedSteps(int port, const std::string& steps,
                                       const std::string& choice = "flow: main") {
  return PreparedPlan(absl::StrCat(
      "target: http://127.0.0.1:", port, "\nscenarios:\n  main: {executor: constant-vus, ", choice,
      ", vus: ", kVus, ", duration: 900ms}\n", "flows:\n  main: {steps: [", steps,
      "]}\n  other: {steps: [{request: z, get: /z}]}\n"));
}

// A worker's part of a plan, turned by the test. Time passes only when the test says so: a
// histogram has a page for each range of values, and takes it when it first sees one of them.
class Warmed {
 public:
  explicit Warmed(const RunPlan& plan) {
    lease_.Renew(INT64_MAX);
    run_ = std::make_unique<WorkerRun>(*loop_, plan, SlotSet::All(), &hand_over_, lease_);
    run_->Start(clock_.Now());
  }

  void Pass(Nanos by) { clock_.Advance(by); }
  void TurnUntil(const std::atomic<uint64_t>& answered, uint64_t count) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (answered < count) {
      ASSERT_LT(absl::Now(), limit) << answered << " of " << count << " have been answered";
      Turn();
    }
  }
  void Turn() {
    run_->Turn(clock_.Now());
    loop_->RunOnce(clock_.Now() + kMillisecond / 10);
  }

 private:
  ManualClock clock_;
  std::unique_ptr<EventLoop> loop_ = *EventLoop::Create(clock_);
  HandOver hand_over_;
  Lease lease_;
  std::unique_ptr<WorkerRun> run_;
};

// In a closed loop, where what is in flight is the same at any time.
void ExpectNoAllocation(const RunPlan& plan, const std::atomic<uint64_t>& answered) {
  Warmed warmed(plan);
  warmed.TurnUntil(answered, kWarm);
  const uint64_t before = allocations;
  const uint64_t from = answered;
  warmed.TurnUntil(answered, from + kCounted);
  EXPECT_EQ(allocations - before, 0u) << "in " << kCounted << " requests";
}

class Answering {
 public:
  std::atomic<uint64_t> answered{0};

  // What the scripts of servers do with a connection.
  void OverHttp1(ScriptedServer::Peer& peer) {
    while (peer.ReadRequest() && peer.Write(kPong)) ++answered;
  }
  void OverHttp2(ScriptedServer::Peer& connection) {
    Http2Peer peer(connection, [this](Http2Peer& http2, int32_t stream) {
      http2.Answer(stream);
      ++answered;
    });
    peer.Run();
  }
};

TEST(Allocation, NoneForARequestOfHttp1) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
  const auto plan = Prepared(absl::StrCat("http://127.0.0.1:", server.port()), "vus: 8", "");
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneForAStepOfAFlow) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
  const auto plan = PreparedSteps(
      server.port(),
      "{group: g, steps: [{request: a, get: /a}, {repeat: 3, steps: [{request: b, get: /b}]}]}, "
      "{request: c, post: /c, body: x}",
      "flows: [{flow: main, weight: 3}, {flow: other}]");
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneForChecksAndCaptures) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest() &&
           peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 22\r\nX-A: some value or other\r\n\r\n"
                      R"({"id": [1, "2", 345]})"
                      "\n")) {
      ++answering.answered;
    }
  });
  const auto plan = PreparedSteps(
      server.port(),
      "{request: a, get: /a, expect: {status: 200, header: {x-a: /value/}, body_contains: id, "
      R"(body_matches: '"\d"', json: {'$.id[1]': "2"}, response_time: 1h}, )"
      R"(capture: {x: {json: '$.id[2]'}, y: {header: x-a}, z: {regex: '(\d+)\]'}}})");
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneForWhatIsFilledIn) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
  const auto plan = PreparedSteps(
      server.port(),
      "{request: a, get: '/a?{{ iteration }}&{{ random_int(1, 9) }}', headers: {X: '{{ uuid }}'}, "
      "capture: {x: {regex: '.*'}}}, {if: '{{ x }} == PONG', steps: ["
      "{request: b, post: /b, json: {x: '{{ x }} {{ random_string(50) }} {{ timestamp }}'}}]}");
  ExpectNoAllocation(*plan, answering.answered);
}

// Each connection answers with a redirect and a cookie, then with what it leads to.
TEST(Allocation, NoneForCookiesAndRedirects) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    for (int n = 0; peer.ReadRequest(); ++n) {
      if (!peer.Write(n % 2 == 1 ? kPong
                                 : "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a/b?c\r\n"
                                   "Set-Cookie: sid=a value of some length; Path=/\r\n\r\n")) {
        return;
      }
      ++answering.answered;
    }
  });
  const auto plan = PreparedSteps(
      server.port(),
      "{request: a, get: /a, redirects: 3}, "
      "{request: b, get: '/b?{{ iteration }}', redirects: 3, headers: {Cookie: x=y}}");
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneForATracedRequest) {
  Answering answering;
  // At first all VUs wait for the same step together: no more bytes are ever on their way at once.
  std::latch all_at_a(kVus);
  std::latch all_at_b(kVus);
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    for (std::latch* all : {&all_at_a, &all_at_b}) {
      if (!peer.ReadRequest()) return;
      all->arrive_and_wait();
      if (!peer.Write(kPong)) return;
      ++answering.answered;
    }
    answering.OverHttp1(peer);
  });
  const auto plan = PreparedPlan(
      absl::StrCat("target: http://127.0.0.1:", server.port(), "\ndefaults: {trace: {sample: 1}}\n",
                   "scenarios: {main: {executor: constant-vus, flow: main, vus: ", kVus,
                   ", duration: 900ms}}\n", "flows: {main: {steps: [{request: a, get: /a}, ",
                   "{request: b, post: /b, body: 'of {{ iteration }}'}]}}\n"));
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneForTheRowsOfAFeeder) {
  for (const auto& [name, rows] :
       {std::pair{"users.csv", "name,note\nann,\"a \"\"b\"\"\"\nbob,c\n"},
        std::pair{"users.jsonl", "{\"name\": \"ann\", \"note\": 1.5}\n"}}) {
    Answering answering;
    ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
    const auto plan = FedRunPlan(
        absl::StrCat(
            "target: http://127.0.0.1:", server.port(), "\nfeeders: {u: {file: ", name,
            ", order: random}}\nscenarios: {main: {executor: constant-vus, flow: f, vus: ", kVus,
            ", duration: 900ms}}\nflows: {f: {feed: [u], steps: [{request: r, post: ",
            "'/{{ u.name }}', json: {note: '{{ u.note }}'}}]}}\n"),
        rows, SlotSet::All(), "a1", name);
    ASSERT_NE(plan, nullptr);
    ExpectNoAllocation(*plan, answering.answered);
  }
}

// Whoever thinks goes on with the next microsecond, and all are answered within it.
TEST(Allocation, NoneForThinking) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
  const auto plan = PreparedSteps(
      server.port(), "{request: a, get: /a}, {think: 1us}, {request: b, get: /b}, {think: 1us}");
  Warmed warmed(*plan);
  uint64_t before = 0;
  for (uint64_t micro = 1; micro <= 600; ++micro) {
    if (micro == 300) before = allocations;
    warmed.TurnUntil(answering.answered, micro * kVus);
    warmed.Turn();  // reads the last answers
    warmed.Pass(kMicrosecond);
  }
  EXPECT_EQ(allocations - before, 0u) << "in " << 300 * kVus << " requests";
}

// Every millisecond has its arrivals, and all of them are answered within it.
TEST(Allocation, NoneForAnArrivalOfTheOpenModel) {
  constexpr uint64_t kPerMilli = 10;
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp1(peer); });
  const auto plan = Prepared(absl::StrCat("http://127.0.0.1:", server.port()), "rate: 10000/s",
                             "connections: {max: 8}");
  Warmed warmed(*plan);
  uint64_t planned = 1;  // the first is due at the start
  uint64_t before = 0;
  for (int milli = 1; milli < 600; ++milli) {
    if (milli == 300) before = allocations;
    warmed.Pass(kMillisecond);
    planned += kPerMilli;
    warmed.TurnUntil(answering.answered, planned);
    warmed.Turn();  // reads the last answers
  }
  EXPECT_EQ(allocations - before, 0u) << "in " << 300 * kPerMilli << " requests";
}

TEST(Allocation, NoneOfOursForARequestOverTls) {
  Answering answering;
  const TestCertificate certificate;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    if (peer.StartTls(certificate, "http/1.1")) answering.OverHttp1(peer);
  });
  const auto plan = Prepared(absl::StrCat("https://127.0.0.1:", server.port()), "vus: 8",
                             "version: 1.1, tls: {insecure: true}");
  ExpectNoAllocation(*plan, answering.answered);
}

TEST(Allocation, NoneOfOursForARequestOfHttp2) {
  Answering answering;
  ScriptedServer server([&](ScriptedServer::Peer& peer) { answering.OverHttp2(peer); });
  const auto plan = Prepared(absl::StrCat("http://127.0.0.1:", server.port()), "vus: 50",
                             "version: h2c, connections: {max: 2, max_streams: 25}");
  ExpectNoAllocation(*plan, answering.answered);
}

}  // namespace
}  // namespace loadfleet
