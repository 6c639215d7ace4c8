#include "loadctl/client/api_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/loadctl/fake_api.h"

namespace loadfleet {
namespace {

// A port that refuses: bound, so that nobody else gets it, but not listening.
class RefusingPort {
 public:
  RefusingPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    number_ = ntohs(address.sin_port);
  }
  ~RefusingPort() { close(fd_); }

  int number() const { return number_; }

 private:
  const int fd_;
  int number_ = 0;
};

TEST(ApiClient, AMasterThatIsNotThereIsOneClearSentence) {
  const RefusingPort port;
  const std::string address = absl::StrCat("127.0.0.1:", port.number());
  EXPECT_EQ(ApiClient::ToAddress(address, {}).ListRuns(1).status(),
            absl::UnavailableError(
                absl::StrCat("cannot reach the master at ", address, ": Connection refused")));
}

TEST(ApiClient, TheMastersOwnErrorsKeepTheirCodeAndAreSafeToPrint) {
  FakeApi api;
  api.AnswerSubmits({grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "busy\x1b[2J")});
  ApiClient client(api.Channel(), "here");
  EXPECT_EQ(client.Submit({}).status(), absl::ResourceExhaustedError("busy[2J"));
}

}  // namespace
}  // namespace loadfleet
