// Who may do what, with real processes: whoever is refused is told why and leaves one line in the
// audit log, and nothing has changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/net/rpc_channel.h"
#include "common/net/rpc_credentials.h"
#include "loadctl/certs/certificate_authority.h"
#include "loadfleet/v1/api.grpc.pb.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What `loadctl certs init` makes.
class Certificates {
 public:
  explicit Certificates(const std::string& agents = "a1,a2") {
    const Completed made = Loadctl(
        {"certs", "init", "--out", path(), "--master", "127.0.0.1,localhost", "--agents", agents});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    output_ = made.out;
  }

  std::string path() const { return directory_.path() / "certs"; }
  std::string folder(const std::string& name) const { return path() + "/" + name; }
  const std::string& output() const { return output_; }

  // A folder of its own that holds an own certificate beside the ca.pem of another folder.
  std::string Mixed(const KeyPair& own, const std::string& ca_of) const {
    const std::filesystem::path mixed = directory_.path() / "mixed";
    std::filesystem::create_directory(mixed);
    std::filesystem::copy_file(folder(ca_of) + "/ca.pem", mixed / "ca.pem",
                               std::filesystem::copy_options::overwrite_existing);
    directory_.Write("mixed/cert.pem", own.certificate);
    directory_.Write("mixed/key.pem", own.key);
    return mixed;
  }

 private:
  TemporaryDirectory directory_;
  std::string output_;
};

// An operator's certificate of a CA that nobody here trusts.
KeyPair Foreign() {
  CertificateRequest request;
  request.name = "mallory";
  request.role = Role::kOperator;
  return *CertificateAuthority::Create(10)->Issue(request);
}

// Those that there are when `count` have come by the pipe: an answer may be here before its line.
std::vector<std::string> AuditLines(const Process& process, size_t count) {
  std::vector<std::string> lines;
  (void)Eventually([&] {
    lines.clear();
    for (absl::string_view line : absl::StrSplit(process.err(), '\n', absl::SkipEmpty())) {
      if (line.find(" audit: ") != line.npos) lines.emplace_back(line);
    }
    return lines.size() >= count;
  });
  return lines;
}

// One agent, and a master whose audit log is looked at.
class SecureFleet : public testing::Test {
 protected:
  SecureFleet() : cluster_(1, certificates_.path()) {}

  Completed LoadctlWith(const std::string& folder, std::vector<std::string> words,
                        std::map<std::string, std::string> environment = {}) const {
    words.insert(words.begin(), {"--master", cluster_.master().address(), "--tls", folder});
    return Loadctl(std::move(words), std::move(environment));
  }

  std::vector<std::string> Submit() const {
    return {"submit", "--url",  cluster_.target().url() + "/ping", "--rate", "10", "--duration",
            "1s",     "--quiet"};
  }

  // One line, and nothing else has happened.
  void ExpectOneLine(const std::vector<std::string>& parts) {
    const std::vector<std::string> lines = AuditLines(cluster_.master().process(), 1);
    ASSERT_EQ(lines.size(), 1u) << cluster_.master().process().err();
    for (const std::string& part : parts) EXPECT_THAT(lines.front(), HasSubstr(part));
    EXPECT_EQ(json::parse(cluster_.Loadctl({"runs", "--json"}).out), json::array());
    EXPECT_EQ(json::parse(cluster_.Loadctl({"agents", "--json"}).out).size(), 1u);
    EXPECT_EQ(cluster_.target().Requests(), 0);
  }

  Certificates certificates_;
  mutable Cluster cluster_;
};

TEST_F(SecureFleet, RunsAPlanAndWritesDownWhoSubmittedIt) {
  const Completed done =
      cluster_.Loadctl({"submit", cluster_.Write("plan.yaml", Plan("rate: 100/s\nduration: 1s\n")),
                        "--quiet", "--out", cluster_.Path("report.json")});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  ExpectAccountedFor(ReadSummary(cluster_.Path("report.json")));
  const std::vector<std::string> lines = AuditLines(cluster_.master().process(), 1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines.front(), AllOf(HasSubstr("who=\"certificate operator\" peer=\"ipv4:127.0.0.1:"),
                                   HasSubstr("what=\"Api.Submit\" run=\"r-0001\" plan="),
                                   HasSubstr("result=\"ok\"")));
}

TEST_F(SecureFleet, AViewerLooksAndNoMore) {
  const std::string viewer = certificates_.folder("viewer");
  EXPECT_EQ(LoadctlWith(viewer, {"agents"}).exit_code, 0);
  const Completed refused = LoadctlWith(viewer, {"stop", "--all"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.err,
            "loadctl: certificate viewer has role viewer and may not call Api.Stop: that takes "
            "role operator\n");
  ExpectOneLine({"certificate viewer", "Api.Stop", "permission_denied"});
}

TEST_F(SecureFleet, AnAgentSubmitsNothing) {
  const Completed refused = LoadctlWith(certificates_.folder("agents/a1"), Submit());
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("role agent"));
  ExpectOneLine({"certificate a1", "Api.Submit", "permission_denied"});
}

