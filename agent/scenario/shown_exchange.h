// An exchange that has ended as a record for people: what went over the wire and came back, cut
// short and without credentials.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/http/kept_response.h"
#include "agent/scenario/exchange.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

struct ShownExchange {
  const Exchange& exchange;
  const Result& result;
  const KeptResponse* kept = nullptr;  // what its interest asked for is shown; null: no response
  Nanos now = 0;                       // when it ended
  Nanos t0 = 0;                        // from which run time counts
};

// Not for the load path: allocates. Bodies are cut to `body_bytes` each. Of Authorization,
// Proxy-Authorization, Cookie and Set-Cookie only the scheme or the names are shown, and how long
// the rest is. Checks that failed are the caller's to add.
v1::ExchangeRecord RecordOf(const ShownExchange& shown, size_t body_bytes);

// A head with the values of those headers hidden.
std::string WithoutCredentials(absl::string_view head);
// The value of the header `name`, hidden likewise when it is one of those.
std::string WithoutCredentials(absl::string_view name, absl::string_view value);

}  // namespace loadfleet
