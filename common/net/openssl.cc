#include "common/net/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace loadfleet {

std::string OpenSslError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

OpenSslPtr<BIO> BioOf(const std::string& pem) {
  return OpenSslPtr<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

OpenSslPtr<X509> NextCertificate(BIO* bio) {
  return OpenSslPtr<X509>(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

OpenSslPtr<EVP_PKEY> ReadPrivateKey(BIO* bio) {
  return OpenSslPtr<EVP_PKEY>(PEM_read_bio_PrivateKey(
      bio, nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
}

}  // namespace loadfleet
