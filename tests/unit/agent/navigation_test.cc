// What a flow's requests become on their way: cookies that come back, redirects that are followed,
// URLs that lead elsewhere.
#include "agent/scenario/navigation.h"

#include <map>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/http/request_changes.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;
constexpr char kUser[] = "executor: constant-vus, flow: f, vus: 1, duration: 10s";

// Every origin but one that is forbidden has a target that answers when told to.
class FakeDestinations final : public Destinations {
 public:
  explicit FakeDestinations(const Clock& clock) : clock_(clock) {}

  Transport* To(const OriginName& origin, Protocol /*protocol*/) override {
    return origin.host == "forbidden.test" ? nullptr : &Of(origin.host);
  }
  FakeTransport& Of(const std::string& host) {
    return transports_.try_emplace(host, clock_).first->second;
  }

 private:
  const Clock& clock_;
  std::map<std::string, FakeTransport> transports_;
};

class Navigating : public ::testing::Test {
 protected:
  Navigating() {
    clock_.AdvanceTo(kT0);
    wheel_ = std::make_unique<DeadlineWheel>(kT0);
  }

  // The steps of one user's flow, and what stands in defaults.http.
  void Make(const std::string& steps, const std::string& http = "", const char* scenario = kUser) {
    plan_ = PreparedPlan(absl::StrCat(
        "target: http://127.0.0.1\nresolve: {shop.test: 127.0.0.1}\ndefaults: {http: {", http,
        "}}\nscenarios: {main: {", scenario, "}}\nflows: {f: {steps: [", steps, "]}}\n"));
    ASSERT_NE(plan_, nullptr);
    PreparedScenario& main = plan_->scenarios.front();
    recorded_ = std::make_unique<Recorded>(static_cast<uint32_t>(plan_->requests.size()));
    executor_ = ExecutorOf(*plan_, main, SlotSet::All(), clock_, *wheel_, transports_,
                           recorded_->recorder(), &destinations_);
    recorded_->recorder().Start(kT0, kT0);
    executor_->Start(kT0, kT0);
    executor_->Advance(kT0);
  }

  // The request line and a header of what is on its way to `target`.
  static std::string Line(const FakeTransport& target) {
    if (target.on_wire() == 0) return "none";
    const std::string& wire = target.front().bytes().wire;
    return wire.substr(0, wire.find(" HTTP/"));
  }
  std::string Line() { return Line(target_); }
  static std::string Header(const FakeTransport& target, const char* name) {
    return std::string(HeaderOf(target.front().bytes(), name));
  }
  std::string Cookie() { return Header(target_, "cookie"); }
  void SetCookie(const std::string& value) { target_.Answer(200, "", {{"Set-Cookie", value}}); }
  void Redirect(uint16_t status, const std::string& location) {
    target_.Answer(status, "", {{"Location", location}});
  }
  const RequestStats& stats(size_t series = 0) { return recorded_->stats(series); }

  ManualClock clock_;
  FakeTransport target_{clock_};
  FakeDestinations destinations_{clock_};
  std::vector<Transport*> transports_ = {&target_, &destinations_.Of("shop.test")};
  std::unique_ptr<DeadlineWheel> wheel_;
  std::unique_ptr<RunPlan> plan_;
  std::unique_ptr<Recorded> recorded_;
  std::unique_ptr<Executor> executor_;
};

// --- cookies ---

TEST_F(Navigating, CookiesOfAUserComeBackInTheNextStepAndTheNextIteration) {
  Make("{request: login, post: /login}, {request: home, get: /home}");
  EXPECT_EQ(Cookie(), "");
  SetCookie("sid=1; Path=/");
  EXPECT_EQ(Line(), "GET /home");
  EXPECT_EQ(Cookie(), "sid=1");
  SetCookie("seen=yes");
  EXPECT_EQ(Line(), "POST /login");
  EXPECT_EQ(Cookie(), "sid=1; seen=yes");
}

TEST_F(Navigating, AnArrivalIsANewUserEachTime) {
  Make("{request: login, post: /login}, {request: home, get: /home}", "",
       "executor: constant-arrival-rate, flow: f, rate: 1/s, duration: 10s");
  SetCookie("sid=1");
  EXPECT_EQ(Cookie(), "sid=1");
  target_.Answer();
  clock_.Advance(kSecond);
  executor_->Advance(clock_.Now());
  EXPECT_EQ(Line(), "POST /login");
  EXPECT_EQ(Cookie(), "");
}

TEST_F(Navigating, CookiesAreKeptByDefaultOnlyWhereThereIsASession) {
  Make("{request: home, get: /home}");
  EXPECT_EQ(plan_->requests.front().navigation, nullptr);
  Make("{request: home, get: /home}", "cookies: per_vu");
  EXPECT_NE(plan_->requests.front().navigation, nullptr);
  Make("{request: a, get: /a}, {request: b, get: /b}", "cookies: off");
  EXPECT_EQ(plan_->requests.front().navigation, nullptr);
  Make("{request: home, get: /home}", "cookies: per_vu",
       "executor: constant-arrival-rate, flow: f, rate: 1/s, duration: 10s");
  EXPECT_EQ(plan_->requests.front().navigation, nullptr) << "nobody would see them again";
}

