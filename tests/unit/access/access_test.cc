#include "master/access/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "loadctl/certs/certificate_authority.h"
#include "master/access/audit.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kNear[] = "ipv4:127.0.0.1:4711";
constexpr char kFar[] = "ipv4:10.1.2.3:4711";
// printf sesame | sha256sum
constexpr char kSesame[] = "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272";

class AccessTest : public testing::Test {
 protected:
  AccessTest() : authority_(*CertificateAuthority::Create(10)) {
    auto logger = std::make_shared<spdlog::logger>(
        "audit", std::make_shared<spdlog::sinks::ostream_sink_mt>(audit_));
    logger->set_pattern("%v");
    spdlog::register_logger(std::move(logger));
  }
  ~AccessTest() override { spdlog::drop("audit"); }

  Access With(bool tls, bool tokens) const {
    Access::Options options;
    if (tls) options.trusted = *TrustedAuthorities::Read(authority_.pair().certificate, "ca.pem");
    if (tokens) options.tokens = *Tokens::Parse(absl::StrCat("ci operator ", kSesame), "tokens");
    return Access(std::move(options));
  }

  Credentials Certificate(Role role, const std::string& agent_id = "", int64_t days = 5) const {
    CertificateRequest request;
    request.name = absl::StrCat("the ", RoleName(role));
    request.role = role;
    request.agent_id = agent_id;
    request.days = days;
    Credentials credentials;
    credentials.peer = kFar;
    credentials.encrypted = true;
    credentials.chain = authority_.Issue(request)->certificate;
    return credentials;
  }

  static Credentials Plain(const std::string& peer, const std::string& authorization = "") {
    Credentials credentials;
    credentials.peer = peer;
    credentials.authorization = authorization;
    return credentials;
  }

  int Lines() const {
    const std::string text = audit_.str();
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  // One audit line, which says no less than the caller is told.
  void ExpectRefused(const absl::StatusOr<Caller>& caller, absl::StatusCode code,
                     const std::string& why) {
    EXPECT_EQ(caller.status().code(), code) << caller.status();
    EXPECT_THAT(std::string(caller.status().message()), HasSubstr(why));
    EXPECT_EQ(Lines(), 1) << audit_.str();
    EXPECT_THAT(audit_.str(), HasSubstr(why));
    audit_.str("");
  }

  const CertificateAuthority authority_;
  std::ostringstream audit_;
};

TEST_F(AccessTest, ACertificateMayWhatItsRoleMay) {
  const Access access = With(true, false);
  const auto caller = access.Admit(Certificate(Role::kOperator), "Api.Submit");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "certificate the operator");
  EXPECT_EQ(caller->peer, kFar);
  EXPECT_TRUE(access.Admit(Certificate(Role::kViewer), "Api.Watch").ok());
  EXPECT_TRUE(access.Admit(Certificate(Role::kAgent), "Fleet.Control").ok());
  EXPECT_EQ(Lines(), 0);
}

TEST_F(AccessTest, ACertificateMayNothingElse) {
  const Access access = With(true, false);
  ExpectRefused(access.Admit(Certificate(Role::kAgent), "Api.Submit"),
                absl::StatusCode::kPermissionDenied, "role agent and may not call Api.Submit");
  ExpectRefused(access.Admit(Certificate(Role::kOperator), "Fleet.Control"),
                absl::StatusCode::kPermissionDenied, "that takes role agent");
  ExpectRefused(access.Admit(Certificate(Role::kViewer), "Api.Stop"),
                absl::StatusCode::kPermissionDenied, "that takes role operator");
  ExpectRefused(access.Admit(Certificate(Role::kOperator), "Api.Unheard"),
                absl::StatusCode::kPermissionDenied, "that takes no role");
}

TEST_F(AccessTest, WhoeverIsNotKnownIsRefused) {
  const Access access = With(true, false);
  Credentials nobody = Certificate(Role::kOperator);
  nobody.chain.clear();
  ExpectRefused(access.Admit(nobody, "Api.ListRuns"), absl::StatusCode::kUnauthenticated,
                "asks for a certificate");
  ExpectRefused(access.Admit(Certificate(Role::kOperator, "", -1), "Api.ListRuns"),
                absl::StatusCode::kUnauthenticated, "expired on");
  // A master's is not for callers, so that who has stolen it cannot submit with it.
  ExpectRefused(access.Admit(Certificate(Role::kMaster), "Api.ListRuns"),
                absl::StatusCode::kUnauthenticated, "is not meant for");
  Credentials foreign = Certificate(Role::kOperator);
  CertificateRequest request;
  request.name = "mallory";
  request.role = Role::kOperator;
  foreign.chain = CertificateAuthority::Create(10)->Issue(request)->certificate;
  ExpectRefused(access.Admit(foreign, "Api.ListRuns"), absl::StatusCode::kUnauthenticated,
                "from another CA");
}

