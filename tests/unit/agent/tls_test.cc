// TLS against real sockets: who is trusted, what is agreed on, and how a handshake can fail.
#include "agent/connection/tls.h"

#include <atomic>

#include "agent/http/request_bytes.h"
#include "tests/support/http2_peer.h"
#include "tests/support/test_certificate.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

using Peer = ScriptedServer::Peer;

constexpr char kPong[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";

void Pong(Peer& peer) {
  while (peer.ReadRequest()) peer.Write(kPong);
}

class TlsTest : public ConnectionPoolTest {
 protected:
  TlsTest() { policy_.set_resume(true); }
  ~TlsTest() override { pool_.reset(); }

  void AimSecurely(int port, AlpnOffer offer = AlpnOffer::kHttp1,
                   const std::string& host = "localhost") {
    auto material = TlsMaterial::Read(policy_);
    ASSERT_TRUE(material.ok()) << material.status();
    material_ = *std::move(material);
    client_ = std::make_unique<TlsClient>(*material_, host, offer);
    options_.connection.tls = client_.get();
    Aim({port}, 1);
  }

  v1::TlsPolicy policy_;
  std::unique_ptr<TlsMaterial> material_;
  std::unique_ptr<TlsClient> client_;
};

TEST_F(TlsTest, ATrustedServerIsSpokenTo) {
  TestCertificate certificate;
  ScriptedServer server([&](Peer& peer) {
    if (peer.StartTls(certificate, "http/1.1")) Pong(peer);
  });
  policy_.set_ca(certificate.CertificatePem());
  AimSecurely(server.port());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 1u);
}

TEST_F(TlsTest, AnAddressIsLookedForAmongTheCertificatesAddresses) {
  TestCertificate certificate;
  ScriptedServer server([&](Peer& peer) {
    if (peer.StartTls(certificate)) Pong(peer);
  });
  policy_.set_ca(certificate.CertificatePem());
  AimSecurely(server.port(), AlpnOffer::kHttp1, "127.0.0.1");
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
  AimSecurely(server.port(), AlpnOffer::kHttp1, "127.0.0.2");
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
}

TEST_F(TlsTest, WhomNobodyHasSignedIsNotTrusted) {
  TestCertificate certificate;
  TestCertificate other;
  ScriptedServer server([&](Peer& peer) { peer.StartTls(certificate); });
  policy_.set_ca(other.CertificatePem());
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
  policy_.clear_ca();  // the system's do not know it either
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
}

TEST_F(TlsTest, ACertificateOfAnotherNameOrAnotherTime) {
  TestCertificate authority;
  TestCertificate::Options options;
  options.signer = &authority;
  options.names = "DNS:elsewhere.test";
  TestCertificate elsewhere(options);
  options.names = "DNS:localhost";
  options.valid_for_s = -60;
  TestCertificate expired(options);
  policy_.set_ca(authority.CertificatePem());
  {
    ScriptedServer server([&](Peer& peer) {
      if (peer.StartTls(elsewhere)) Pong(peer);
    });
    AimSecurely(server.port());
    EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
    policy_.set_server_name("elsewhere.test");
    AimSecurely(server.port());
    EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
    pool_.reset();
  }
  ScriptedServer server([&](Peer& peer) {
    if (peer.StartTls(expired)) Pong(peer);
  });
  policy_.clear_server_name();
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
  policy_.set_insecure(true);
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
}

TEST_F(TlsTest, AServerThatAsksGetsTheClientsCertificate) {
  TestCertificate certificate;
  TestCertificate client;
  ScriptedServer server([&](Peer& peer) {
    if (peer.StartTls(certificate, "", &client)) Pong(peer);
  });
  policy_.set_ca(certificate.CertificatePem());
  AimSecurely(server.port());
  EXPECT_NE(SendAndAwait().outcome, Outcome::kOk);
  policy_.set_cert(client.CertificatePem());
  policy_.set_key(client.KeyPem());
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
}

