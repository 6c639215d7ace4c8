// Certificates made for one test: who signed them, whom they name, and until when.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"

namespace loadfleet {

// P-256. Not thread-safe to make; to be used by a server's one script at a time.
class TestCertificate {
 public:
  struct Options {
    std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName, as openssl(1) has it
    const TestCertificate* signer = nullptr;           // null: it signs itself
    long valid_for_s = 3'600;                          // negative: it has expired
  };

  TestCertificate() : TestCertificate(Options()) {}
  explicit TestCertificate(const Options& options);

  std::string CertificatePem() const;
  std::string KeyPem() const;

  // Of a server that shows it and knows one protocol, or no ALPN at all. With `client_authority` a
  // client must show a certificate that this one has signed. Kept: whoever comes first says how it
  // is. Thread-safe.
  SSL_CTX* ServerContext(const std::string& alpn, const TestCertificate* client_authority) const;

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
  mutable absl::Mutex mutex_;
  mutable std::unique_ptr<SSL_CTX, Free> context_;  // whole once it is there
  mutable std::string alpn_;
};

}  // namespace loadfleet
