#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace loadfleet {

bool ScriptedServer::Peer::ReadRequest(std::string* head) {
  std::array<char, 16'384> bytes;
  while (true) {
    const size_t end = received_.find("\r\n\r\n");
    if (end != received_.npos) {
      if (head != nullptr) head->assign(received_, 0, end + 4);
      received_.erase(0, end + 4);
      return true;
    }
    const ssize_t size = ReadSome(bytes.data(), bytes.size());
    if (size <= 0) return false;
    received_.append(bytes.data(), static_cast<size_t>(size));
  }
}

ssize_t ScriptedServer::Peer::ReadSome(char* data, size_t size) {
  if (ssl_ != nullptr) return SSL_read(ssl_.get(), data, static_cast<int>(size));
  return recv(fd_, data, size, 0);
}

std::string ScriptedServer::Peer::Read() {
  std::string bytes(16'384, '\0');
  const ssize_t size = ReadSome(bytes.data(), bytes.size());
  bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return bytes;
}

bool ScriptedServer::Peer::StartTls(const TestCertificate& certificate, const std::string& alpn,
                                    const TestCertificate* client_authority) {
  // The context is kept for its tickets: they are sealed with its own key.
  ssl_.reset(SSL_new(certificate.ServerContext(alpn, client_authority)));
  SSL_set_fd(ssl_.get(), fd_);
  return SSL_accept(ssl_.get()) == 1;
}

bool ScriptedServer::Peer::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ssl_ != nullptr
                             ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

bool ScriptedServer::Peer::WriteByteByByte(absl::string_view bytes) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!Write(bytes.substr(i, 1))) return false;
  }
  return true;
}

void ScriptedServer::Peer::EndWriting() {
  if (ssl_ != nullptr) SSL_shutdown(ssl_.get());
  shutdown(fd_, SHUT_WR);
}

void ScriptedServer::Peer::WaitForEnd() {
  std::array<char, 16'384> bytes;
  while (recv(fd_, bytes.data(), bytes.size(), 0) > 0) {
  }
}

bool ScriptedServer::Peer::ClientHasGone() const {
  pollfd end{fd_, POLLRDHUP, 0};
  return poll(&end, 1, 10) > 0;
}

void ScriptedServer::Peer::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  reset_ = true;
}

// The descriptor stays the server's until it forgets the connection: only what it refers to goes.
void ScriptedServer::Peer::Close() {
  const int nothing = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  dup3(nothing, fd_, O_CLOEXEC);
  close(nothing);
  closed_ = true;
}

ScriptedServer::ScriptedServer(std::function<void(Peer&)> script, const std::string& unix_path,
                               int port)
    : script_(std::move(script)),
      listener_(socket(unix_path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage storage{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* local = reinterpret_cast<sockaddr_un*>(&storage);
  socklen_t length = unix_path.empty() ? sizeof *v4 : sizeof *local;
  if (unix_path.empty()) {
    const int on = 1;
    if (port != 0) setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    local->sun_family = AF_UNIX;
    memcpy(local->sun_path, unix_path.data(), std::min(unix_path.size(), sizeof local->sun_path));
  }
  if (bind(listener_, address, length) != 0 || listen(listener_, 1'024) != 0 ||
      getsockname(listener_, address, &length) != 0) {
    perror("nowhere to listen");
    abort();
  }
  if (unix_path.empty()) port_ = ntohs(v4->sin_port);
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);  // ends accept()
  acceptor_.join();
  close(listener_);
  std::list<Served> served;
  {
    absl::MutexLock lock(&mutex_);
    served.swap(served_);  // its elements stay where they are
    for (Served& one : served) {
      if (one.open) shutdown(one.peer.fd_, SHUT_RDWR);
    }
  }
  for (Served& one : served) one.thread.join();
}

int ScriptedServer::accepted() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(served_.size());
}

std::vector<std::string> ScriptedServer::client_addresses() const {
  absl::MutexLock lock(&mutex_);
  return client_addresses_;
}

void ScriptedServer::Accept() {
  for (int nth = 0;; ++nth) {
    sockaddr_storage client{};
    socklen_t length = sizeof client;
    auto* address = reinterpret_cast<sockaddr*>(&client);
    const int fd = accept4(listener_, address, &length, SOCK_CLOEXEC);
    if (fd < 0) return;
    // Small answers go out at once; a Unix socket knows no such thing.
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::array<char, NI_MAXHOST> host{};
    getnameinfo(address, length, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
    absl::MutexLock lock(&mutex_);
    client_addresses_.emplace_back(host.data());
    Served& served = served_.emplace_back(Served(fd, nth));
    served.thread = std::thread([this, &served] { Serve(served); });
  }
}

void ScriptedServer::Serve(Served& served) {
  script_(served.peer);
  // A close with unread bytes would be a reset, which only Reset() asks for.
  if (!served.peer.reset_ && !served.peer.closed_) {
    served.peer.EndWriting();
    served.peer.WaitForEnd();
  }
  absl::MutexLock lock(&mutex_);
  served.open = false;
  close(served.peer.fd_);
}

}  // namespace loadfleet
