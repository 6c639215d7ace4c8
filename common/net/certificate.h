// Who a certificate says that its owner is, and whether that may be believed.
//
// A certificate of loadfleet has a role among its alternative names, as a URI: the one of
// loadfleet://role/{agent,viewer,operator,master} that it is for. An agent's may also say which
// agent it is, loadfleet://agent/NAME: then it is good for that name alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/net/openssl.h"

namespace loadfleet {

enum class Role : uint8_t { kAgent, kViewer, kOperator, kMaster };

absl::string_view RoleName(Role role);  // "agent"
std::optional<Role> ParseRole(absl::string_view name);

std::string RoleUri(Role role);
std::string AgentUri(absl::string_view agent_id);

struct CertificateOwner {
  std::string name;          // the subject's common name, for people; made printable
  std::optional<Role> role;  // none: it has no role's URI, or more than one
  std::string agent_id;      // the only one that it is good for; empty: any
};

// Whom a certificate is shown to prove.
enum class CertificateUse : uint8_t { kClient, kServer };

// The CAs that a program trusts. Thread-safe.
class TrustedAuthorities {
 public:
  // INVALID_ARGUMENT: there is no certificate in `pem`, which `where` names.
  static absl::StatusOr<TrustedAuthorities> Read(const std::string& pem, absl::string_view where);

  // What the first certificate of `chain` (PEM, with those between it and a CA, if any) says, once
  // it is known to come from one of these, to be valid now and to be meant for `use`.
  // UNAUTHENTICATED with a sentence without colons: gRPC cuts at them.
  absl::StatusOr<CertificateOwner> Verify(const std::string& chain, CertificateUse use) const;

 private:
  OpenSslPtr<X509_STORE> store_;
};

// UNAUTHENTICATED, likewise a sentence: the first certificate of `chain` does not name `host`,
// which is a name or an address.
absl::Status CheckHost(const std::string& chain, const std::string& host);

// FAILED_PRECONDITION: it is not valid at this moment; when it would be.
absl::Status CheckValidNow(const X509& certificate);

}  // namespace loadfleet
