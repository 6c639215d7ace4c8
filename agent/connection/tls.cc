#include "agent/connection/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", OpenSslError()));
}

absl::StatusOr<OpenSslPtr<X509_STORE>> Authorities(const std::string& pem) {
  OpenSslPtr<X509_STORE> store(X509_STORE_new());
  if (pem.empty()) {
    // Without the system's store nothing can be verified, which each connection then says.
    X509_STORE_set_default_paths(store.get());
    return store;
  }
  const OpenSslPtr<BIO> bio = BioOf(pem);
  int read = 0;
  while (OpenSslPtr<X509> certificate = NextCertificate(bio.get())) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return Invalid("tls.ca");
    ++read;
  }
  if (read == 0) return Invalid("tls.ca holds no certificate");
  ERR_clear_error();  // the end of the text was one
  return store;
}

absl::StatusOr<OpenSslPtr<SSL_CTX>> Own(const v1::TlsPolicy& policy) {
  OpenSslPtr<SSL_CTX> own(SSL_CTX_new(TLS_client_method()));
  const OpenSslPtr<BIO> chain = BioOf(policy.cert());
  const OpenSslPtr<X509> leaf = NextCertificate(chain.get());
  if (leaf == nullptr) return Invalid("tls.cert holds no certificate");
  if (SSL_CTX_use_certificate(own.get(), leaf.get()) != 1) return Invalid("tls.cert");
  while (OpenSslPtr<X509> above = NextCertificate(chain.get())) {
    if (SSL_CTX_add1_chain_cert(own.get(), above.get()) != 1) return Invalid("tls.cert");
  }
  ERR_clear_error();
  const OpenSslPtr<BIO> bio = BioOf(policy.key());
  const OpenSslPtr<EVP_PKEY> key = ReadPrivateKey(bio.get());
  if (key == nullptr) return Invalid("tls.key holds no private key without a password");
  if (SSL_CTX_use_PrivateKey(own.get(), key.get()) != 1) {
    return Invalid("tls.key does not belong to tls.cert");
  }
  return own;
}

int VersionNumber(v1::TlsVersion version) {
  switch (version) {
    case v1::TLS_VERSION_1_2:
      return TLS1_2_VERSION;
    case v1::TLS_VERSION_1_3:
      return TLS1_3_VERSION;
    default:
      return 0;  // OpenSSL's word for its own lowest or highest
  }
}

bool IsAddress(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

void Offer(SSL_CTX* context, AlpnOffer offer) {
  static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
  static constexpr unsigned kHttp2Bytes = 3;
  static constexpr unsigned kHttp1Bytes = 9;
  switch (offer) {
    case AlpnOffer::kHttp1:
      SSL_CTX_set_alpn_protos(context, kBoth + kHttp2Bytes, kHttp1Bytes);
      break;
    case AlpnOffer::kHttp2:
      SSL_CTX_set_alpn_protos(context, kBoth, kHttp2Bytes);
      break;
    case AlpnOffer::kBoth:
      SSL_CTX_set_alpn_protos(context, kBoth, kHttp2Bytes + kHttp1Bytes);
      break;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsMaterial>> TlsMaterial::Read(const v1::TlsPolicy& policy) {
  auto material = std::unique_ptr<TlsMaterial>(new TlsMaterial(policy));
  if (!policy.insecure()) {
    auto authorities = Authorities(policy.ca());
    if (!authorities.ok()) return authorities.status();
    material->authorities_ = *std::move(authorities);
  }
  if (!policy.cert().empty()) {
    auto own = Own(policy);
    if (!own.ok()) return own.status();
    material->own_ = *std::move(own);
  }
  return material;
}

TlsClient::TlsClient(const TlsMaterial& material, const std::string& host, AlpnOffer offer)
    : context_(SSL_CTX_new(TLS_client_method())),
      name_(material.policy_.server_name().empty() ? host : material.policy_.server_name()),
      address_(IsAddress(name_)),
      resume_(material.policy_.resume()) {
  SSL_CTX* context = context_.get();
  const v1::TlsPolicy& policy = material.policy_;
  SSL_CTX_set_min_proto_version(context, VersionNumber(policy.min_version()));
  SSL_CTX_set_max_proto_version(context, VersionNumber(policy.max_version()));
  // A waiting connection owns no buffer. Servers that end without close_notify are many, and what
  // is missing then the framing of HTTP tells.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(
      context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (material.authorities_ != nullptr) {
    SSL_CTX_set1_cert_store(context, material.authorities_.get());
  }
  SSL_CTX_set_verify(context, policy.insecure() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (material.own_ != nullptr) {
    SSL_CTX* own = material.own_.get();
    SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(own));
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(own, &chain);
    if (chain != nullptr) SSL_CTX_set1_chain(context, chain);
    SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(own));
  }
  Offer(context, offer);
  SSL_CTX_set_session_cache_mode(
      context, resume_ ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
  if (!resume_) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_sess_set_new_cb(context, &TlsClient::KeepSession);
}

int TlsClient::KeepSession(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  self->session_.reset(session);
  return 1;  // the reference is ours now
}

OpenSslPtr<SSL> TlsClient::NewConnection() {
  OpenSslPtr<SSL> ssl(SSL_new(context_.get()));
  if (ssl == nullptr) return ssl;
  SSL_set_connect_state(ssl.get());
  if (address_) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name_.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl.get(), name_.c_str());
    SSL_set1_host(ssl.get(), name_.c_str());
  }
  if (resume_ && session_ != nullptr) SSL_set_session(ssl.get(), session_.get());
  return ssl;
}

}  // namespace loadfleet
