#include "common/net/certificate.h"

#include <openssl/err.h>
#include <time.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kRolePrefix = "loadfleet://role/";
constexpr absl::string_view kAgentPrefix = "loadfleet://agent/";

constexpr std::array<std::pair<Role, absl::string_view>, 4> kRoles = {
    {{Role::kAgent, "agent"},
     {Role::kViewer, "viewer"},
     {Role::kOperator, "operator"},
     {Role::kMaster, "master"}}};

std::string TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

// For sentences: gRPC's own messages are cut at ": ".
std::string Date(const ASN1_TIME* at) {
  tm parts{};
  if (ASN1_TIME_to_tm(at, &parts) != 1) return "an unknown date";
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromTM(parts, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

std::string CommonName(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "";
  return Shown(TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
}

std::string NameOf(const X509& certificate) {
  return CommonName(X509_get_subject_name(&certificate));
}

// The alternative names of one kind (GEN_URI, GEN_DNS), and for GEN_IPADD as text.
std::vector<std::string> AlternativeNames(const X509& certificate, int kind) {
  const OpenSslPtr<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> found;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != kind) continue;
    if (kind == GEN_IPADD) {
      const OpenSslPtr<BIO> text(BIO_new(BIO_s_mem()));
      GENERAL_NAME_print(text.get(), const_cast<GENERAL_NAME*>(name));  // "IP Address:10.0.0.1"
      char* data = nullptr;
      const long size = BIO_get_mem_data(text.get(), &data);
      found.emplace_back(
          absl::StripPrefix(absl::string_view(data, static_cast<size_t>(size)), "IP Address:"));
    } else {
      found.push_back(TextOf(name->d.ia5));
    }
  }
  return found;
}

CertificateOwner OwnerOf(const X509& certificate) {
  CertificateOwner owner;
  owner.name = NameOf(certificate);
  int roles = 0;
  for (const std::string& uri : AlternativeNames(certificate, GEN_URI)) {
    absl::string_view rest = uri;
    if (absl::ConsumePrefix(&rest, kRolePrefix)) {
      owner.role = ParseRole(rest);
      ++roles;
    } else if (absl::ConsumePrefix(&rest, kAgentPrefix)) {
      owner.agent_id = std::string(rest);
    }
  }
  if (roles > 1) owner.role.reset();
  return owner;
}

OpenSslPtr<X509> FirstOf(const std::string& chain) {
  const OpenSslPtr<BIO> bio = BioOf(chain);
  OpenSslPtr<X509> leaf = NextCertificate(bio.get());
  ERR_clear_error();
  return leaf;
}

absl::Status Unauthenticated(const X509& certificate, absl::string_view why) {
  return absl::UnauthenticatedError(
      absl::StrCat("the certificate '", NameOf(certificate), "' ", why));
}

absl::Status WhyNot(int error, const X509& leaf, const X509& at, CertificateUse use) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Unauthenticated(at, absl::StrCat("expired on ", Date(X509_get0_notAfter(&at))));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Unauthenticated(at, absl::StrCat("is valid only from ", Date(X509_get0_notBefore(&at)),
                                              ", is a clock wrong?"));
    case X509_V_ERR_INVALID_PURPOSE:
      return Unauthenticated(
          leaf, absl::StrCat("is not meant for ",
                             use == CertificateUse::kClient ? "whoever calls" : "a master"));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Unauthenticated(
          leaf, absl::StrCat("comes from another CA ('", CommonName(X509_get_issuer_name(&at)),
                             "') than the one in ca.pem"));
    default:
      return Unauthenticated(
          leaf, absl::StrCat("does not hold (", X509_verify_cert_error_string(error), ")"));
  }
}

}  // namespace

absl::string_view RoleName(Role role) {
  for (const auto& [known, name] : kRoles) {
    if (known == role) return name;
  }
  return "";
}

std::optional<Role> ParseRole(absl::string_view name) {
  for (const auto& [role, known] : kRoles) {
    if (known == name) return role;
  }
  return std::nullopt;
}

std::string RoleUri(Role role) {
  return absl::StrCat(kRolePrefix, RoleName(role));
}

std::string AgentUri(absl::string_view agent_id) {
  return absl::StrCat(kAgentPrefix, agent_id);
}

absl::StatusOr<TrustedAuthorities> TrustedAuthorities::Read(const std::string& pem,
                                                            absl::string_view where) {
  TrustedAuthorities trusted;
  trusted.store_.reset(X509_STORE_new());
  const OpenSslPtr<BIO> bio = BioOf(pem);
  int read = 0;
  while (OpenSslPtr<X509> certificate = NextCertificate(bio.get())) {
    X509_STORE_add_cert(trusted.store_.get(), certificate.get());
    ++read;
  }
  ERR_clear_error();  // the end of the text was one
  if (read > 0) return trusted;
  return absl::InvalidArgumentError(absl::StrCat(where, " holds no certificate in PEM form"));
}

absl::StatusOr<CertificateOwner> TrustedAuthorities::Verify(const std::string& chain,
                                                            CertificateUse use) const {
  const OpenSslPtr<BIO> bio = BioOf(chain);
  const OpenSslPtr<X509> leaf = NextCertificate(bio.get());
  if (leaf == nullptr) {
    return absl::UnauthenticatedError("what was shown is no certificate");
  }
  const OpenSslPtr<STACK_OF(X509)> between(sk_X509_new_null());
  while (OpenSslPtr<X509> above = NextCertificate(bio.get())) {
    sk_X509_push(between.get(), above.release());
  }
  const OpenSslPtr<X509_STORE_CTX> check(X509_STORE_CTX_new());
  X509_STORE_CTX_init(check.get(), store_.get(), leaf.get(), between.get());
  X509_STORE_CTX_set_purpose(check.get(), use == CertificateUse::kClient ? X509_PURPOSE_SSL_CLIENT
                                                                         : X509_PURPOSE_SSL_SERVER);
  const bool good = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  if (good) return OwnerOf(*leaf);
  const X509* at = X509_STORE_CTX_get_current_cert(check.get());
  if (at == nullptr) at = leaf.get();
  return WhyNot(X509_STORE_CTX_get_error(check.get()), *leaf, *at, use);
}

absl::Status CheckHost(const std::string& chain, const std::string& host) {
  const OpenSslPtr<X509> leaf = FirstOf(chain);
  if (leaf == nullptr) return absl::UnauthenticatedError("what was shown is no certificate");
  if (X509_check_ip_asc(leaf.get(), host.c_str(), 0) == 1 ||
      X509_check_host(leaf.get(), host.data(), host.size(), 0, nullptr) == 1) {
    return absl::OkStatus();
  }
  ERR_clear_error();  // a name is no address
  std::vector<std::string> names = AlternativeNames(*leaf, GEN_DNS);
  for (std::string& address : AlternativeNames(*leaf, GEN_IPADD)) {
    names.push_back(std::move(address));
  }
  return Unauthenticated(
      *leaf, absl::StrCat("is for ", Shown(absl::StrJoin(names, ", ")), ", not for ", host));
}

absl::Status CheckValidNow(const X509& certificate) {
  if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("expired on ", Date(X509_get0_notAfter(&certificate))));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0) {
    return absl::FailedPreconditionError(absl::StrCat("is valid only from ",
                                                      Date(X509_get0_notBefore(&certificate)),
                                                      ": is this machine's clock wrong?"));
  }
  return absl::OkStatus();
}

}  // namespace loadfleet
