// A private certificate authority, and the certificates that it issues: P-256, X.509 version 3.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/net/certificate.h"

namespace loadfleet {

// A certificate and its private key, both PEM.
struct KeyPair {
  std::string certificate;
  std::string key;
};

struct CertificateRequest {
  std::string name;  // the common name, for people: at most 64 bytes
  Role role = Role::kViewer;
  std::string agent_id;            // of an agent's that is good for this name alone
  std::vector<std::string> hosts;  // names and addresses of a master's
  int64_t days = 1;                // that it holds; negative: until so many days ago
};

// Not thread-safe. The key is in memory for as long as this is.
class CertificateAuthority {
 public:
  // INTERNAL: OpenSSL could not.
  static absl::StatusOr<CertificateAuthority> Create(int64_t days);

  // INVALID_ARGUMENT: a name that no certificate can hold.
  absl::StatusOr<KeyPair> Issue(const CertificateRequest& request) const;

  // Its own.
  const KeyPair& pair() const { return pair_; }

 private:
  OpenSslPtr<EVP_PKEY> key_;
  OpenSslPtr<X509> certificate_;
  KeyPair pair_;
};

}  // namespace loadfleet
