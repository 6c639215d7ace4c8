#include "common/sha256.h"

#include <openssl/evp.h>

namespace loadfleet {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_, EVP_sha256(), nullptr);
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
}

void Sha256::Add(absl::string_view bytes) {
  EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

std::string Sha256::Finish() {
  std::string sum(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(sum.data()), &size);
  sum.resize(size);
  return sum;
}

}  // namespace loadfleet