TEST_F(TlsTest, ASessionIsResumedUnlessThePlanForbidsIt) {
  TestCertificate certificate;
  std::atomic<int> resumed = 0;
  ScriptedServer server([&](Peer& peer) {
    if (!peer.StartTls(certificate)) return;
    resumed += peer.resumed() ? 1 : 0;
    if (peer.ReadRequest()) peer.Write(kPong);
  });
  policy_.set_insecure(true);
  AimSecurely(server.port());
  // The server ends each connection, of which the client has to have heard.
  const auto five_times = [&] {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(SendAndAwait().status, 200);
      TurnUntil([&] { return pool_->open_connections() == 0; });
    }
  };
  five_times();
  EXPECT_EQ(resumed, 4);
  resumed = 0;
  policy_.set_resume(false);
  AimSecurely(server.port());
  five_times();
  EXPECT_EQ(resumed, 0);
}

TEST_F(TlsTest, AlpnChoosesTheProtocol) {
  TestCertificate certificate;
  TestCertificate older;
  ScriptedServer server([&](Peer& peer) {
    if (peer.StartTls(certificate, "h2")) {
      Http2Peer(peer, [](Http2Peer& http, int32_t stream) { http.Answer(stream); }).Run();
    }
  });
  ScriptedServer http1([&](Peer& peer) {
    if (peer.StartTls(older, "http/1.1")) Pong(peer);
  });
  v1::Request request;
  request.set_method("GET");
  request.set_target("/");
  request.mutable_origin()->set_host("localhost");
  request_.fields = RequestFields(request);
  policy_.set_insecure(true);
  options_.connection.protocol = Protocol::kByAlpn;
  AimSecurely(server.port(), AlpnOffer::kBoth);
  for (int i = 0; i < 20; ++i) Send();
  AwaitDone(20);
  EXPECT_EQ(results_.back().outcome, Outcome::kOk);
  EXPECT_EQ(pool_->connections_opened(), 1u) << "HTTP/2, so that one is enough";
  AimSecurely(http1.port(), AlpnOffer::kBoth);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
  // Who insists on HTTP/2 does not get the other.
  options_.connection.protocol = Protocol::kHttp2;
  AimSecurely(http1.port(), AlpnOffer::kHttp2);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
}

TEST_F(TlsTest, AServerThatSpeaksClearText) {
  ScriptedServer server([](Peer& peer) {
    peer.Read();
    peer.Write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  policy_.set_insecure(true);
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
}

TEST_F(TlsTest, AServerThatLeavesInTheHandshake) {
  ScriptedServer server([](Peer& peer) { peer.Read(); });
  policy_.set_insecure(true);
  AimSecurely(server.port());
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTls);
}

TEST_F(TlsTest, AHandshakeThatStallsEndsAtTheConnectTimeout) {
  ScriptedServer server([](Peer& peer) { peer.WaitForEnd(); });
  policy_.set_insecure(true);
  AimSecurely(server.port());
  Send();
  TurnUntil([&] { return server.accepted() == 1; });
  loop_->RunOnce(clock_.Now());
  EXPECT_TRUE(results_.empty());
  Pass(request_.connect_timeout);
  AwaitDone(1);
  EXPECT_EQ(results_.front().outcome, Outcome::kConnectTimeout);
}

TEST_F(TlsTest, ALargeBodyComesWhole) {
  TestCertificate certificate;
  const std::string body(3'000'000, 'x');
  ScriptedServer server([&](Peer& peer) {
    if (!peer.StartTls(certificate)) return;
    while (peer.ReadRequest()) {
      peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
      peer.Write(body);
    }
  });
  policy_.set_insecure(true);
  AimSecurely(server.port());
  for (int i = 0; i < 3; ++i) {
    const Result result = SendAndAwait();
    EXPECT_EQ(result.outcome, Outcome::kOk);
    EXPECT_GT(result.bytes_received, body.size());
  }
}

TEST(TlsMaterial, SaysWhatIsWrongWithThePlansFiles) {
  TestCertificate one;
  TestCertificate other;
  v1::TlsPolicy policy;
  policy.set_ca("nothing of use");
  EXPECT_NE(TlsMaterial::Read(policy).status().message().find("tls.ca holds no certificate"),
            std::string::npos);
  policy.clear_ca();
  policy.set_cert(one.CertificatePem());
  policy.set_key(other.KeyPem());
  EXPECT_NE(TlsMaterial::Read(policy).status().message().find("does not belong to tls.cert"),
            std::string::npos);
}

}  // namespace
}  // namespace loadfleet
