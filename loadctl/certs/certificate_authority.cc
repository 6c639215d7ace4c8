#include "loadctl/certs/certificate_authority.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr int64_t kSecondsOfDay = 24 * 3600;
// Clocks of machines differ; nobody should have to wait for theirs.
constexpr int64_t kBackdatedSeconds = 3600;
constexpr int kSerialBits = 127;         // RFC 5280, 4.1.2.2: positive and at most 20 bytes
constexpr size_t kCommonNameBytes = 64;  // RFC 5280, appendix A.1

absl::Status Failed(absl::string_view what) {
  return absl::InternalError(absl::StrCat("cannot make ", what, ": ", OpenSslError()));
}

absl::Status AddExtension(X509* certificate, const X509* issuer, int kind,
                          const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), certificate, nullptr, nullptr, 0);
  const OpenSslPtr<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return Failed(absl::StrCat("a certificate's extension ", value));
  }
  return absl::OkStatus();
}

absl::Status AddName(GENERAL_NAMES* names, int kind, const std::string& text) {
  GENERAL_NAME* name = a2i_GENERAL_NAME(nullptr, nullptr, nullptr, kind, text.c_str(), 0);
  if (name == nullptr) {
    OpenSslError();
    return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " cannot stand in a certificate"));
  }
  sk_GENERAL_NAME_push(names, name);
  return absl::OkStatus();
}

bool IsAddress(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// Not as a configuration text, in which a comma would begin another name.
absl::Status AddAlternativeNames(X509* certificate, const CertificateRequest& request) {
  const OpenSslPtr<GENERAL_NAMES> names(sk_GENERAL_NAME_new_null());
  absl::Status status = AddName(names.get(), GEN_URI, RoleUri(request.role));
  if (!request.agent_id.empty()) {
    status.Update(AddName(names.get(), GEN_URI, AgentUri(request.agent_id)));
  }
  for (const std::string& host : request.hosts) {
    status.Update(AddName(names.get(), IsAddress(host) ? GEN_IPADD : GEN_DNS, host));
  }
  if (!status.ok()) return status;
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return Failed("a certificate's names");
  }
  return absl::OkStatus();
}

// With a random serial number and a new key, not signed yet.
absl::StatusOr<std::pair<OpenSslPtr<X509>, OpenSslPtr<EVP_PKEY>>> Begin(const std::string& name,
                                                                        int64_t days) {
  if (name.empty() || name.size() > kCommonNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name ", Quoted(name), " of a certificate has ", name.size(),
                     " bytes: 1 to ", kCommonNameBytes, " are possible"));
  }
  OpenSslPtr<EVP_PKEY> key(EVP_EC_gen("P-256"));
  OpenSslPtr<X509> certificate(X509_new());
  const OpenSslPtr<BIGNUM> serial(BN_new());
  X509* made = certificate.get();
  const bool done = key != nullptr &&
                    BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made)) != nullptr &&
                    X509_set_version(made, X509_VERSION_3) == 1 &&
                    X509_set_pubkey(made, key.get()) == 1 &&
                    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                                               reinterpret_cast<const unsigned char*>(name.data()),
                                               static_cast<int>(name.size()), -1, 0) == 1;
  if (!done) return Failed(absl::StrCat("the certificate ", Quoted(name)));
  const int64_t until = days * kSecondsOfDay;
  X509_gmtime_adj(X509_getm_notBefore(made), std::min(until, int64_t{0}) - kBackdatedSeconds);
  X509_gmtime_adj(X509_getm_notAfter(made), until);
  return std::pair(std::move(certificate), std::move(key));
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<KeyPair> ToPem(X509* certificate, EVP_PKEY* key) {
  const OpenSslPtr<BIO> certificate_text(BIO_new(BIO_s_mem()));
  const OpenSslPtr<BIO> key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failed("PEM");
  }
  return KeyPair{TextOf(certificate_text.get()), TextOf(key_text.get())};
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Create(int64_t days) {
  // Two of them are told apart by their names, in messages too.
  unsigned char random[4];
  if (RAND_bytes(random, sizeof random) != 1) return Failed("a random number");
  const std::string name =
      absl::StrCat("loadfleet CA ",
                   absl::BytesToHexString({reinterpret_cast<const char*>(random), sizeof random}));
  auto begun = Begin(name, days);
  if (!begun.ok()) return begun.status();
  CertificateAuthority authority;
  authority.certificate_ = std::move(begun->first);
  authority.key_ = std::move(begun->second);
  X509* made = authority.certificate_.get();
  X509_set_issuer_name(made, X509_get_subject_name(made));
  absl::Status status =
      AddExtension(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  status.Update(AddExtension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign"));
  status.Update(AddExtension(made, made, NID_subject_key_identifier, "hash"));
  if (!status.ok()) return status;
  if (X509_sign(made, authority.key_.get(), EVP_sha256()) == 0) return Failed("the CA");
  auto pair = ToPem(made, authority.key_.get());
  if (!pair.ok()) return pair.status();
  authority.pair_ = *std::move(pair);
  return authority;
}

absl::StatusOr<KeyPair> CertificateAuthority::Issue(const CertificateRequest& request) const {
  auto begun = Begin(request.name, request.days);
  if (!begun.ok()) return begun.status();
  X509* made = begun->first.get();
  const X509* issuer = certificate_.get();
  X509_set_issuer_name(made, X509_get_subject_name(issuer));
  const bool server = request.role == Role::kMaster;
  absl::Status status = AddExtension(made, issuer, NID_basic_constraints, "critical,CA:FALSE");
  status.Update(AddExtension(made, issuer, NID_key_usage, "critical,digitalSignature"));
  status.Update(
      AddExtension(made, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth"));
  status.Update(AddExtension(made, issuer, NID_subject_key_identifier, "hash"));
  status.Update(AddExtension(made, issuer, NID_authority_key_identifier, "keyid"));
  status.Update(AddAlternativeNames(made, request));
  if (!status.ok()) return status;
  if (X509_sign(made, key_.get(), EVP_sha256()) == 0) return Failed("a certificate");
  return ToPem(made, begun->second.get());
}

}  // namespace loadfleet
