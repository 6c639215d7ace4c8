#include "master/access/access.h"

#include <string>
#include <utility>
#include <vector>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/text.h"
#include "master/access/audit.h"
#include "master/access/methods.h"

namespace loadfleet {
namespace {

// As gRPC writes them: "ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:4711".
bool IsLoopback(absl::string_view peer) {
  return absl::StartsWith(peer, "ipv4:127.") || absl::StartsWith(peer, "ipv6:%5B::1%5D:") ||
         absl::StartsWith(peer, "ipv6:[::1]:");
}

std::string Property(const grpc::AuthContext& context, const char* name) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(name);
  return values.empty() ? "" : std::string(values.front().data(), values.front().size());
}

Credentials CredentialsOf(const grpc::CallbackServerContext& context) {
  Credentials credentials;
  credentials.peer = context.peer();
  if (const auto connection = context.auth_context(); connection != nullptr) {
    const std::string kind = Property(*connection, GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
    credentials.encrypted = kind == GRPC_TLS_TRANSPORT_SECURITY_TYPE;
    // On a server's side OpenSSL's chain begins above the peer's own certificate.
    credentials.chain = absl::StrCat(Property(*connection, GRPC_X509_PEM_CERT_PROPERTY_NAME),
                                     Property(*connection, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME));
  }
  const auto found = context.client_metadata().find("authorization");
  if (found != context.client_metadata().end()) {
    credentials.authorization = std::string(found->second.data(), found->second.size());
  }
  return credentials;
}

Caller CallerAt(const Credentials& credentials, std::string name) {
  Caller caller;
  caller.name = std::move(name);
  caller.peer = credentials.peer;
  return caller;
}

}  // namespace

absl::StatusOr<Caller> Access::Admit(const grpc::CallbackServerContext& context,
                                     absl::string_view method) const {
  return Admit(CredentialsOf(context), method);
}

absl::StatusOr<Caller> Access::Admit(const Credentials& credentials,
                                     absl::string_view method) const {
  if (!options_.network) {
    Caller caller = CallerAt(credentials, "this process");
    caller.local = true;
    return caller;
  }
  const absl::StatusOr<Known> known = WhoIs(credentials, method);
  if (!known.ok()) {
    Audit(CallerAt(credentials, "unknown"), method, {}, known.status());
    return known.status();
  }
  Caller caller = CallerAt(credentials, known->name);
  caller.agent_id = known->agent_id;
  if (!known->role || MayCall(*known->role, method)) return caller;
  absl::Status refused = absl::PermissionDeniedError(
      absl::StrCat(known->name, " has role ", RoleName(*known->role), " and may not call ", method,
                   ": that takes ", RolesFor(method)));
  Audit(caller, method, {}, refused);
  return refused;
}

absl::Status Access::AdmitAgent(const Caller& caller, const std::string& agent_id) {
  if (caller.agent_id.empty() || caller.agent_id == agent_id) return absl::OkStatus();
  absl::Status refused = absl::PermissionDeniedError(absl::StrCat(
      caller.name, " is for the agent ", Quoted(caller.agent_id), ", not for ", Quoted(agent_id)));
  Audit(caller, "Fleet.Control", {{"agent", agent_id}}, refused);
  return refused;
}

absl::StatusOr<Access::Known> Access::WhoIs(const Credentials& credentials,
                                            absl::string_view method) const {
  if (!credentials.authorization.empty()) return ByToken(credentials);
  if (options_.trusted) return ByCertificate(credentials);
  // Agents have no tokens, and without TLS no certificates: only people can be asked.
  if (options_.tokens && !absl::StartsWith(method, "Fleet.")) {
    return absl::UnauthenticatedError(
        "this master asks for a token: LOADFLEET_TOKEN or --token-file");
  }
  return Known{"anybody", std::nullopt, ""};
}

absl::StatusOr<Access::Known> Access::ByToken(const Credentials& credentials) const {
  if (!options_.tokens) {
    return absl::UnauthenticatedError("this master knows no tokens (loadmaster --tokens)");
  }
  if (!credentials.encrypted && !IsLoopback(credentials.peer)) {
    return absl::UnauthenticatedError(
        "a token is taken only over TLS or on loopback: whoever listens has it now");
  }
  absl::string_view token = credentials.authorization;
  std::optional<Tokens::Holder> holder;
  if (absl::ConsumePrefix(&token, "Bearer ")) holder = options_.tokens->Find(token);
  if (!holder) return absl::UnauthenticatedError("this master does not know the token");
  return Known{absl::StrCat("token ", holder->name), holder->role, ""};
}

absl::StatusOr<Access::Known> Access::ByCertificate(const Credentials& credentials) const {
  if (!credentials.encrypted || credentials.chain.empty()) {
    return absl::UnauthenticatedError(options_.tokens
                                          ? "this master asks for a certificate (--tls) or a token"
                                          : "this master asks for a certificate (--tls)");
  }
  const absl::StatusOr<CertificateOwner> owner =
      options_.trusted->Verify(credentials.chain, CertificateUse::kClient);
  if (!owner.ok()) return owner.status();
  const std::string name = absl::StrCat("certificate ", owner->name);
  if (!owner->role) {
    return absl::UnauthenticatedError(
        absl::StrCat("the ", name, " has no role, or more than one, among its names"));
  }
  return Known{name, owner->role, owner->agent_id};
}

}  // namespace loadfleet
