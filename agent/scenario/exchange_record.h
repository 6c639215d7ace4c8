// What is recorded of an exchange at each of its turns: the one place that says which number goes
// where.
#pragma once

#include "agent/record/recorder.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

// It was sent. The wait for a connection is known, and whether the generator was late.
inline void RecordSent(RequestStats& stats, const Exchange& exchange) {
  ++stats.started;
  stats.lateness.Record(ToMicros(exchange.dispatched - exchange.intended));
  stats.queue_wait.Record(ToMicros(exchange.sent - exchange.dispatched));
}

// It ended. A complete response has a response time; anything else is known only to be above its
// age.
inline void RecordDone(RequestStats& stats, const Exchange& exchange, const Result& result,
                       Nanos now) {
  if (exchange.sent ==
      0) {  // its connection failed: started all the same, and nobody else counts it
    ++stats.started;
    stats.lateness.Record(ToMicros(exchange.dispatched - exchange.intended));
  }
  stats.resent += exchange.resent ? 1 : 0;
  ++stats.outcomes[static_cast<size_t>(result.outcome)];
  stats.bytes_sent += result.bytes_sent;
  stats.bytes_received += result.bytes_received;
  if (HasResponse(result.outcome)) {
    stats.statuses.Add(result.status, 1);
    stats.response_time.Record(ToMicros(now - exchange.intended));
    stats.service_time.Record(ToMicros(now - exchange.sent));
    stats.first_byte_time.Record(ToMicros(exchange.first_byte - exchange.sent));
    stats.body_time.Record(ToMicros(now - exchange.first_byte));
  } else {
    stats.response_time_censored.Record(ToMicros(now - exchange.intended));
  }
}

// It was given up before it was started.
inline void RecordDropped(RequestStats& stats, Nanos age) {
  stats.response_time_censored.Record(ToMicros(age));
}

}  // namespace loadfleet
