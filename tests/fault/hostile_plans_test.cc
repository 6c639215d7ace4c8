// Plans as an attacker writes them, and targets that nobody may load. (F17)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/fault_cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/namespaces.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> HostilePlans() {
  std::vector<std::string> plans = {
      "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
      Repeated("[", 10'000),
      Repeated("{a: ", 10'000) + "1" + Repeated("}", 10'000),
      Repeated("- ", 10'000) + "a",
      "target: http://127.0.0.1\nget: /\nrate: 1/s\nduration: 1s\nname: " +
          Repeated("x", 10 << 20) + "\n",
      Repeated("a", 10 << 20),
      "a: " + Repeated("[x,", 400'000),
      "? " + Repeated("a", 2'000) + "\n: b\n",
      "!!python/object/apply:os.system [id]\n",
      "%YAML 9.9\n---\na: b\n",
      "\xff\xfe"
      "a: b\n",
      std::string("a: \0b\n", 6),
      "target: http://127.0.0.1\ntarget: http://127.0.0.2\n",
      "--- a\n--- b\n",
      "<<: {target: http://127.0.0.1}\n",
      "target: file:///etc/passwd\nget: /\nrate: 1/s\nduration: 1s\n",
      "target: http://[::1\nget: /\nrate: 1/s\nduration: 1s\n",
      "target: http://127.0.0.1:99999\nget: /\nrate: 1/s\nduration: 1s\n",
      "target: http://user@127.0.0.1\nget: /\nrate: 1/s\nduration: 1s\n",
      "target: http://127.0.0.1\nget: /\nrate: 1/s\nduration: 1s\nbody_file: /nonexistent\n",
  };
  const std::string begin = "target: http://127.0.0.1\nget: /\n";
  for (const char* number : {"NaN", ".nan", ".inf", "-1", "1e308", "1e-400", "0x7fffffffffffffff",
                             "99999999999999999999"}) {
    plans.push_back(absl::StrCat(begin, "duration: 1s\nrate: ", number, "/s\n"));
    plans.push_back(absl::StrCat(begin, "rate: 1/s\nduration: ", number, "s\n"));
    plans.push_back(absl::StrCat(begin, "duration: 1s\nvus: ", number, "\n"));
    plans.push_back(
        absl::StrCat(begin, "rate: 1/s\nduration: 1s\ntimeouts: {total: ", number, "s}\n"));
  }
  for (const char* injected : {"\\r\\nX-Evil: 1", "\\n", "\\r", "\\0"}) {
    plans.push_back(
        absl::StrCat(begin, "rate: 1/s\nduration: 1s\nheaders: {X-A: \"a", injected, "\"}\n"));
    plans.push_back(
        absl::StrCat(begin, "rate: 1/s\nduration: 1s\nheaders: {\"X-A", injected, "\": a}\n"));
  }
  return plans;
}

TEST(HostilePlans, AreAnsweredWithTheirPlaceInTime) {
  FaultCluster cluster({.agents = 1});
  const std::vector<std::string> plans = HostilePlans();
  ASSERT_GE(plans.size(), 60u);
  const std::string good = cluster.Write("good.yaml", PlanOf({}));
  const auto time_of = [&](const std::string& file, Completed* done) {
    const absl::Time begin = absl::Now();
    *done = cluster.Loadctl({"validate", file});
    return absl::Now() - begin;
  };
  Completed done;
  const absl::Duration control = time_of(good, &done);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  for (size_t i = 0; i < plans.size(); ++i) {
    SCOPED_TRACE(absl::StrCat(i, ": ", plans[i].substr(0, 100)));
    const std::string file = cluster.Write("hostile.yaml", plans[i]);
    const absl::Duration took = time_of(file, &done);
    EXPECT_EQ(done.exit_code, 2) << done.out << done.err;
    EXPECT_THAT(done.out + done.err,
                ContainsRegex("hostile.yaml(:[0-9]+:[0-9]+: |: the plan has )"));
    EXPECT_LE(took, control + absl::Milliseconds(100));
    EXPECT_EQ(cluster.Loadctl({"submit", file, "--quiet"}).exit_code, 2);
  }
  EXPECT_EQ(cluster.truth().Count(), 0u);
}

// A listener at an address that is never to be loaded.
class ForbiddenListener {
 public:
  explicit ForbiddenListener(const std::string& ip)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t length = sizeof address;
    inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(fd_, 10), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }
  ~ForbiddenListener() { close(fd_); }

  int port() const { return port_; }
  bool Touched() const { return accept(fd_, nullptr, nullptr) >= 0; }

 private:
  const int fd_;
  int port_ = 0;
};

TEST(HostilePlans, ReachNoAddressThatIsRefused) {
  if (!MayMakeNamespaces()) GTEST_SKIP() << "NOT TESTED: only root can have the metadata address";
  constexpr char kMetadata[] = "169.254.169.254";
  NetworkNamespace network;
  network.AddAddress(kMetadata);
  ForbiddenListener metadata(kMetadata);
  Cluster cluster(1);
  const std::string target = absl::StrCat(kMetadata, ":", metadata.port());
  const std::string load = "rate: 50/s\nduration: 1s\n";
  const std::map<std::string, std::string> plans = {
      {"itself", absl::StrCat("target: http://", target, "\nget: /\n", load)},
      {"a name of it", absl::StrCat("target: http://shop.test:", metadata.port(),
                                    "\nresolve: {shop.test: [", kMetadata, "]}\nget: /\n", load)},
      {"a redirect to it", absl::StrCat("target: ${TARGET}\nget: \"/redirect?to=http://", target,
                                        "/\"\nredirects: 3\n", load)},
      {"a template of it", absl::StrCat("target: ${TARGET}\nflows: {main: {steps: [{request: a, "
                                        "post: /echo, body: \"http://",
                                        target,
                                        "/\", capture: {to: {body: \"(.*)\"}}}, {request: b, get: "
                                        "\"{{ to }}\"}]}}\nscenarios: {main: {executor: "
                                        "constant-arrival-rate, flow: main, rate: 50/s, duration: "
                                        "1s}}\n")},
      {"its IPv6 form", absl::StrCat("target: http://[::ffff:169.254.169.254]:", metadata.port(),
                                     "\nget: /\n", load)},
  };
  for (const auto& [name, plan] : plans) {
    const std::string file = cluster.Write("plan.yaml", plan);
    const Completed done = cluster.Loadctl({"submit", file, "--quiet"});
    EXPECT_NE(done.exit_code, 0) << name << "\n" << done.out;
    EXPECT_FALSE(metadata.Touched()) << name;
    const Completed alone = RunToEnd(
        {{LoadctlPath(), "run", file, "--quiet"}, {{"TARGET", cluster.target().url()}}}, kPatience);
    EXPECT_NE(alone.exit_code, 0) << name << " by loadctl run\n" << alone.out;
    EXPECT_FALSE(metadata.Touched()) << name << " by loadctl run";
  }
}

}  // namespace
}  // namespace loadfleet