TEST_F(SecureFleet, AnOperatorIsNoAgent) {
  AgentProcess agent("eve", cluster_.master().address(),
                     {"--tls", certificates_.folder("operator")});
  EXPECT_TRUE(agent.process().WaitForLine("it refuses this agent: certificate operator", kPatience))
      << agent.process().err();
  ExpectOneLine({"certificate operator", "Fleet.Control", "permission_denied"});
}

TEST_F(SecureFleet, AnAgentIsNoOtherAgent) {
  AgentProcess agent("a1", cluster_.master().address(),
                     {"--tls", certificates_.folder("agents/a2")});
  EXPECT_TRUE(agent.process().WaitForLine("it refuses this agent: certificate a2", kPatience))
      << agent.process().err();
  ExpectOneLine({"certificate a2", "agent=\"a1\"", "permission_denied"});
}

TEST_F(SecureFleet, WithoutACertificateThereIsNothing) {
  TlsFolder folder = *ReadTlsFolder(certificates_.folder("operator"), OwnCertificate::kNeeded);
  folder.certificate_file.clear();
  folder.key_file.clear();
  const auto stub = v1::Api::NewStub(
      NewMasterChannel(cluster_.master().address(), *NewChannelCredentials(folder)));
  grpc::ClientContext context;
  v1::StopRequest request;
  request.set_all(true);
  v1::StopReply reply;
  const grpc::Status status = stub->Stop(&context, request, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("asks for a certificate"));
  ExpectOneLine({"unknown", "Api.Stop", "unauthenticated"});
}

TEST_F(SecureFleet, WithoutTlsThereIsNothing) {
  const Completed refused = Loadctl({"--master", cluster_.master().address(), "stop", "--all"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("--tls"));
}

TEST_F(SecureFleet, ACertificateOfAnotherCaIsRefused) {
  const Completed refused = LoadctlWith(certificates_.Mixed(Foreign(), "operator"), Submit());
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("'mallory' comes from another CA"));
  ExpectOneLine({"mallory", "Api.Submit", "unauthenticated"});
}

