// A small HTTP listener for /metrics and /healthz.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Answers GET and HEAD of one path. Called on any of the listener's threads, from two at once.
using HttpHandler = std::function<HttpResponse()>;

// Owns its threads: a request that dawdles is given up after a few seconds, and its body is never
// read. 404 for a path without a handler, 405 for another method.
class HttpListener {
 public:
  // `listen` as common/net/listen_address.h has it.  INVALID_ARGUMENT: not an address.
  // FAILED_PRECONDITION: beyond loopback without insecure_listen.
  // UNAVAILABLE: "cannot listen on X: address in use", or what else forbids it.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      absl::string_view listen, bool insecure_listen, std::map<std::string, HttpHandler> handlers);
  virtual ~HttpListener() = default;  // stops listening, waits for running handlers

  virtual int port() const = 0;  // the bound port
};

}  // namespace loadfleet