TEST_F(AccessTest, ATokenStandsForItsHolder) {
  const Access access = With(true, true);
  Credentials credentials = Plain(kFar, "Bearer sesame");
  credentials.encrypted = true;
  const auto caller = access.Admit(credentials, "Api.Submit");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "token ci");
  ExpectRefused(access.Admit(credentials, "Fleet.Windows"), absl::StatusCode::kPermissionDenied,
                "token ci has role operator");
}

TEST_F(AccessTest, ATokenDecidesAlsoBesideACertificate) {
  const Access access = With(true, true);
  Credentials credentials = Certificate(Role::kOperator);
  credentials.authorization = "Bearer wrong";
  ExpectRefused(access.Admit(credentials, "Api.Submit"), absl::StatusCode::kUnauthenticated,
                "does not know the token");
}

TEST_F(AccessTest, ATokenIsNotTakenInTheClearFromAfar) {
  const Access access = With(false, true);
  EXPECT_TRUE(access.Admit(Plain(kNear, "Bearer sesame"), "Api.Submit").ok());
  EXPECT_TRUE(access.Admit(Plain("ipv6:%5B::1%5D:4711", "Bearer sesame"), "Api.Submit").ok());
  ExpectRefused(access.Admit(Plain(kFar, "Bearer sesame"), "Api.Submit"),
                absl::StatusCode::kUnauthenticated, "only over TLS or on loopback");
  ExpectRefused(access.Admit(Plain("ipv4:127x", "Bearer sesame"), "Api.Submit"),
                absl::StatusCode::kUnauthenticated, "only over TLS");
}

TEST_F(AccessTest, ATokenIsNeverWrittenDown) {
  const Access access = With(false, true);
  EXPECT_FALSE(access.Admit(Plain(kNear, "Bearer hush-hush"), "Api.Submit").ok());
  EXPECT_FALSE(access.Admit(Plain(kNear, "hush-hush"), "Api.Submit").ok());
  EXPECT_THAT(audit_.str(), Not(HasSubstr("hush-hush")));
}

TEST_F(AccessTest, AMasterWithoutTokensSaysSo) {
  ExpectRefused(With(false, false).Admit(Plain(kNear, "Bearer sesame"), "Api.Submit"),
                absl::StatusCode::kUnauthenticated, "knows no tokens");
}

TEST_F(AccessTest, WithoutTlsOnlyPeopleCanBeAskedForTokens) {
  const Access open = With(false, false);
  EXPECT_TRUE(open.Admit(Plain(kFar), "Api.Submit").ok());
  EXPECT_TRUE(open.Admit(Plain(kFar), "Fleet.Control").ok());
  const Access asks = With(false, true);
  EXPECT_TRUE(asks.Admit(Plain(kNear), "Fleet.Control").ok());
  ExpectRefused(asks.Admit(Plain(kNear), "Api.ListRuns"), absl::StatusCode::kUnauthenticated,
                "asks for a token");
}

TEST_F(AccessTest, ThisProcessMayEverythingAndIsNotWrittenDown) {
  Access::Options options;
  options.network = false;
  const auto caller = Access(std::move(options)).Admit(Plain("unknown"), "Api.Submit");
  ASSERT_TRUE(caller.ok()) << caller.status();
  Audit(*caller, "Api.Submit", {{"run", "r-0001"}}, absl::OkStatus());
  EXPECT_EQ(Lines(), 0);
}

TEST_F(AccessTest, ACertificateOfOneAgentIsForNoOther) {
  const Access access = With(true, false);
  const auto bound = access.Admit(Certificate(Role::kAgent, "a1"), "Fleet.Control");
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_TRUE(Access::AdmitAgent(*bound, "a1").ok());
  EXPECT_EQ(Lines(), 0);
  const absl::Status other = Access::AdmitAgent(*bound, "a2");
  EXPECT_EQ(other.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(other.message()), AllOf(HasSubstr("\"a1\""), HasSubstr("\"a2\"")));
  EXPECT_EQ(Lines(), 1);
  const auto any = access.Admit(Certificate(Role::kAgent), "Fleet.Control");
  EXPECT_TRUE(Access::AdmitAgent(*any, "whoever").ok());
}

TEST_F(AccessTest, AnAuditLineHasItsFields) {
  Caller caller;
  caller.name = "certificate eve\"\nresult=\"ok";
  caller.peer = kFar;
  Audit(caller, "Api.Stop", {{"run", "r-0001"}}, absl::OkStatus());
  EXPECT_EQ(audit_.str(),
            "who=\"certificate eve\\\"\\nresult=\\\"ok\" peer=\"ipv4:10.1.2.3:4711\" "
            "what=\"Api.Stop\" run=\"r-0001\" result=\"ok\"\n");
}

}  // namespace
}  // namespace loadfleet
