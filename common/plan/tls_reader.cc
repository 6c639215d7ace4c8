#include "common/plan/tls_reader.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {
namespace {

struct Delete {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::unique_ptr<BIO, Delete> Memory(const std::string& text) {
  return std::unique_ptr<BIO, Delete>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::unique_ptr<X509, Delete> FirstCertificate(const std::string& text) {
  const auto bio = Memory(text);
  std::unique_ptr<X509, Delete> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

std::unique_ptr<EVP_PKEY, Delete> PrivateKey(const std::string& text) {
  const auto bio = Memory(text);
  // Nobody is there to be asked for a password.
  std::unique_ptr<EVP_PKEY, Delete> key(PEM_read_bio_PrivateKey(
      bio.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  ERR_clear_error();
  return key;
}

struct File {
  std::string text;
  Place place;
};

File ReadFile(MapReader& map, absl::string_view key, PlanFiles* files) {
  const Node* name = map.Text(key, "a file's name");
  if (name == nullptr) return {};
  const std::string* text = files->Find(name->text);
  if (text == nullptr) {
    map.Add(key, name->place, absl::StrCat("the file ", Quoted(name->text), " cannot be read"));
    return {};
  }
  if (text->size() > limits::kPlanFileBytes) {
    map.Add(key, name->place,
            absl::StrCat("the file ", Quoted(name->text), " has more than ", limits::kPlanFileBytes,
                         " bytes"));
    return {};
  }
  return {*text, name->place};
}

void CheckCertificate(MapReader& map, absl::string_view key, const File& file) {
  if (file.text.empty() || FirstCertificate(file.text) != nullptr) return;
  map.Add(key, file.place, "no certificate in PEM (-----BEGIN CERTIFICATE-----) is in this file");
}

void CheckKey(MapReader& map, const File& cert, const File& key) {
  if (key.text.empty()) return;
  const auto read = PrivateKey(key.text);
  if (read == nullptr) {
    map.Add("key", key.place, "no private key in PEM without a password is in this file");
    return;
  }
  const auto certificate = FirstCertificate(cert.text);
  if (certificate != nullptr && X509_check_private_key(certificate.get(), read.get()) != 1) {
    map.Add("key", key.place, "this key does not belong to the certificate in `cert`");
  }
  ERR_clear_error();
}

}  // namespace

v1::TlsPolicy ReadTls(MapReader map, PlanFiles* files) {
  static constexpr Choice<v1::TlsVersion> kVersions[] = {{"1.2", v1::TLS_VERSION_1_2},
                                                         {"1.3", v1::TLS_VERSION_1_3}};
  v1::TlsPolicy tls;
  const File ca = ReadFile(map, "ca", files);
  const File cert = ReadFile(map, "cert", files);
  const File key = ReadFile(map, "key", files);
  CheckCertificate(map, "ca", ca);
  CheckCertificate(map, "cert", cert);
  CheckKey(map, cert, key);
  if (map.Has("cert")) map.Require("key", "key: client.key");
  if (map.Has("key")) map.Require("cert", "cert: client.pem");
  tls.set_ca(ca.text);
  tls.set_cert(cert.text);
  tls.set_key(key.text);
  if (const Node* name = map.Text("server_name", "a host name")) {
    if (CheckName("`server_name`", name->text, name->place, map.problems())) {
      tls.set_server_name(name->text);
    }
  }
  tls.set_insecure(map.Bool("insecure").value_or(false));
  tls.set_resume(map.Bool("resume").value_or(true));
  tls.set_min_version(
      map.OneOf<v1::TlsVersion>("min_version", kVersions).value_or(v1::TLS_VERSION_UNSPECIFIED));
  tls.set_max_version(
      map.OneOf<v1::TlsVersion>("max_version", kVersions).value_or(v1::TLS_VERSION_UNSPECIFIED));
  if (tls.min_version() == v1::TLS_VERSION_1_3 && tls.max_version() == v1::TLS_VERSION_1_2) {
    map.Refuse({"max_version"}, "lies below `min_version`");
  }
  map.Finish();
  return tls;
}

}  // namespace loadfleet
