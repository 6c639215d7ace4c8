// The entrance of the master: who calls, and whether they may.
//
// Every method of both services begins with Admit(), and does nothing for whoever is not admitted.
// Who it is says a token, if one comes with the call, otherwise the certificate of the connection.
// Without TLS there are no certificates: then whoever reaches the port may do what its services do,
// but for people where tokens are asked for.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <grpcpp/server_context.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/net/certificate.h"
#include "common/net/rpc_status.h"
#include "master/access/tokens.h"

namespace loadfleet {

struct Caller {
  std::string name;      // "certificate alice", "token ci", or what there is instead
  std::string peer;      // its address
  std::string agent_id;  // the only one that it may register as; empty: any
  bool local = false;    // of this process: nothing is written down of it
};

// What a call brings to be judged by.
struct Credentials {
  std::string peer;  // as grpc::ServerContext::peer()
  bool encrypted = false;
  std::string chain;          // PEM, of an encrypted connection; empty: no certificate was shown
  std::string authorization;  // the metadata of this name; empty: none
};

// Immutable, thread-safe.
class Access {
 public:
  struct Options {
    std::optional<TrustedAuthorities> trusted;  // none: there is no TLS
    std::optional<Tokens> tokens;
    bool network = true;  // false: only this process can call, and may do everything
  };

  explicit Access(Options options) : options_(std::move(options)) {}

  // UNAUTHENTICATED: nobody that is known; PERMISSION_DENIED: known, but not for this. Sentences
  // for people, written to the audit log as well.
  absl::StatusOr<Caller> Admit(const grpc::CallbackServerContext& context,
                               absl::string_view method) const;
  // The same judged by `credentials`.
  absl::StatusOr<Caller> Admit(const Credentials& credentials, absl::string_view method) const;

  // PERMISSION_DENIED, written to the audit log: this caller is another agent, or several.
  static absl::Status AdmitAgent(const Caller& caller, const std::string& agent_id);

 private:
  struct Known {
    std::string name;
    std::optional<Role> role;  // none: everything is allowed
    std::string agent_id;
  };

  absl::StatusOr<Known> WhoIs(const Credentials& credentials, absl::string_view method) const;
  absl::StatusOr<Known> ByToken(const Credentials& credentials) const;
  absl::StatusOr<Known> ByCertificate(const Credentials& credentials) const;

  const Options options_;
};

// A reactor of a call that is over before it began, of any of the four kinds.
template <typename Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const absl::Status& why) { this->Finish(ToGrpc(why)); }
  void OnDone() override { delete this; }
};

}  // namespace loadfleet