TEST_F(SecureFleet, AMasterOfAnotherCaIsNotTalkedTo) {
  const Certificates others;
  const Completed refused = LoadctlWith(others.folder("operator"), {"agents"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("the certificate 'master' comes from another CA"));
}

TEST_F(SecureFleet, ANameThatTheMastersCertificateDoesNotHaveIsRefused) {
  const Certificates others("a1");
  Loadctl({"certs", "init", "--out", others.path() + "/x", "--master", "10.0.0.5"});
  MasterProcess master(cluster_.Path("data2"), 0, {"--tls", others.path() + "/x/master"});
  const Completed refused =
      Loadctl({"--master", master.address(), "--tls", others.path() + "/x/operator", "agents"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("is for 10.0.0.5, not for 127.0.0.1"));
}

// A fleet of a CA whose key the test has, for certificates that no command makes.
TEST(Security, ACertificateThatHasExpiredIsRefused) {
  TemporaryDirectory directory;
  const CertificateAuthority authority = *CertificateAuthority::Create(10);
  const auto write = [&](const std::string& folder, const CertificateRequest& request) {
    const KeyPair pair = *authority.Issue(request);
    std::filesystem::create_directory(directory.path() / folder);
    directory.Write(folder + "/ca.pem", authority.pair().certificate);
    directory.Write(folder + "/cert.pem", pair.certificate);
    directory.Write(folder + "/key.pem", pair.key);
    return (directory.path() / folder).string();
  };
  CertificateRequest request;
  request.name = "the master";
  request.role = Role::kMaster;
  request.hosts = {"127.0.0.1"};
  MasterProcess master(directory.path() / "data", 0, {"--tls", write("master", request)});
  request = {};
  request.name = "late";
  request.role = Role::kOperator;
  request.days = -1;
  const std::string late = write("late", request);

  // loadctl says so before it asks anybody; whoever does not look is told by the master.
  const Completed own = Loadctl({"--master", master.address(), "--tls", late, "runs"});
  EXPECT_EQ(own.exit_code, 5);
  EXPECT_THAT(own.err, HasSubstr("expired on"));
  TlsFolder folder;
  folder.ca_file = late + "/ca.pem";
  folder.certificate_file = late + "/cert.pem";
  folder.key_file = late + "/key.pem";
  folder.ca = authority.pair().certificate;
  const auto stub =
      v1::Api::NewStub(NewMasterChannel(master.address(), *NewChannelCredentials(folder)));
  grpc::ClientContext context;
  v1::ListRunsReply reply;
  const grpc::Status status = stub->ListRuns(&context, {}, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("'late' expired on"));
  const std::vector<std::string> lines = AuditLines(master.process(), 1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines.front(), AllOf(HasSubstr("'late' expired on"), HasSubstr("unauthenticated")));

  // A daemon does not start with it.
  const Completed daemon = RunToEnd({{LoadmasterPath(), "--listen", "127.0.0.1:0", "--http", "",
                                      "--data", directory.path() / "data2", "--tls", late},
                                     {}},
                                    kPatience);
  EXPECT_EQ(daemon.exit_code, 5);
  EXPECT_THAT(daemon.err, HasSubstr(late + "/cert.pem expired on"));
}

TEST(Security, TokensStandForPeople) {
  TemporaryDirectory directory;
  const std::string tokens = directory.Write(
      "tokens",
      "ci operator d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272\n");  // sesame
  MasterProcess master(directory.path() / "data", 0, {"--tokens", tokens});
  const std::vector<std::string> list = {"--master", master.address(), "runs"};
  EXPECT_EQ(Loadctl(list, {{"LOADFLEET_TOKEN", "sesame"}}).exit_code, 0);
  const std::string file = directory.Write("token", "sesame\n");
  EXPECT_EQ(Loadctl({"--master", master.address(), "--token-file", file, "runs"}).exit_code, 0);

  const Completed wrong = Loadctl(list, {{"LOADFLEET_TOKEN", "open-barley"}});
  EXPECT_EQ(wrong.exit_code, 5);
  EXPECT_THAT(wrong.err, HasSubstr("does not know the token"));
  const Completed none = Loadctl(list);
  EXPECT_EQ(none.exit_code, 5);
  EXPECT_THAT(none.err, HasSubstr("asks for a token"));
  EXPECT_THAT(AuditLines(master.process(), 2), testing::SizeIs(2));
  EXPECT_THAT(master.process().err(), AllOf(Not(HasSubstr("sesame")), Not(HasSubstr("barley"))));
}

TEST(Security, ATokenDoesNotLeaveTheMachineInTheClear) {
  const Completed refused =
      Loadctl({"--master", "192.0.2.1:7070", "runs"}, {{"LOADFLEET_TOKEN", "sesame"}});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("will not send a token"));
}

TEST(Security, CertificatesAreNeverWrittenOver) {
  const Certificates certificates;
  EXPECT_THAT(certificates.output(), AllOf(HasSubstr("loadmaster --listen"), HasSubstr("agents/a2"),
                                           HasSubstr("loadctl --master 127.0.0.1:7070")));
  const Completed again =
      Loadctl({"certs", "init", "--out", certificates.path(), "--master", "localhost"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("never written over"));
}

TEST(Security, WithTlsAMasterListensAnywhereButItsHttpStaysHome) {
  const Certificates certificates;
  const std::string data = certificates.path() + "/data";
  const std::string tls = certificates.folder("master");
  Process anywhere(
      {{LoadmasterPath(), "--listen", "0.0.0.0:0", "--http", "", "--data", data, "--tls", tls},
       {}});
  EXPECT_TRUE(anywhere.WaitForLine("loadctl on port ", kPatience)) << anywhere.err();
  const Completed http = RunToEnd({{LoadmasterPath(), "--listen", "127.0.0.1:0", "--http",
                                    "0.0.0.0:0", "--data", data + "2", "--tls", tls},
                                   {}},
                                  kPatience);
  EXPECT_EQ(http.exit_code, 5);
  EXPECT_THAT(http.err, HasSubstr("--insecure-listen"));
}

TEST(Security, AnAgentsListAndCeilingAreItsOwn) {
  TemporaryDirectory directory;
  MasterProcess master(directory.path() / "data");
  TargetProcess target;
  AgentProcess agent("a1", master.address(), {"--allow", "127.0.0.1:1-9", "--max-rate", "50"});
  const auto measured = [&] {  // its clock
    const json list = json::parse(Loadctl({"--master", master.address(), "agents", "--json"}).out);
    return list.size() == 1 && list.front().at("clock_error_bound_ms") > 0.0;
  };
  ASSERT_TRUE(Eventually(measured, kPatience));
  const auto submit = [&](const std::string& url, const std::string& rate) {
    const Completed done = Loadctl({"--master", master.address(), "submit", "--url", url, "--rate",
                                    rate, "--duration", "1s", "--quiet"});
    return done.out + done.err;
  };
  EXPECT_THAT(submit(target.url() + "/ping", "10"), HasSubstr("not on this agent's list"));
  EXPECT_THAT(submit("http://127.0.0.1:9/", "51"),
              AllOf(HasSubstr("51 requests a second"), HasSubstr("50 (--max-rate)")));
  EXPECT_EQ(target.Requests(), 0);
}

}  // namespace
}  // namespace loadfleet