TEST_F(Navigating, CookiesOfThePlanAreSentWithThem) {
  Make("{request: a, get: /a}, {request: b, get: /b, headers: {Cookie: 'lang=en; sid=plan'}}");
  SetCookie("sid=1\nseen=yes");
  EXPECT_EQ(Cookie(), "lang=en; sid=plan; seen=yes");
}

// --- redirects ---

TEST_F(Navigating, NoRedirectIsFollowedUnlessThePlanSaysSo) {
  Make("{request: a, get: /a}, {request: b, get: /b}");
  Redirect(302, "/c");
  EXPECT_EQ(Line(), "GET /b");
  EXPECT_EQ(stats().statuses.counts().front().first, 302);
  EXPECT_EQ(stats().redirects, 0u);
}

TEST_F(Navigating, ARequestIsWhatItsRedirectsCameTo) {
  Make(
      "{request: a, get: /x/a, redirects: 5, expect: {status: 200, body_contains: end}, "
      "capture: {at: {header: x-at}}}, {request: b, get: '{{ at }}'}");
  clock_.Advance(2 * kMillisecond);
  target_.Answer(302, "not the end", {{"Location", "b?c"}, {"X-At", "/wrong"}});
  EXPECT_EQ(Line(), "GET /x/b?c");
  clock_.Advance(3 * kMillisecond);
  Redirect(308, "/d#top");
  EXPECT_EQ(Line(), "GET /d");
  clock_.Advance(4 * kMillisecond);
  target_.Answer(200, "the end", {{"X-At", "/right"}});
  EXPECT_EQ(Line(), "GET /right");
  EXPECT_EQ(stats().started, 1u);
  EXPECT_EQ(stats().redirects, 2u);
  EXPECT_EQ(stats().checks_failed, 0u);
  EXPECT_EQ(stats().bytes_received, 300u);
  EXPECT_EQ(stats().response_time.max_us(), 9'000u);
  EXPECT_EQ(stats().service_time.max_us(), 9'000u);
  EXPECT_EQ(stats().first_byte_time.max_us(), 9'000u);
  EXPECT_EQ(stats().queue_wait.max_us(), 0u);
  ASSERT_EQ(stats().statuses.counts().size(), 1u);
  EXPECT_EQ(stats().statuses.counts().front().first, 200);
}

TEST_F(Navigating, AfterTooManyTheLastOneIsTheResponse) {
  Make("{request: a, get: /a}, {request: b, get: /b}", "redirects: 2");
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(Line(), "GET /b");
    Redirect(301, "/again");
  }
  EXPECT_EQ(Line(), "GET /b");
  EXPECT_EQ(stats().redirects, 2u);
  EXPECT_EQ(stats().CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(stats().statuses.counts().front().first, 301);
}

TEST_F(Navigating, TheMethodFollowsRfc9110) {
  const struct {
    const char* method;
    uint16_t status;
    const char* next;
  } kCases[] = {
      {"post", 301, "GET"},  {"post", 302, "GET"},        {"post", 303, "GET"},
      {"post", 307, "POST"}, {"post", 308, "POST"},       {"put", 302, "PUT"},
      {"put", 303, "GET"},   {"delete", 303, "GET"},      {"head", 303, "HEAD"},
      {"get", 307, "GET"},   {"options", 301, "OPTIONS"},
  };
  for (const auto& one : kCases) {
    Make(absl::StrCat("{request: a, ", one.method, ": /a, body: x, redirects: 1}"));
    Redirect(one.status, "/b");
    EXPECT_EQ(Line(), absl::StrCat(one.next, " /b")) << one.method << " " << one.status;
    const bool kept = std::string(one.next) != "GET" || std::string(one.method) == "get";
    EXPECT_EQ(target_.front().bytes().body(), kept ? "x" : "");
    EXPECT_EQ(Header(target_, "content-length"), kept ? "1" : "");
    target_.Answer();
    while (target_.on_wire() > 0) target_.Fail(Outcome::kClosed);
  }
}

TEST_F(Navigating, OtherThreeHundredsAndWhatLeadsNowhereAreResponses) {
  Make("{request: a, get: /a}", "redirects: 5");
  const std::pair<uint16_t, const char*> kResponses[] = {
      {300, "/b"}, {304, "/b"}, {305, "/b"}, {302, "ftp://a/"}, {302, "http://a:b/"}};
  for (const auto& [status, location] : kResponses) {
    Redirect(status, location);
    EXPECT_EQ(Line(), "GET /a") << status << " " << location;
  }
  target_.Answer(302);
  EXPECT_EQ(Line(), "GET /a") << "without Location";
  EXPECT_EQ(stats().redirects, 0u);
}

TEST_F(Navigating, AnotherOriginGetsNeitherCredentialsNorCookies) {
  Make("{request: a, get: /a, auth: {bearer: t}, headers: {Cookie: mine=1, Host: virtual}}",
       "redirects: 5, cookies: per_vu");
  target_.Answer(302, "", {{"Set-Cookie", "sid=1"}, {"Location", "/b"}});
  EXPECT_EQ(Cookie(), "mine=1; sid=1") << "cookies are kept at each hop";
  EXPECT_EQ(Header(target_, "host"), "virtual");
  Redirect(302, "https://other.test/c");
  FakeTransport& other = destinations_.Of("other.test");
  EXPECT_EQ(Line(other), "GET /c");
  EXPECT_EQ(Header(other, "host"), "other.test");
  EXPECT_EQ(Header(other, "authorization"), "");
  EXPECT_EQ(Header(other, "cookie"), "");
  other.Answer(302, "", {{"Location", "http://127.0.0.1/d"}});
  EXPECT_EQ(Line(), "GET /d");
  EXPECT_EQ(Cookie(), "sid=1");
  EXPECT_EQ(Header(target_, "authorization"), "");
  target_.Answer();
  EXPECT_EQ(stats().redirects, 3u);
  EXPECT_EQ(Header(target_, "authorization"), "Bearer t") << "the next iteration";
}

TEST_F(Navigating, ARedirectToWhereNoLoadMayGoIsThePolicysOutcome) {
  Make("{request: a, get: /a}", "redirects: 5");
  clock_.Advance(kMillisecond);
  Redirect(302, "http://forbidden.test/");
  EXPECT_EQ(stats().CountOf(Outcome::kBlockedTarget), 1u);
  EXPECT_EQ(stats().started, 1u);
  EXPECT_EQ(stats().bytes_received, 100u);
}

TEST_F(Navigating, AHopThatFailsIsTheEndOfTheRequest) {
  Make("{request: a, get: /a, expect: {status: 200}}", "redirects: 5");
  Redirect(302, "/b");
  target_.Fail(Outcome::kReset);
  EXPECT_EQ(stats().CountOf(Outcome::kReset), 1u);
  EXPECT_EQ(stats().redirects, 1u);
  EXPECT_EQ(stats().checks_failed, 1u);
}

TEST_F(Navigating, AfterTheEndOfTheLoadNoRedirectIsFollowed) {
  Make("{request: a, get: /a, expect: {status: 200}}", "redirects: 5");
  executor_->EndLoad(clock_.Now());
  Redirect(302, "/b");
  EXPECT_EQ(Line(), "none");
  EXPECT_EQ(stats().CountOf(Outcome::kInterrupted), 1u);
  EXPECT_EQ(stats().checks_failed, 0u);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(Navigating, ARedirectedRequestIsOneThatIsOnTheWire) {
  Make("{request: a, get: /a}", "redirects: 5");
  Redirect(302, "/b");
  EXPECT_EQ(executor_->Levels(clock_.Now()).in_flight, 1u);
  target_.Answer();
  EXPECT_EQ(executor_->Levels(clock_.Now()).in_flight, 1u) << "the next iteration's";
}

// --- URLs of captures ---

TEST_F(Navigating, ACapturedUrlLeadsToItsOrigin) {
  Make("{request: a, get: /a, capture: {next: {json: $.next}}}, {request: b, get: '{{ next }}'}");
  target_.Answer(200, R"({"next": "https://Other.test:8443/b?c=1"})");
  FakeTransport& other = destinations_.Of("other.test");
  EXPECT_EQ(Line(other), "GET /b?c=1");
  EXPECT_EQ(Header(other, "host"), "other.test:8443");
  other.Answer();
  target_.Answer(200, R"({"next": "/own"})");
  EXPECT_EQ(Line(), "GET /own");
  EXPECT_EQ(Header(target_, "host"), "127.0.0.1");
}

TEST_F(Navigating, ACapturedUrlThatIsNoneIsNotSent) {
  Make("{request: a, get: /a, capture: {next: {json: $.next}}}, {request: b, get: '{{ next }}'}");
  target_.Answer(200, R"({"next": "gopher://other.test/"})");
  EXPECT_EQ(stats(1).not_sent, 1u);
  EXPECT_EQ(stats(1).started, 0u);
}

TEST_F(Navigating, ACapturedUrlToWhereNoLoadMayGoIsBlocked) {
  Make("{request: a, get: /a, capture: {next: {json: $.next}}}, {request: b, get: '{{ next }}'}");
  target_.Answer(200, R"({"next": "http://forbidden.test/"})");
  EXPECT_EQ(stats(1).CountOf(Outcome::kBlockedTarget), 1u);
}

}  // namespace
}  // namespace loadfleet
