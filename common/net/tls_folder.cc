#include "common/net/tls_folder.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/files.h"

namespace loadfleet {
namespace {

absl::StatusOr<std::string> Pem(const std::string& path) {
  absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
  return text;
}

absl::Status CheckPair(const TlsFolder& folder) {
  const absl::StatusOr<std::string> certificate = Pem(folder.certificate_file);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> key_text = Pem(folder.key_file);
  if (!key_text.ok()) return key_text.status();

  const OpenSslPtr<X509> leaf = NextCertificate(BioOf(*certificate).get());
  if (leaf == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.certificate_file, " holds no certificate: ", OpenSslError()));
  }
  const OpenSslPtr<EVP_PKEY> key = ReadPrivateKey(BioOf(*key_text).get());
  if (key == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        folder.key_file, " holds no private key without a password: ", OpenSslError()));
  }
  if (X509_check_private_key(leaf.get(), key.get()) != 1) {
    OpenSslError();
    return absl::InvalidArgumentError(absl::StrCat(
        "the key in ", folder.key_file, " does not belong to ", folder.certificate_file));
  }
  if (absl::Status status = CheckValidNow(*leaf); !status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate in ", folder.certificate_file, " ", status.message()));
  }
  return absl::OkStatus();
}

bool IsThere(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

absl::StatusOr<TlsFolder> ReadTlsFolder(const std::string& folder, OwnCertificate own) {
  TlsFolder files;
  files.ca_file = absl::StrCat(folder, "/ca.pem");
  absl::StatusOr<std::string> ca = Pem(files.ca_file);
  if (!ca.ok()) return ca.status();
  files.ca = *std::move(ca);
  if (absl::Status status = TrustedAuthorities::Read(files.ca, files.ca_file).status();
      !status.ok()) {
    return status;
  }
  files.certificate_file = absl::StrCat(folder, "/cert.pem");
  files.key_file = absl::StrCat(folder, "/key.pem");
  if (own == OwnCertificate::kOptional && !IsThere(files.certificate_file) &&
      !IsThere(files.key_file)) {
    files.certificate_file.clear();
    files.key_file.clear();
    return files;
  }
  if (absl::Status status = CheckPair(files); !status.ok()) return status;
  return files;
}

}  // namespace loadfleet
