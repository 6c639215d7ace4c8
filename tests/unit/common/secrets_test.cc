#include "common/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Secrets Of(const std::string& value) {
  Secrets secrets;
  secrets.Add(value);
  return secrets;
}

TEST(Secrets, AreHiddenWhereverTheyStand) {
  EXPECT_EQ(Of("s3cret").Hide("a s3cret, and s3cret"), "a ***, and ***");
  EXPECT_EQ(Of("s3cret").Hide("secret"), "secret");
  EXPECT_EQ(Secrets().Hide("anything"), "anything");
}

TEST(Secrets, AreHiddenInEveryFormThatAPlanMakesOfThem) {
  const Secrets secrets = Of("a\"b c/d\xc3\xa9");
  EXPECT_EQ(secrets.Hide("{\"k\":\"a\\\"b c/d\xc3\xa9\"}"), "{\"k\":\"***\"}") << "JSON";
  EXPECT_EQ(secrets.Hide("k=a%22b+c%2Fd%C3%A9"), "k=***") << "a form";
  EXPECT_EQ(secrets.Hide("/x?k=a%22b%20c%2Fd%C3%A9"), "/x?k=***") << "a URL";
  EXPECT_EQ(secrets.Hide("/x?k=a\"b%20c/d%C3%A9"), "/x?k=***") << "a request line";
  EXPECT_EQ(secrets.Hide("YSJiIGMvZMOp"), "***") << "base64";
}

TEST(Secrets, OfWhichOneIsPartOfAnotherAreHiddenWhole) {
  Secrets secrets = Of("token");
  secrets.Add("token-of-ada");
  EXPECT_EQ(secrets.Hide("token-of-ada and token"), "*** and ***");
}

TEST(Secrets, AreHiddenWhereAMessageHasCutThemShort) {
  const Secrets secrets = Of("a-long-secret");
  EXPECT_EQ(secrets.Hide("expected a rate, got \"x=a-long-s...\""),
            "expected a rate, got \"x=***...\"");
  EXPECT_EQ(secrets.Hide("and so on..."), "and so on...");
}

TEST(Secrets, AreHiddenInEveryTextOfAMessage) {
  v1::Plan plan;
  plan.set_name("n s3cret");
  (*plan.mutable_labels())["k"] = "s3cret";
  v1::Request& request =
      *plan.add_flows()->add_steps()->mutable_group()->add_steps()->mutable_request();
  request.set_body("x=s3cret");
  request.add_headers()->set_value("s3cret");
  Of("s3cret").HideIn(&plan);
  EXPECT_EQ(plan.name(), "n ***");
  EXPECT_EQ(plan.labels().at("k"), "***");
  EXPECT_THAT(plan.DebugString(), Not(HasSubstr("s3cret")));
}

TEST(Secrets, AreHiddenWhereABodyWasCutWithinThem) {
  v1::ExchangeRecord record;
  record.set_response_body("token=s3cr");
  Of("s3cret").HideIn(&record);
  EXPECT_EQ(record.response_body(), "token=***");
}

TEST(Secrets, AreHiddenInTheCredentialsThatAPlanMakesOfThem) {
  v1::Plan plan;
  v1::Header& header = *plan.add_flows()->add_steps()->mutable_request()->add_headers();
  header.set_name("Authorization");
  header.set_value("Basic YWRhOnMzY3JldA==");  // ada:s3cret
  Secrets secrets = Of("s3cret");
  secrets.AddCredentialsOf(plan);
  EXPECT_EQ(secrets.Hide("you sent Basic YWRhOnMzY3JldA=="), "you sent Basic ***");
}

TEST(APlanWithoutSecrets, HasNoKeysNoCredentialsAndNothingOfSetup) {
  v1::Plan plan;
  plan.mutable_tls()->set_key("private");
  (*plan.mutable_setup_values())["token"] = "t0ken";
  plan.add_secrets("API_KEY");
  v1::Header& header = *plan.add_flows()->add_steps()->mutable_request()->add_headers();
  header.set_name("authorization");
  header.set_value("Bearer abc");
  const v1::Plan shown = WithoutSecrets(plan, Of("API_KEY"));
  EXPECT_EQ(shown.tls().key(), "");
  EXPECT_TRUE(shown.setup_values().empty());
  EXPECT_EQ(shown.flows(0).steps(0).request().headers(0).value(), "(hidden)");
  EXPECT_EQ(shown.secrets(0), "API_KEY") << "a name is no secret";
}

}  // namespace
}  // namespace loadfleet
