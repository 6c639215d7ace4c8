// Names: what c-ares makes of a real name server's answers, and how long an answer holds.
#include <deque>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/connection/dns_resolver.h"
#include "agent/connection/host_addresses.h"
#include "tests/support/dns_server.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

using Addresses = std::vector<SocketAddress>;

SocketAddress Ip(const std::string& text, int port = 80) {
  return *ParseIpAddress(text, static_cast<uint16_t>(port));
}

// --- what a name server says ---

absl::StatusOr<Addresses> Ask(const DnsServer& server, const std::string& name) {
  auto loop = *EventLoop::Create(SystemClock());
  auto resolver = *DnsResolver::Create(*loop, server.address());
  std::optional<absl::StatusOr<Addresses>> answer;
  resolver->Resolve(name, 80, [&](auto found) { answer = std::move(found); });
  while (!answer) loop->RunOnce(loop->wheel().NextAdvance());
  return *std::move(answer);
}

TEST(DnsResolver, FindsEveryAddressOfAName) {
  const DnsServer server([](const std::string& name) -> std::optional<DnsServer::Answer> {
    EXPECT_EQ(name, "shop.test");
    return DnsServer::Answer{0, {"10.0.0.7", "10.0.0.8"}};
  });
  const auto found = Ask(server, "shop.test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, (Addresses{Ip("10.0.0.7"), Ip("10.0.0.8")}));
}

TEST(DnsResolver, ANameThatIsNotThereIsNotFound) {
  const DnsServer server([](const std::string&) { return DnsServer::Answer{3, {}}; });
  const absl::Status status = Ask(server, "gone.test").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_NE(status.message().find("cannot resolve gone.test"), std::string::npos) << status;
}

TEST(DnsResolver, ANameWithoutAnAddressIsNotFound) {
  const DnsServer server([](const std::string&) { return DnsServer::Answer{0, {}}; });
  EXPECT_TRUE(absl::IsNotFound(Ask(server, "empty.test").status()));
}

TEST(DnsResolver, AServerThatFailsIsUnavailable) {
  const DnsServer server([](const std::string&) { return DnsServer::Answer{2, {}}; });
  EXPECT_TRUE(absl::IsUnavailable(Ask(server, "broken.test").status()));
}

// More than a datagram holds: asked for again over TCP.
TEST(DnsResolver, FiveHundredAddresses) {
  std::vector<std::string> many;
  for (int i = 0; i < 500; ++i) many.push_back(absl::StrCat("10.1.", i / 250, ".", i % 250 + 1));
  const DnsServer server([&](const std::string&) { return DnsServer::Answer{0, many}; });
  const auto found = Ask(server, "many.test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->size(), many.size());
}

TEST(DnsResolver, MayEndBeforeTheAnswer) {
  const DnsServer server([](const std::string&) { return std::nullopt; });
  auto loop = *EventLoop::Create(SystemClock());
  auto resolver = *DnsResolver::Create(*loop, server.address());
  resolver->Resolve("silent.test", 80, [](const auto&) { FAIL() << "nobody has answered"; });
  loop->RunOnce(loop->wheel().NextAdvance());
  resolver.reset();
  loop->RunOnce(loop->wheel().NextAdvance());
}

TEST(ResolveHost, KnowsThisMachine) {
  const auto found = ResolveHost("localhost", 8080);
  ASSERT_TRUE(found.ok()) << found.status();
  for (const SocketAddress& address : *found) {
    EXPECT_TRUE(CheckTarget(address, TargetScope::kPrivate).ok()) << address.ToString();
  }
}

// --- how long an answer holds ---

// Answers when the test says so.
class FakeResolver final : public Resolver {
 public:
  void Resolve(const std::string&, uint16_t, Done done) override {
    asked_.push_back(std::move(done));
  }
  size_t asked() const { return asked_.size(); }
  void Answer(absl::StatusOr<Addresses> answer) {
    Done done = std::move(asked_.front());
    asked_.pop_front();
    done(std::move(answer));
  }

 private:
  std::deque<Done> asked_;
};

constexpr Nanos kTtl = 30 * kSecond;

class HostAddressesTest : public ::testing::Test {
 protected:
  HostOptions Options() {
    HostOptions options;
    options.addresses = {Ip("10.0.0.1"), Ip("10.0.0.2")};
    options.resolver = &resolver_;
    options.ttl = kTtl;
    options.check = [](const SocketAddress& address) {
      return CheckTarget(address, TargetScope::kPrivate).ok() ? Outcome::kOk
                                                              : Outcome::kBlockedTarget;
    };
    return options;
  }
  // The host's part of the address that the next connection goes to, or why there is none.
  static std::string Next(HostAddresses& host, Nanos now) {
    const HostAddresses::Choice choice = host.Next(now);
    if (choice.address == nullptr) return std::string(OutcomeName(choice.outcome));
    const std::string text = choice.address->ToString();
    return text.substr(0, text.rfind(':'));
  }

  FakeResolver resolver_;
};

TEST_F(HostAddressesTest, AreTakenInTurn) {
  HostAddresses host(Options(), 0);
  EXPECT_EQ(Next(host, 0), "10.0.0.1");
  EXPECT_EQ(Next(host, 0), "10.0.0.2");
  EXPECT_EQ(Next(host, 0), "10.0.0.1");
}

TEST_F(HostAddressesTest, OrTheFirstThatWorks) {
  HostOptions options = Options();
  options.order = AddressOrder::kFirst;
  HostAddresses host(std::move(options), 0);
  EXPECT_EQ(Next(host, 0), "10.0.0.1");
  EXPECT_EQ(Next(host, 0), "10.0.0.1");
  EXPECT_TRUE(host.Failed(host.Next(0).id, 0));
  EXPECT_EQ(Next(host, 0), "10.0.0.2");
  EXPECT_EQ(Next(host, HostAddresses::kAvoid), "10.0.0.1") << "it gets another chance";
}

TEST_F(HostAddressesTest, AFreshAnswerIsNotAskedForAgain) {
  HostAddresses host(Options(), 0);
  Next(host, kTtl - 1);
  EXPECT_EQ(resolver_.asked(), 0u);
  Next(host, kTtl);
  Next(host, kTtl + kSecond);
  EXPECT_EQ(resolver_.asked(), 1u) << "one question at a time";
}

TEST_F(HostAddressesTest, TheOldAnswerHoldsUntilTheNewOneComes) {
  HostAddresses host(Options(), 0);
  EXPECT_EQ(Next(host, kTtl), "10.0.0.1");
  resolver_.Answer(Addresses{Ip("10.0.0.9")});
  EXPECT_EQ(Next(host, kTtl), "10.0.0.9");
  EXPECT_EQ(Next(host, kTtl), "10.0.0.9");
}

TEST_F(HostAddressesTest, WhatIsKnownOfAnAddressOutlivesTheAnswer) {
  HostAddresses host(Options(), 0);
  const uint32_t first = host.Next(kTtl).id;
  EXPECT_TRUE(host.Failed(first, kTtl));
  resolver_.Answer(Addresses{Ip("10.0.0.1"), Ip("10.0.0.3")});
  EXPECT_EQ(Next(host, kTtl), "10.0.0.3");
  EXPECT_EQ(Next(host, kTtl), "10.0.0.3") << "10.0.0.1 is still avoided";
}

TEST_F(HostAddressesTest, ANameThatIsGoneIsAskedForOnceASecondAndComesBack) {
  HostAddresses host(Options(), 0);
  Next(host, kTtl);
  resolver_.Answer(absl::NotFoundError("no such name"));
  EXPECT_EQ(Next(host, kTtl), "dns");
  EXPECT_EQ(resolver_.asked(), 0u);
  EXPECT_EQ(Next(host, kTtl + HostAddresses::kAskAgain), "dns");
  EXPECT_EQ(resolver_.asked(), 1u);
  resolver_.Answer(Addresses{Ip("10.0.0.1")});
  EXPECT_EQ(Next(host, kTtl + HostAddresses::kAskAgain), "10.0.0.1");
}

TEST_F(HostAddressesTest, AnAnswerCannotLeadWhereNoLoadMayGo) {
  HostAddresses host(Options(), 0);
  Next(host, kTtl);
  resolver_.Answer(Addresses{Ip("169.254.169.254"), Ip("10.0.0.5"), Ip("8.8.8.8")});
  EXPECT_EQ(Next(host, kTtl), "10.0.0.5");
  EXPECT_EQ(Next(host, kTtl), "10.0.0.5");
  Next(host, 2 * kTtl);
  resolver_.Answer(Addresses{Ip("169.254.169.254")});
  EXPECT_EQ(Next(host, 2 * kTtl), "blocked_target");
}

TEST_F(HostAddressesTest, AnAnswerMayComeTooLate) {
  auto host = std::make_unique<HostAddresses>(Options(), 0);
  Next(*host, kTtl);
  host.reset();
  resolver_.Answer(Addresses{Ip("10.0.0.9")});
}

TEST_F(HostAddressesTest, AHostThatNobodyHasAskedForYetWaitsForItsFirstAnswer) {
  HostOptions options = Options();
  options.addresses.clear();
  HostAddresses host(std::move(options), 0);
  int answered = 0;
  host.WhenAnswered([&answered] { ++answered; });
  EXPECT_EQ(resolver_.asked(), 0u) << "nothing is wanted of it";
  EXPECT_EQ(Next(host, 0), "ok") << "which is to say: not known yet";
  EXPECT_EQ(Next(host, 1), "ok");
  EXPECT_EQ(resolver_.asked(), 1u);
  resolver_.Answer(Addresses{Ip("10.0.0.5")});
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(Next(host, 2), "10.0.0.5");
  Next(host, kTtl);
  resolver_.Answer(Addresses{Ip("10.0.0.6")});
  EXPECT_EQ(answered, 1) << "nobody waits for a second answer";
}

// --- what becomes of requests ---

void Ask(Resolver& resolver, HostOptions* host) {
  host->resolver = &resolver;
  host->ttl = kTtl;
  host->check = [](const SocketAddress&) { return Outcome::kOk; };
}

TEST_F(ConnectionPoolTest, WhatIsSentToANewNameWaitsUntilItIsKnown) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  FakeResolver resolver;
  Ask(resolver, &options_.host);
  Aim();
  Send();
  Send();
  EXPECT_EQ(pool_->waiting(), 2u);
  resolver.Answer(Addresses{Loopback(server.port())});
  AwaitDone(2);
  EXPECT_EQ(OutcomeName(results_.back().outcome), "ok");
}

TEST_F(ConnectionPoolTest, ANewNameThatDoesNotExistIsTheOutcomeOfAllThatWait) {
  FakeResolver resolver;
  Ask(resolver, &options_.host);
  Aim();
  Send();
  Send();
  resolver.Answer(absl::NotFoundError("no such name"));
  ASSERT_EQ(results_.size(), 2u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "dns");
  EXPECT_EQ(OutcomeName(results_[1].outcome), "dns");
}

TEST_F(ConnectionPoolTest, ANameThatFlapsIsTheOutcomeOfWhatNeedsAConnectionMeanwhile) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  FakeResolver resolver;
  Ask(resolver, &options_.host);
  Aim({server.port()}, 1, false);
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
  clock_.Advance(kTtl);
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok") << "it is asked for, and delays nobody";
  resolver.Answer(absl::NotFoundError("no such name"));
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "dns");
  EXPECT_EQ(pool_->open_connections(), 0u);
  clock_.Advance(HostAddresses::kAskAgain);
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "dns");
  resolver.Answer(Addresses{Loopback(server.port())});
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
}

TEST_F(ConnectionPoolTest, ConnectionsComeFromTheSourcesOfTheirFamilyInTurn) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  options_.sources = {Ip("::1", 0), Ip("127.0.0.2", 0), Ip("127.0.0.3", 0)};
  Aim({server.port()}, 1, false);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
  EXPECT_EQ(server.client_addresses(),
            (std::vector<std::string>{"127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3"}));
}

TEST_F(ConnectionPoolTest, ASocketOfThisMachineIsSpokenToLikeAPort) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "app.sock";
  ScriptedServer server(
      [](ScriptedServer::Peer& peer) {
        while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      },
      path);
  options_.host.addresses = {*UnixAddress(path)};
  options_.max_connections = 4;
  Aim();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "ok");
  EXPECT_EQ(server.accepted(), 1);
}

}  // namespace
}  // namespace loadfleet
