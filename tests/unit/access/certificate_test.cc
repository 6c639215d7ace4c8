#include "common/net/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadctl/certs/certificate_authority.h"
#include "tests/support/test_certificate.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

CertificateAuthority NewAuthority() {
  return *CertificateAuthority::Create(10);
}

TrustedAuthorities Trusting(const CertificateAuthority& authority) {
  return *TrustedAuthorities::Read(authority.pair().certificate, "ca.pem");
}

std::string WhyNot(const absl::StatusOr<CertificateOwner>& owner) {
  EXPECT_EQ(owner.status().code(), absl::StatusCode::kUnauthenticated);
  return std::string(owner.status().message());
}

TEST(Certificate, SaysWhoItsOwnerIs) {
  const CertificateAuthority authority = NewAuthority();
  CertificateRequest request;
  request.name = "load generator, first";
  request.role = Role::kAgent;
  request.agent_id = "a1";
  const auto owner =
      Trusting(authority).Verify(authority.Issue(request)->certificate, CertificateUse::kClient);
  ASSERT_TRUE(owner.ok()) << owner.status();
  EXPECT_EQ(owner->name, "load generator, first");
  EXPECT_EQ(owner->role, Role::kAgent);
  EXPECT_EQ(owner->agent_id, "a1");
}

TEST(Certificate, OfEachRoleIsForThisRoleAndNoOtherUse) {
  const CertificateAuthority authority = NewAuthority();
  const TrustedAuthorities trusted = Trusting(authority);
  for (const Role role : {Role::kAgent, Role::kViewer, Role::kOperator, Role::kMaster}) {
    CertificateRequest request;
    request.name = std::string(RoleName(role));
    request.role = role;
    const std::string pem = authority.Issue(request)->certificate;
    const bool server = role == Role::kMaster;
    const auto right =
        trusted.Verify(pem, server ? CertificateUse::kServer : CertificateUse::kClient);
    ASSERT_TRUE(right.ok()) << right.status();
    EXPECT_EQ(right->role, role);
    EXPECT_EQ(right->agent_id, "");
    EXPECT_THAT(
        WhyNot(trusted.Verify(pem, server ? CertificateUse::kClient : CertificateUse::kServer)),
        HasSubstr("is not meant for"));
  }
}

TEST(Certificate, OfAnotherCaIsNotBelievedAndTheCaIsNamed) {
  const CertificateAuthority authority = NewAuthority();
  CertificateRequest request;
  request.name = "alice";
  const std::string pem = NewAuthority().Issue(request)->certificate;
  EXPECT_THAT(WhyNot(Trusting(authority).Verify(pem, CertificateUse::kClient)),
              AllOf(HasSubstr("'alice' comes from another CA ('loadfleet CA "), HasSubstr("ca.pem"),
                    Not(HasSubstr(": "))));
}

TEST(Certificate, ThatHasExpiredSaysWhen) {
  const CertificateAuthority authority = NewAuthority();
  CertificateRequest request;
  request.name = "alice";
  request.days = -1;
  const std::string pem = authority.Issue(request)->certificate;
  EXPECT_THAT(WhyNot(Trusting(authority).Verify(pem, CertificateUse::kClient)),
              AllOf(HasSubstr("'alice' expired on 20"), HasSubstr("UTC"), Not(HasSubstr(": "))));
}

TEST(Certificate, WithoutARoleHasNone) {
  const TestCertificate authority;
  TestCertificate::Options options;
  options.signer = &authority;
  const auto trusted = TrustedAuthorities::Read(authority.CertificatePem(), "ca.pem");
  const auto owner =
      trusted->Verify(TestCertificate(options).CertificatePem(), CertificateUse::kClient);
  ASSERT_TRUE(owner.ok()) << owner.status();
  EXPECT_EQ(owner->role, std::nullopt);
}

TEST(Certificate, WithTwoRolesHasNone) {
  const TestCertificate authority;
  TestCertificate::Options options;
  options.signer = &authority;
  options.names = "URI:loadfleet://role/operator,URI:loadfleet://role/agent";
  const auto trusted = TrustedAuthorities::Read(authority.CertificatePem(), "ca.pem");
  const auto owner =
      trusted->Verify(TestCertificate(options).CertificatePem(), CertificateUse::kClient);
  ASSERT_TRUE(owner.ok()) << owner.status();
  EXPECT_EQ(owner->role, std::nullopt);
}

TEST(Certificate, NamesHosts) {
  const CertificateAuthority authority = NewAuthority();
  CertificateRequest request;
  request.name = "master";
  request.role = Role::kMaster;
  request.hosts = {"master.internal", "10.0.0.5", "fd00::5"};
  const std::string pem = authority.Issue(request)->certificate;
  for (const char* host : {"master.internal", "10.0.0.5", "fd00::5"}) {
    EXPECT_TRUE(CheckHost(pem, host).ok()) << host;
  }
  const absl::Status other = CheckHost(pem, "10.0.0.6");
  EXPECT_EQ(other.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(other.message()),
              AllOf(HasSubstr("master.internal, 10.0.0.5"), HasSubstr("not for 10.0.0.6")));
}

TEST(Certificate, CannotHoldWhatIsNoName) {
  CertificateRequest request;
  request.name = std::string(65, 'x');
  EXPECT_EQ(NewAuthority().Issue(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.name = "";
  EXPECT_EQ(NewAuthority().Issue(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Certificate, IsNotWhateverStandsThere) {
  const CertificateAuthority authority = NewAuthority();
  EXPECT_THAT(WhyNot(Trusting(authority).Verify("hello", CertificateUse::kClient)),
              HasSubstr("no certificate"));
  EXPECT_EQ(TrustedAuthorities::Read("hello", "x/ca.pem").status(),
            absl::InvalidArgumentError("x/ca.pem holds no certificate in PEM form"));
}

}  // namespace
}  // namespace loadfleet
