// What strangers send to the master's port while a run goes on. (F15)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "tests/fault/fault_cluster.h"
#include "tests/fault/process_usage.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;

constexpr int kHandshakes = 500;

class Stranger {
 public:
  explicit Stranger(const std::string& address)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in master{};
    master.sin_family = AF_INET;
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.find(':') + 1), &port));
    master.sin_port = htons(static_cast<uint16_t>(port));
    master.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(fd_, reinterpret_cast<sockaddr*>(&master), sizeof master);
  }
  Stranger(Stranger&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Stranger() {
    if (fd_ >= 0) close(fd_);
  }

  void Write(const std::string& bytes) { send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

 private:
  int fd_;
};

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A frame of HTTP/2 that says it has so many bytes.
std::string FrameHead(uint32_t length, char type) {
  std::string head(9, '\0');
  head[0] = static_cast<char>(length >> 16);
  head[1] = static_cast<char>(length >> 8);
  head[2] = static_cast<char>(length);
  head[3] = type;
  return head;
}

TEST(HostilePort, DisturbsNoRun) {
  FaultCluster cluster;
  const int64_t memory = ResidentBytes(cluster.master().process());
  const int64_t descriptors = OpenDescriptors(cluster.master().process());
  cluster.Start({.rate = 300, .duration = absl::Seconds(10)});
  {
    std::vector<Stranger> strangers;
    std::mt19937 random(1);
    for (int i = 0; i < kHandshakes; ++i) {
      strangers.emplace_back(cluster.master_address());
      Stranger& stranger = strangers.back();
      std::string noise(256, '\0');
      for (char& byte : noise) byte = static_cast<char>(random());
      switch (i % 5) {
        case 0:
          break;  // says nothing
        case 1:
          stranger.Write(noise);
          break;
        case 2:
          stranger.Write("GET / HTTP/1.1\r\nHost: master\r\n\r\n");
          break;
        case 3:
          stranger.Write(std::string(kPreface).substr(0, 10));
          break;
        case 4:
          // Settings, then data of 16 MiB for a stream that does not exist.
          stranger.Write(kPreface + FrameHead(0, 4) + FrameHead(0xffffff, 0) + noise);
          break;
      }
    }
    cluster.AwaitRequests(2'000);
    EXPECT_LE(ResidentBytes(cluster.master().process()), memory + (50 << 20));
  }
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_EQ(summary.at("requests").at("completed"), 3'000);
  EXPECT_EQ(summary.at("notes"), json::array());
  EXPECT_TRUE(Eventually(
      [&] { return OpenDescriptors(cluster.master().process()) <= descriptors + 8; }, kPatience));
}

}  // namespace
}  // namespace loadfleet
