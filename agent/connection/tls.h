// TLS as a client speaks it: what a plan gives (certificates, names, versions) and one context a
// worker and origin.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "absl/status/statusor.h"
#include "common/net/openssl.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The plan's certificates and keys, read once at prepare. Immutable, shared by all workers.
class TlsMaterial {
 public:
  // Blocking: without a CA in the plan it reads the system's. INVALID_ARGUMENT: what the plan gives
  // is no certificate or key, or they do not belong together.
  static absl::StatusOr<std::unique_ptr<TlsMaterial>> Read(const v1::TlsPolicy& policy);

  const v1::TlsPolicy& policy() const { return policy_; }

 private:
  friend class TlsClient;
  explicit TlsMaterial(const v1::TlsPolicy& policy) : policy_(policy) {}

  v1::TlsPolicy policy_;
  OpenSslPtr<X509_STORE> authorities_;
  OpenSslPtr<SSL_CTX> own_;  // the client's certificate, its chain and key, to be copied from
};

// What a client offers in ALPN (RFC 7301).
enum class AlpnOffer : uint8_t { kHttp1, kHttp2, kBoth };

// The TLS connections of one worker to one origin: they share settings, and a session to resume.
// One thread only.
class TlsClient {
 public:
  // `material` outlives it. `host` is whom the certificate must name when the plan names nobody
  // else; an address is looked for among the certificate's addresses, and not sent as SNI (RFC 6066
  // 3).
  TlsClient(const TlsMaterial& material, const std::string& host, AlpnOffer offer);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // A connection's half, in the client's role; null when memory is short.
  OpenSslPtr<SSL> NewConnection();

 private:
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  OpenSslPtr<SSL_CTX> context_;
  std::string name_;
  bool address_ = false;  // name_ is one
  bool resume_ = true;
  OpenSslPtr<SSL_SESSION> session_;  // the newest ticket
};

}  // namespace loadfleet
