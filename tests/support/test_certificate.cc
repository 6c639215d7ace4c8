#include "tests/support/test_certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstring>

namespace loadfleet {
namespace {

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

TestCertificate::TestCertificate(const Options& options)
    : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
  static long serial = 0;
  X509* certificate = certificate_.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  const long day = 24L * 3'600;
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), options.valid_for_s);
  X509_set_pubkey(certificate, key_.get());
  const std::string name = "test " + std::to_string(serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const TestCertificate& signer = options.signer == nullptr ? *this : *options.signer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate_.get()));
  AddExtension(certificate, NID_subject_alt_name, options.names);
  if (options.signer == nullptr) AddExtension(certificate, NID_basic_constraints, "CA:TRUE");
  X509_sign(certificate, signer.key_.get(), EVP_sha256());
}

std::string TestCertificate::CertificatePem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate_.get());
  return Text(bio);
}

std::string TestCertificate::KeyPem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio);
}

SSL_CTX* TestCertificate::ServerContext(const std::string& alpn,
                                        const TestCertificate* client_authority) const {
  absl::MutexLock lock(&mutex_);
  if (context_ != nullptr) return context_.get();
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = context_.get();
  SSL_CTX_use_certificate(context, certificate_.get());
  SSL_CTX_use_PrivateKey(context, key_.get());
  const unsigned char id[] = "test";
  SSL_CTX_set_session_id_context(context, id, sizeof id);
  if (client_authority != nullptr) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), client_authority->certificate_.get());
  }
  alpn_ = alpn;
  if (!alpn.empty()) {
    SSL_CTX_set_alpn_select_cb(
        context,
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
           unsigned in_size, void* self) {
          const std::string& known = *static_cast<const std::string*>(self);
          for (unsigned at = 0; at < in_size; at += in[at] + 1U) {
            if (in[at] == known.size() && memcmp(in + at + 1, known.data(), known.size()) == 0) {
              *out = in + at + 1;
              *size = in[at];
              return SSL_TLSEXT_ERR_OK;
            }
          }
          return SSL_TLSEXT_ERR_NOACK;
        },
        &alpn_);
  }
  return context;
}

}  // namespace loadfleet
