// The built-in target: an HTTP/1.1 server with known behaviour and exact counters, for demos, tests
// and benchmarks.
//
//   GET /ping             200 "PONG"
//   /status/N             status N (200-599), no body
//   /bytes/N              N bytes, at most 1 GiB
//   /delay/MS             200 after MS milliseconds, at most one hour
//   /echo                 the request's body, its method in the header X-Method; 413 above 16 MiB
//   /drip?bytes=N&ms=MS   N bytes (at most 1 MiB) in chunks spread evenly over MS milliseconds
//   /cookie?NAME=VALUE    sets that cookie, if it is there; the body is the request's Cookie header
//   /redirect?to=URL      302 to URL, as it stands there
//   /gzip                 a small JSON object, always compressed
//   /stats                TargetCounters as JSON
//   anything else         404
//
// Every method is answered alike; HEAD has no body. Pipelined requests are answered in order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace loadfleet {

namespace target {
class Loop;
}

struct TargetOptions {
  std::string listen = "127.0.0.1:8080";  // HOST:PORT, [IPV6]:PORT; port 0: any free one
  uint32_t threads = 1;                   // epoll loops that share the port by SO_REUSEPORT

  // All loops serve nothing for the last `freeze_for` of every `freeze_every` since the start:
  // connections stay open, the kernel accepts new ones, requests wait. 0: never.
  Nanos freeze_for = 0;
  Nanos freeze_every = 0;
};

// Exact: a request is counted before the first byte of its answer is sent. Requests to /stats are
// in none of the request counts; their bytes and connections are counted like all others.
struct TargetCounters {
  uint64_t requests = 0;                     // complete and well-formed, and those refused with 413
  uint64_t malformed = 0;                    // answered 400 or 431; not in `requests`
  std::map<std::string, uint64_t> by_route;  // "ping", "status", ..., "other"; sums to `requests`
  std::map<int, uint64_t>
      by_status;  // sums to `requests` + `malformed`, but for answers that wait (/delay)
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  int64_t first_second = 0;          // since the start, of per_second[0]
  std::vector<uint64_t> per_second;  // requests received in each second; the last hour at most
};

// The form of /stats.
std::string ToJson(const TargetCounters& counters);

// Counters() may be called from any thread, the rest from one. The destructor is Shutdown().
class Target {
 public:
  // Returns once it listens. `clock` must outlive the target.
  // UNAVAILABLE: "cannot listen on 127.0.0.1:8080: the port is in use".
  // INVALID_ARGUMENT: another word than HOST:PORT, no thread, or a freeze that is not shorter than
  // its period.
  static absl::StatusOr<std::unique_ptr<Target>> Start(const TargetOptions& options,
                                                       const Clock& clock);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  int port() const { return port_; }

  TargetCounters Counters() const;

  // Closes every connection and ends the threads; what is in flight is cut off. Idempotent.
  void Shutdown();

 private:
  Target(const Clock& clock, int port);

  const Clock& clock_;
  const Nanos started_;
  const int port_;
  std::vector<std::unique_ptr<target::Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace loadfleet
