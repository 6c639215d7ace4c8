// One HTTP request as a test asks for a page: blocking, a connection of its own.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace loadfleet {

struct HttpAnswer {
  int status = 0;
  std::string head;  // status line and header fields
  std::string body;
};

// GET http://127.0.0.1:PORT/PATH.  UNAVAILABLE: nobody listens.  DEADLINE_EXCEEDED: no bytes for
// `limit`.  DATA_LOSS: not an HTTP response.
absl::StatusOr<HttpAnswer> HttpGet(int port, const std::string& path,
                                   absl::Duration limit = absl::Seconds(10));

}  // namespace loadfleet
