#include "common/web/http_listener.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/net/listen_address.h"

namespace loadfleet {
namespace {

constexpr unsigned kIpv6Feature = 8;  // of mg_check_feature

void Answer(mg_connection* connection, bool with_body, const HttpResponse& response,
            const char* extra_header) {
  const std::string head = absl::StrCat(
      "HTTP/1.1 ", response.status, " ", mg_get_response_code_text(connection, response.status),
      "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n", extra_header,
      "Connection: close\r\n\r\n");
  mg_disable_keep_alive(connection);  // or civetweb would wait for the rest of a refused body
  mg_write(connection, head.data(), head.size());
  if (with_body) mg_write(connection, response.body.data(), response.body.size());
}

// Connects to a listener of this process and hangs up. Whether it worked shows in what it wakes.
void Knock(const ListenAddress& address, int port) {
  if (address.ipv6) return;  // it then ends by itself, later
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, address.host.c_str(), &self.sin_addr);  // 0.0.0.0 means this machine here too
  static_cast<void>(connect(fd, reinterpret_cast<const sockaddr*>(&self), sizeof(self)));
  close(fd);
}

class CivetListener final : public HttpListener {
 public:
  explicit CivetListener(std::map<std::string, HttpHandler> handlers)
      : handlers_(std::move(handlers)) {}
  ~CivetListener() override;
  CivetListener(const CivetListener&) = delete;
  CivetListener& operator=(const CivetListener&) = delete;

  absl::Status Listen(const ListenAddress& address);
  int port() const override { return port_; }

 private:
  static CivetListener& Of(const mg_connection* connection) {
    return *static_cast<CivetListener*>(mg_get_user_data(mg_get_context(connection)));
  }

  // Sees every request before civetweb looks for files; what it answers is final.
  static int OnRequest(mg_connection* connection);
  static int OnLog(const mg_connection* connection, const char* message);

  const std::map<std::string, HttpHandler> handlers_;
  ListenAddress address_;
  mg_context* context_ = nullptr;
  int port_ = 0;
  absl::Mutex mutex_;
  bool listening_ ABSL_GUARDED_BY(mutex_) = false;
  std::string start_error_ ABSL_GUARDED_BY(mutex_);  // the first one is the cause
};

absl::Status CivetListener::Listen(const ListenAddress& address) {
  static const unsigned library_is_ready = mg_init_library(0);
  static_cast<void>(library_is_ready);
  if (address.ipv6 && mg_check_feature(kIpv6Feature) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", address.ToString(),
                     ": the HTTP library of this system has no IPv6; use an IPv4 address"));
  }
  const std::string listening_ports = address.ToString();
  std::array<const char*, 17> options = {"listening_ports",
                                         listening_ports.c_str(),
                                         "num_threads",
                                         "2",
                                         "connection_queue",
                                         "16",
                                         "listen_backlog",
                                         "64",
                                         "request_timeout_ms",
                                         "5000",
                                         "max_request_size",
                                         "8192",
                                         "enable_keep_alive",
                                         "no",
                                         "enable_directory_listing",
                                         "no",
                                         nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &CivetListener::OnRequest;
  callbacks.log_message = &CivetListener::OnLog;
  mg_init_data init{&callbacks, this, options.data()};
  mg_error_data no_details{};
  errno = 0;
  context_ = mg_start2(&init, &no_details);
  if (context_ == nullptr) {
    const int error = errno;  // of bind(): civetweb itself tells it only in its log's prose
    absl::MutexLock lock(&mutex_);
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address.ToString(), ": ",
                                               error == EADDRINUSE ? "address in use"
                                               : error != 0        ? strerror(error)
                                                                   : start_error_));
  }
  address_ = address;
  mg_server_port bound{};
  if (mg_get_server_ports(context_, 1, &bound) < 1) {
    return absl::InternalError(absl::StrCat("no port is bound for ", address.ToString()));
  }
  port_ = bound.port;
  absl::MutexLock lock(&mutex_);
  listening_ = true;
  return absl::OkStatus();
}

CivetListener::~CivetListener() {
  if (context_ == nullptr) return;
  // civetweb's accepting thread looks for the end only every 2 s, or when somebody connects.
  absl::Notification stopped;
  std::thread stopper([&] {
    mg_stop(context_);
    stopped.Notify();
  });
  while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(10))) Knock(address_, port_);
  stopper.join();
}

int CivetListener::OnRequest(mg_connection* connection) {
  const mg_request_info& request = *mg_get_request_info(connection);
  const std::string method = request.request_method;
  const auto& handlers = Of(connection).handlers_;
  const auto found =
      request.local_uri == nullptr ? handlers.end() : handlers.find(request.local_uri);
  HttpResponse response;
  if (found == handlers.end()) {
    response = {404, response.content_type, "not found\n"};
    Answer(connection, method != "HEAD", response, "");
  } else if (method != "GET" && method != "HEAD") {
    response = {405, response.content_type, "only GET and HEAD are allowed\n"};
    Answer(connection, true, response, "Allow: GET, HEAD\r\n");
  } else {
    response = found->second();
    Answer(connection, method == "GET", response, "");
  }
  return response.status;
}

int CivetListener::OnLog(const mg_connection* connection, const char* message) {
  CivetListener& listener = Of(connection);
  absl::MutexLock lock(&listener.mutex_);
  if (listener.listening_) {
    spdlog::debug("http: {}", message);  // clients cause these at will
  } else if (listener.start_error_.empty()) {
    listener.start_error_ = message;
  }
  return 1;  // civetweb writes no log of its own
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    absl::string_view listen, bool insecure_listen, std::map<std::string, HttpHandler> handlers) {
  auto address = AllowedListenAddress(listen, insecure_listen);
  if (!address.ok()) return address.status();
  auto listener = std::make_unique<CivetListener>(std::move(handlers));
  if (absl::Status status = listener->Listen(*address); !status.ok()) return status;
  return listener;
}

}  // namespace loadfleet
