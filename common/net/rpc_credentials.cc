#include "common/net/rpc_credentials.h"

#include <stdlib.h>

#include <functional>
#include <utility>

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "absl/strings/str_cat.h"
#include "common/net/rpc_status.h"

namespace loadfleet {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kReadAgainSeconds = 60;

// gRPC 1.51 has no switch for the lowest version of TLS: it offers 1.2 as well. Of the ciphers of
// 1.2, not of those of 1.3, this leaves one that needs a shared key, which nobody here has.
void NothingBelowTls13() {
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", 1);
}

// Asks of a server what gRPC's own checks ask, and the role; its answers are sentences.
class MasterVerifier final : public tls::ExternalCertificateVerifier {
 public:
  explicit MasterVerifier(TrustedAuthorities trusted) : trusted_(std::move(trusted)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const grpc::string_ref whole = request->peer_cert_full_chain();
    const grpc::string_ref leaf = request->peer_cert();
    const grpc::string_ref chain = whole.empty() ? leaf : whole;
    const grpc::string_ref host = request->target_name();
    *sync_status =
        ToGrpc(Check({chain.data(), chain.size()}, std::string(host.data(), host.size())));
    return true;
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  absl::Status Check(const std::string& chain, const std::string& host) const {
    const absl::StatusOr<CertificateOwner> owner = trusted_.Verify(chain, CertificateUse::kServer);
    if (!owner.ok()) return owner.status();
    if (owner->role != Role::kMaster) {
      return absl::UnauthenticatedError(
          absl::StrCat("the certificate '", owner->name, "' that it shows is not a master's"));
    }
    return CheckHost(chain, host);
  }

  const TrustedAuthorities trusted_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> NewServerCredentials(const TlsFolder& folder) {
  NothingBelowTls13();
  tls::TlsServerCredentialsOptions options(std::make_shared<tls::FileWatcherCertificateProvider>(
      folder.key_file, folder.certificate_file, kReadAgainSeconds));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  return tls::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> NewChannelCredentials(
    const TlsFolder& folder) {
  NothingBelowTls13();
  auto trusted = TrustedAuthorities::Read(folder.ca, folder.ca_file);
  if (!trusted.ok()) return trusted.status();
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<tls::FileWatcherCertificateProvider>(
      folder.key_file, folder.certificate_file, folder.ca_file, kReadAgainSeconds));
  options.watch_root_certs();
  if (!folder.key_file.empty()) options.watch_identity_key_cert_pairs();
  // The verifier does, with words for what is wrong.
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<MasterVerifier>(*std::move(trusted)));
  return tls::TlsCredentials(options);
}

}  // namespace loadfleet
