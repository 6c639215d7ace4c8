// Every hard limit and its reason. What exceeds one is refused with the number, never clipped.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/clock.h"

namespace loadfleet::limits {

// Plans are hostile input.
inline constexpr size_t kPlanBytes = 1 << 20;  // no hand-written plan comes near
inline constexpr int kPlanDepth = 32;          // deeper than any flow; bounds the parser's stack
inline constexpr size_t kPlanNodes = 100'000;  // bounds memory for a plan of tiny nodes
inline constexpr int kPlanProblems = 20;       // more than one reads at once
inline constexpr size_t kPlanFileBytes = 1 << 20;   // of a certificate or key that a plan names
inline constexpr uint32_t kMaxStreams = 1'000'000;  // more than any server allows at a time
inline constexpr uint32_t kPipelining = 1'000;
inline constexpr int kPlanOverrides = 100;     // more than a command line has flags
inline constexpr size_t kScenarios = 100;      // keeps a window's size bounded
inline constexpr size_t kRequests = 1'000;     // likewise; also bounds metric series
inline constexpr size_t kGroups = 100;         // likewise
inline constexpr uint32_t kRepeats = 100'000;  // likewise of an iteration, as the next
// Of a flow with its repetitions written out: a worker that passes over all of them without a
// request is late by less than a millisecond.
inline constexpr uint64_t kFlowSteps = 100'000;
inline constexpr size_t kCaptures = 100;  // of a request; bounds the memory of an iteration
inline constexpr int64_t kRandomInt =
    1'000'000'000'000'000;  // exact in JSON's numbers, and then some
inline constexpr int64_t kRandomString = 1'000;
inline constexpr size_t kRegexBytes = 4 << 10;    // longer ones have no readers
inline constexpr int64_t kRegexMemory = 1 << 20;  // of RE2's programs and caches, for each
inline constexpr uint32_t kWeight = 1'000'000;    // finer shares than any run could tell apart
inline constexpr Nanos kThink = 3600 * kSecond;   // as kTimeout
inline constexpr size_t kTargetBytes = 8 << 10;   // of a request; servers refuse longer lines
inline constexpr size_t kHeaders = 100;           // per request; servers refuse more
inline constexpr size_t kHeaderBytes = 8 << 10;   // per header; servers refuse more
// Of one inline request body; also bounded by kPlanBytes.
inline constexpr size_t kBodyBytes = 16 << 20;
inline constexpr size_t kSocketPathBytes = 107;  // sockaddr_un has no room for more
inline constexpr size_t kNameBytes = 128;        // names become labels and file names
inline constexpr size_t kLabels = 32;
inline constexpr double kRatePerSecond = 100e6;  // a thousand agents at 100,000/s
// Every worker draws all Poisson arrivals of the cluster, 10 ns each: this is 5 % of a core.
inline constexpr double kPoissonPerSecond = 5e6;
inline constexpr size_t kStages = 100;  // more than one draws by hand
// Requests times stages, over all scenarios: each has histograms of its own, 15 KiB a worker and
// more, and in the end they travel in one message.
inline constexpr size_t kSeries = 1'000;
inline constexpr size_t kThresholds = 100;
// Of all thresholds' windows together: of each second in one the master keeps a histogram, some
// kilobytes, and adds them up once a second.
inline constexpr Nanos kThresholdWindow = 3600 * kSecond;
inline constexpr uint64_t kIterations = 1'000'000'000'000;
inline constexpr uint32_t kVus = 10'000'000;
inline constexpr uint32_t kConnections = 10'000'000;
inline constexpr uint32_t kInFlight = 10'000'000;
inline constexpr Nanos kDuration = 30LL * 24 * 3600 * kSecond;  // a soak of a month
inline constexpr Nanos kTimeout = 3600 * kSecond;               // the histogram ends at 1 h

// What `loadctl import` reads.
inline constexpr size_t kImportBytes = 64 << 20;   // recordings hold every response's body
inline constexpr size_t kImportDepth = 100;        // no format of these is nested deeper
inline constexpr size_t kImportNodes = 4'000'000;  // bounds memory for a document of tiny nodes
inline constexpr size_t kImportKeys = 4'000;       // of one object; finding a key takes as long

// Responses are hostile input too.
inline constexpr size_t kResponseHeadBytes = 64 << 10;  // nginx and Node allow 8-16 KiB
inline constexpr uint64_t kResponseBodyBytes = 1ULL << 30;
// Of a body that a check or a capture reads; what comes after is not looked at. Many are in memory
// at a time.
inline constexpr size_t kKeptBodyBytes = 1 << 20;
// Of a captured text: every iteration in flight may hold one, and a target decides how long it is.
inline constexpr size_t kCapturedBytes = 64 << 10;
inline constexpr uint64_t kChunkLineBytes = 16 << 10;  // size and extensions; nobody needs 100

// Control plane.
inline constexpr int kGrpcMessageBytes = 16 << 20;  // a window of 1,000 requests is below 8 MiB
inline constexpr size_t kAgents = 10'000;
inline constexpr size_t kAgentNameBytes = 128;
inline constexpr Nanos kLease = 5 * kSecond;
inline constexpr Nanos kHeartbeatInterval = 500 * kMillisecond;
inline constexpr Nanos kSuspectAfter = 2 * kSecond;
inline constexpr Nanos kLostAfterLease = kSecond;     // fencing always comes before replacement
inline constexpr Nanos kPrepareTime = 30 * kSecond;   // name resolution and warm-up included
inline constexpr Nanos kWarmTime = 20 * kSecond;      // after which a start waits for no connection
inline constexpr Nanos kAcceptTime = 3 * kSecond;     // for a plan's commit; loadctl waits 5 s
inline constexpr Nanos kDeliveryTime = 10 * kSecond;  // for last windows, after the graceful stop
// A worse clock measurement makes a start uneven.
inline constexpr Nanos kOffsetBound = 50 * kMillisecond;

// The built-in target.
inline constexpr size_t kTargetHeadBytes = 64 << 10;  // of a request; as kResponseHeadBytes
inline constexpr size_t kTargetEchoBytes =
    16 << 20;  // held in memory once a connection; as kBodyBytes
inline constexpr uint64_t kTargetDripBytes = 1 << 20;  // slowness is the point, not volume
inline constexpr Nanos kTargetWait = kTimeout;         // a longer one would outlive every client
inline constexpr uint32_t kTargetThreads = 1'024;      // more loops than any machine has cores
inline constexpr int kTargetSeconds = 3'600;           // of arrival counts that it remembers

}  // namespace loadfleet::limits
