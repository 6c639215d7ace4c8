#include "tests/support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/scripted_server.h"

namespace loadfleet {
namespace {

using Way = FaultProxy::Way;

// A client of the proxy. Reads give up after a second.
class Client {
 public:
  explicit Client(const FaultProxy& proxy) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port =
        htons(static_cast<uint16_t>(std::stoi(proxy.address().substr(sizeof "127.0.0.1"))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval patience{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Client() { close(fd_); }

  void Write(const std::string& text) { send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  // So many bytes, or fewer at an end, an error (in errno) or when none come.
  std::string Read(size_t size) {
    std::string text(size, '\0');
    errno = 0;
    const ssize_t got = recv(fd_, text.data(), size, MSG_WAITALL);
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }

 private:
  const int fd_;
};

class FaultProxyTest : public ::testing::Test {
 protected:
  ScriptedServer echo_{[](ScriptedServer::Peer& peer) {
    for (std::string text = peer.Read(); !text.empty(); text = peer.Read()) peer.Write(text);
  }};
  FaultProxy proxy_{echo_.port()};
  Client client_{proxy_};
};

TEST_F(FaultProxyTest, RelaysAllBytesInOrderWhateverTheDelay) {
  proxy_.SetConditions({.delay = absl::Milliseconds(5), .jitter = absl::Milliseconds(5)});
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    const std::string piece = std::to_string(i) + " ";
    client_.Write(piece);
    sent += piece;
  }
  EXPECT_EQ(client_.Read(sent.size()), sent);
  EXPECT_EQ(proxy_.accepted(), 1);
}

TEST_F(FaultProxyTest, HoldsBackWhatIsStalledUntilItIsResumed) {
  proxy_.Stall(Way::kToClient);
  client_.Write("hello");
  EXPECT_EQ(client_.Read(5), "");
  proxy_.Resume();
  EXPECT_EQ(client_.Read(5), "hello");
}

TEST_F(FaultProxyTest, ResetsWhatIsThereAndRelaysWhatComesAfter) {
  client_.Write("hello");
  EXPECT_EQ(client_.Read(5), "hello");
  proxy_.Reset();
  EXPECT_EQ(client_.Read(1), "");
  EXPECT_EQ(errno, ECONNRESET);
  Client second(proxy_);
  second.Write("again");
  EXPECT_EQ(second.Read(5), "again");
}

TEST_F(FaultProxyTest, EndsOneWayWithoutAReset) {
  client_.Write("hello");
  EXPECT_EQ(client_.Read(5), "hello");
  proxy_.HalfClose(Way::kToServer);
  EXPECT_EQ(client_.Read(1), "") << "the server has seen the end, and ended too";
  EXPECT_EQ(errno, 0);
}

TEST_F(FaultProxyTest, FlipsOneBitOfAPiece) {
  proxy_.FlipBits(Way::kToServer, 1);
  client_.Write("hello");
  const std::string changed = client_.Read(5);
  int bits = 0;
  for (size_t i = 0; i < changed.size(); ++i) {
    bits += __builtin_popcount(static_cast<unsigned char>(changed[i] ^ "hello"[i]));
  }
  EXPECT_EQ(bits, 1);
  client_.Write("hello");
  EXPECT_EQ(client_.Read(5), "hello");
}

TEST_F(FaultProxyTest, ResetsClientsOfAServerThatIsNotThere) {
  FaultProxy nowhere(1);
  Client client(nowhere);
  EXPECT_EQ(client.Read(1), "");
  EXPECT_EQ(errno, ECONNRESET);
}

}  // namespace
}  // namespace loadfleet
