// What is fuzzed. Each takes one input of any bytes, and ends the process when a promise does not
// hold.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loadfleet {

// HTTP/1.1 responses as they come from a socket: any split of the same bytes gives the same
// responses and the same end (RFC 9112).
//
// The input: a byte of options (1: the request was HEAD), a byte that says how to split, then what
// the server sends.
void FuzzHttp1Response(const uint8_t* data, size_t size);

// A whole HTTP/2 session against what a server sends (RFC 9113): every exchange ends exactly once,
// and after the end there is nothing.
//
// The input: a byte of options (1: no SETTINGS of ours in front, 2: the kernel takes few bytes at a
// time, 4: writing fails at some point), a byte that says how to split, then what the server sends.
void FuzzHttp2Session(const uint8_t* data, size_t size);

// A plan: it is compiled, or told what is wrong with it and where. So are the texts of thresholds
// and `{{ }}`, which the same bytes are taken for.
//
// The input: what stands in the file.
void FuzzPlan(const uint8_t* data, size_t size);

// What responses say to a user's session: where a redirect leads (RFC 3986), what cookies are set
// (RFC 6265), how a body is encoded. Nothing of it breaks a request's head or a bound.
//
// The input: a letter that says which (l: Location, c: Set-Cookie lines, g, d, b: a body in gzip,
// deflate, br), then the text.
void FuzzVisit(const uint8_t* data, size_t size);

// What agents send the master: windows and summaries are counted once or refused, and what is not
// counted changes nothing; who registers is known or refused.
//
// The input: messages, each a letter (w: v1.Window, s: v1.FinalSummary, r: v1.Register), the
// length of what follows in two bytes, the lower one first, and the message. The run is "r", its
// agents are "a" and "b", incarnation 1.
void FuzzAgents(const uint8_t* data, size_t size);

}  // namespace loadfleet
