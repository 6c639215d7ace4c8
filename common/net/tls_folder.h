// The one form in which our programs are given what they need for mutual TLS: a folder.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/net/certificate.h"

namespace loadfleet {

// What `loadctl certs init` makes for each role: ca.pem (the CAs that are trusted), cert.pem (one's
// own certificate, then those between it and a CA), key.pem (its key, without a password).
struct TlsFolder {
  std::string ca_file;
  std::string certificate_file;  // empty: only ca.pem is there
  std::string key_file;          // likewise
  std::string ca;                // PEM
};

enum class OwnCertificate : uint8_t {
  kNeeded,
  kOptional,  // whoever has a token may do without
};

// Reads and checks `folder`. INVALID_ARGUMENT: a file is missing or is not what its name says, or
// the key is another certificate's. FAILED_PRECONDITION: the certificate has expired, or is not
// valid yet. Both name the file.
absl::StatusOr<TlsFolder> ReadTlsFolder(const std::string& folder, OwnCertificate own);

}  // namespace loadfleet
