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
// Of a request, and different names in a flow; bounds the memory of an iteration.
inline constexpr size_t kCaptures = 100;
// Of a kind and request; each costs with every response.
inline constexpr size_t kExpectations = 100;
inline constexpr size_t kTemplateParts = 10'000;  // of one text; bounds memory
// Of all requests together, with the headers that each inherits: they go to an agent in one
// message.
inline constexpr size_t kRequestBytes = 8 << 20;
inline constexpr int64_t kRandomInt =
    1'000'000'000'000'000;  // exact in JSON's numbers, and then some
inline constexpr int64_t kRandomString = 1'000;
inline constexpr size_t kRegexBytes = 4 << 10;    // longer ones have no readers
inline constexpr int64_t kRegexMemory = 1 << 20;  // of RE2's programs and caches, for each
// Of a plan's regular expressions together, in RE2's instructions: a common one has a hundred.
inline constexpr size_t kRegexInstructions = 200'000;
inline constexpr uint32_t kWeight = 1'000'000;   // finer shares than any run could tell apart
inline constexpr Nanos kThink = 3600 * kSecond;  // as kTimeout
inline constexpr size_t kTargetBytes = 8 << 10;  // of a request; servers refuse longer lines
inline constexpr size_t kHeaders = 100;          // per request; servers refuse more
inline constexpr size_t kHeaderBytes = 8 << 10;  // per header; servers refuse more
// Of one inline request body; also bounded by kPlanBytes.
inline constexpr size_t kBodyBytes = 16 << 20;
inline constexpr size_t kBodyParts = 100;        // of one body; more than any form has
inline constexpr size_t kResolvedHosts = 1'000;  // that a plan gives addresses for
inline constexpr size_t kHostAddresses = 100;    // of one of them; DNS answers have fewer
inline constexpr size_t kSocketPathBytes = 107;  // sockaddr_un has no room for more
inline constexpr size_t kNameBytes = 128;        // names become labels and file names
inline constexpr size_t kLabels = 32;
inline constexpr size_t kTags = 32;              // of a request
inline constexpr size_t kSecrets = 100;          // of a plan; more than any environment has
inline constexpr double kRatePerSecond = 100e6;  // a thousand agents at 100,000/s
// Every worker draws all Poisson arrivals of the cluster, 10 ns each: this is 5 % of a core.
inline constexpr double kPoissonPerSecond = 5e6;
inline constexpr size_t kStages = 100;  // more than one draws by hand
// Requests times stages, over all scenarios: each has histograms of its own, 15 KiB a worker and
// more, and in the end they travel in one message.
inline constexpr size_t kSeries = 1'000;
inline constexpr size_t kThresholds = 100;
inline constexpr size_t kThresholdBytes =
    2 << 10;  // of a metric with all its selectors, and of `expr`
// Of all thresholds' windows together: of each second in one the master keeps a histogram, some
// kilobytes, and adds them up once a second.
inline constexpr Nanos kThresholdWindow = 3600 * kSecond;
// Failing exchanges that are kept for people to read: of each kind, of a worker, of an agent, of a
// run. An agent's are below 2 MiB, and so fit any window.
inline constexpr size_t kFailuresOfAKind = 3;
inline constexpr size_t kWorkerFailures = 48;
inline constexpr size_t kAgentFailures = 64;
inline constexpr size_t kRunFailures = 200;
inline constexpr size_t kRunFailureBytes = 2 << 20;
inline constexpr size_t kFailureHeadBytes = 8 << 10;  // of a head
inline constexpr size_t kFailureBodyBytes = 4 << 10;  // of a body
inline constexpr size_t kFailureBytes = 32 << 10;     // of one as a whole
// Responses of a worker that are kept while they come, lest they turn out to be failures.
inline constexpr size_t kShownResponses = 16;
// Slowest traced requests that are told of each minute and request; of an agent's window; of a run,
// however long it is. More than anybody looks up.
inline constexpr size_t kTracesPerMinute = 5;
inline constexpr size_t kWindowTraces = 256;
inline constexpr size_t kRunTraces = 1'000;
inline constexpr uint64_t kIterations = 1'000'000'000'000;
inline constexpr uint32_t kVus = 10'000'000;
inline constexpr uint32_t kConnections = 10'000'000;
inline constexpr uint32_t kInFlight = 10'000'000;
inline constexpr Nanos kDuration = 30LL * 24 * 3600 * kSecond;  // a soak of a month
inline constexpr Nanos kTimeout = 3600 * kSecond;               // the histogram ends at 1 h

// Feeders: their files are hostile input too, and every agent keeps them whole.
inline constexpr size_t kFeeders = 100;
inline constexpr uint64_t kFeederRows = 10'000'000;
inline constexpr uint64_t kFeederFileBytes = 4ULL << 30;  // ten million rows of 400 bytes
inline constexpr size_t kFeederRowBytes = 64 << 10;       // iterations in flight hold one each
inline constexpr size_t kFeederColumns = 1'000;
inline constexpr size_t kPieceBytes = 1 << 20;  // of a file on its way; FilePiece says so
// Of all files that a master keeps: several of the largest.
inline constexpr uint64_t kDataBytes = 16ULL << 30;
// A file that no run needs is kept so long: for the plan that comes after the upload, and for those
// who run a plan again and again.
inline constexpr Nanos kDataKept = 600 * kSecond;
// An agent has a second more to get ready for so many bytes; all fetch from one master at a time.
inline constexpr uint64_t kFetchedPerSecond = 20 << 20;

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
// Of a body when its encoding is undone: some bytes can stand for gigabytes. A worker looks at one
// at a time, and one of this size takes it about 10 ms.
inline constexpr size_t kDecodedBodyBytes = 8 << 20;
// Of a captured text: every iteration in flight may hold one, and a target decides how long it is.
inline constexpr size_t kCapturedBytes = 64 << 10;
inline constexpr uint32_t kRedirects = 50;       // of one request; browsers give up after 20
inline constexpr size_t kCookies = 100;          // of one user; each may have a few thousand bytes
inline constexpr size_t kCookieBytes = 4 << 10;  // of one; what RFC 6265, 6.1 asks for
// That redirects and captures lead a worker to, beside the plan's: a target decides how many.
inline constexpr size_t kOtherOrigins = 100;
// Of each body of an exchange that is kept for people to read.
inline constexpr size_t kShownBodyBytes = 64 << 10;
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
// Of a flow that is done once: setup, teardown, each of `run --once`. As long as k6 gives them.
inline constexpr Nanos kOnceTime = 60 * kSecond;
// Of its exchanges that are kept, whose message has to fit into kGrpcMessageBytes.
inline constexpr int kOnceExchanges = 1'000;
inline constexpr size_t kOnceExchangeBytes = 8 << 20;
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
