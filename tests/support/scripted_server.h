// A target on loopback that does to each connection what a test says: the honest, the slow and the
// broken ones.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/test_certificate.h"

namespace loadfleet {

class ScriptedServer {
 public:
  // The server's end of one connection. Blocking; its script's thread only.
  class Peer {
   public:
    int nth() const { return nth_; }  // in the order of acceptance, from 0

    // The bytes up to and with the blank line that ends a head, into `head` unless that is null.
    // False when the client ends first.
    bool ReadRequest(std::string* head = nullptr);
    // Whatever has come; empty when the client has ended.
    std::string Read();
    // From here on all bytes are TLS's. `alpn` is the one protocol it knows; empty: it knows no
    // ALPN. False: there is no agreement.
    bool StartTls(const TestCertificate& certificate, const std::string& alpn = "",
                  const TestCertificate* client_authority = nullptr);
    // Whether the client came back with a session that was known.
    bool resumed() const { return SSL_session_reused(ssl_.get()) != 0; }

    // False when the client has gone.
    bool Write(absl::string_view bytes);
    // Each byte in a segment of its own, as far as that is the sender's to say.
    bool WriteByteByByte(absl::string_view bytes);
    // No more bytes come; what the client still sends is not read.
    void EndWriting();
    // Takes what the client sends until it ends.
    void WaitForEnd();
    // Whether the client's end is closed, without taking what it has sent.
    bool ClientHasGone() const;
    // The connection ends with a reset, when the script returns or at Close().
    void Reset();
    // Ends it now; nothing else may follow.
    void Close();

   private:
    friend class ScriptedServer;
    Peer(int fd, int nth) : fd_(fd), nth_(nth) {}

    struct FreeSsl {
      void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    ssize_t ReadSome(char* data, size_t size);

    const int fd_;
    const int nth_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    bool reset_ = false;
    bool closed_ = false;
    std::string received_;
  };

  // `script` is run once for each connection, on a thread of that connection's own; the connection
  // is closed when it returns.
  // `unix_path`: where it listens instead of a port; empty: it has a port, this one or any.
  explicit ScriptedServer(std::function<void(Peer&)> script, const std::string& unix_path = "",
                          int port = 0);
  // Ends every connection, and waits for the scripts.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }
  int accepted() const;
  // Where connections came from, in the order of acceptance.
  std::vector<std::string> client_addresses() const;

 private:
  struct Served {
    Served(int fd, int nth) : peer(fd, nth) {}

    Peer peer;
    bool open = true;
    std::thread thread;
  };

  void Accept();
  void Serve(Served& served);

  const std::function<void(Peer&)> script_;
  const int listener_;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<std::string> client_addresses_ ABSL_GUARDED_BY(mutex_);
  std::list<Served> served_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace loadfleet
