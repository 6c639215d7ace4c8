// OpenSSL's counted references as unique_ptr, and what its callers do with PEM texts.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace loadfleet {

struct OpenSslDelete {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* check) const { X509_STORE_CTX_free(check); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(STACK_OF(X509) * certificates) const {
    sk_X509_pop_free(certificates, X509_free);
  }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDelete>;

// The newest error of this thread's queue, which is emptied.
std::string OpenSslError();

// To read from; `pem` must outlive it.
OpenSslPtr<BIO> BioOf(const std::string& pem);

// Null at the end of the text, or when what comes is none (which leaves an error in the queue).
OpenSslPtr<X509> NextCertificate(BIO* bio);
// Likewise; null too when it takes a password, since nobody is there to be asked.
OpenSslPtr<EVP_PKEY> ReadPrivateKey(BIO* bio);

}  // namespace loadfleet
