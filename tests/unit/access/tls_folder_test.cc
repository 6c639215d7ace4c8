#include "common/net/tls_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadctl/certs/certificate_authority.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsFolderTest : public testing::Test {
 protected:
  TlsFolderTest() : authority_(*CertificateAuthority::Create(10)) {}

  KeyPair Issue(int64_t days) const {
    CertificateRequest request;
    request.name = "alice";
    request.days = days;
    return *authority_.Issue(request);
  }

  void Write(const KeyPair& pair) {
    folder_.Write("ca.pem", authority_.pair().certificate);
    folder_.Write("cert.pem", pair.certificate);
    folder_.Write("key.pem", pair.key);
  }

  std::string Path(const std::string& name) const { return folder_.path() / name; }

  absl::StatusOr<TlsFolder> Read(OwnCertificate own = OwnCertificate::kNeeded) const {
    return ReadTlsFolder(folder_.path(), own);
  }

  std::string WhyNot() const { return std::string(Read().status().message()); }

  const CertificateAuthority authority_;
  TemporaryDirectory folder_;
};

TEST_F(TlsFolderTest, IsRead) {
  Write(Issue(10));
  const absl::StatusOr<TlsFolder> folder = Read();
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->ca, authority_.pair().certificate);
  EXPECT_EQ(folder->certificate_file, Path("cert.pem"));
  EXPECT_EQ(folder->key_file, Path("key.pem"));
}

TEST_F(TlsFolderTest, NamesTheFileThatIsMissing) {
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr(Path("ca.pem")), HasSubstr("No such file")));
  folder_.Write("ca.pem", authority_.pair().certificate);
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr(Path("cert.pem")), HasSubstr("No such file")));
  folder_.Write("cert.pem", Issue(10).certificate);
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr(Path("key.pem")), HasSubstr("No such file")));
}

TEST_F(TlsFolderTest, NamesTheFileThatIsSomethingElse) {
  const KeyPair pair = Issue(10);
  Write(pair);
  folder_.Write("ca.pem", "hello");
  EXPECT_THAT(WhyNot(), HasSubstr(Path("ca.pem") + " holds no certificate"));
  Write({pair.key, pair.key});
  EXPECT_THAT(WhyNot(), HasSubstr(Path("cert.pem") + " holds no certificate"));
  Write({pair.certificate, pair.certificate});
  EXPECT_THAT(WhyNot(), HasSubstr(Path("key.pem") + " holds no private key"));
}

TEST_F(TlsFolderTest, TellsAKeyOfAnotherCertificate) {
  Write({Issue(10).certificate, Issue(10).key});
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr(Path("key.pem")), HasSubstr("does not belong to")));
}

TEST_F(TlsFolderTest, TellsACertificateThatHasExpired) {
  Write(Issue(-3));
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(WhyNot(), HasSubstr(Path("cert.pem") + " expired on 20"));
}

TEST_F(TlsFolderTest, MayHoldNoCertificateForWhoeverHasAToken) {
  folder_.Write("ca.pem", authority_.pair().certificate);
  const absl::StatusOr<TlsFolder> folder = Read(OwnCertificate::kOptional);
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->certificate_file, "");
  // Half of one is a mistake all the same.
  folder_.Write("cert.pem", Issue(10).certificate);
  EXPECT_FALSE(Read(OwnCertificate::kOptional).ok());
}

}  // namespace
}  // namespace loadfleet
