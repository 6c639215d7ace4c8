// The bytes of one connection: a non-blocking socket, and TLS over it where the origin asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/connection/address.h"
#include "agent/connection/tls.h"
#include "agent/engine/read_buffers.h"
#include "common/stats/outcome.h"

namespace loadfleet {

// Owns its descriptor. One thread only. Owns no buffer while nothing is in between two records.
class Stream {
 public:
  struct Io {
    enum class Kind : uint8_t { kBytes, kBlocked, kEnd, kFailed };
    Kind kind;
    size_t size = 0;                 // of kBytes
    bool drained = false;            // of kBytes: the socket was empty after them
    Outcome outcome = Outcome::kOk;  // of kFailed
  };

  Stream() = default;
  ~Stream() { Close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Begins to connect, from `source` unless it is null. kOk: the descriptor becomes writable, or in
  // error, when that is over.
  Outcome Connect(const SocketAddress& address, const SocketAddress* source);
  // Once it is: kOk, or why not.
  Outcome Connected() const;

  // From here on all bytes are TLS's. False: no memory.
  bool StartTls(TlsClient& tls);
  // kBytes: done. kBlocked: to be called again when the descriptor is ready.
  Io Handshake(ReadBuffers& buffers);
  // The protocol that ALPN chose; empty: none.
  std::string_view Alpn() const;

  // At most one read of the kernel. Bytes are in buffers.bytes(), until anyone's next Read.
  Io Read(ReadBuffers& buffers);
  // kBytes: as many as were taken, at least one. After kBlocked the same bytes come first.
  Io Write(const char* data, size_t size);

  bool HasBytes() const;  // to be read by the kernel's account
  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void Close();

 private:
  struct Bio;  // OpenSSL's way to the socket

  Io ReadSocket(char* data, size_t size) const;
  Io ReadTls(ReadBuffers& buffers);
  Io TlsResult(int result);

  int fd_ = -1;
  OpenSslPtr<SSL> ssl_;
  // What one call of ReadTls or Handshake has at hand for OpenSSL.
  ReadBuffers* buffers_ = nullptr;
  const char* cipher_ = nullptr;
  size_t cipher_size_ = 0;
  bool may_read_ = false;
  Io last_{Io::Kind::kBlocked};  // of the socket within that call
  std::string spill_;            // came with the handshake's last bytes and is not its own
};

// What an errno of connect, read or write means for a request. `connecting`: before the connection
// stood.
Outcome OutcomeOfErrno(int error, bool connecting);

}  // namespace loadfleet
