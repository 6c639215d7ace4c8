#include "tests/support/truth_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace loadfleet {
namespace {

// The value of a header, named with its colon as the plan has it.
std::string HeaderOf(const std::string& head, const std::string& name) {
  const std::string begin = absl::StrCat("\r\n", name, " ");
  const size_t found = head.find(begin);
  if (found == head.npos) return "";
  const size_t value = found + begin.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

}  // namespace

std::string TruthServer::url() const {
  return absl::StrCat("http://127.0.0.1:", port());
}

void TruthServer::Serve(ScriptedServer::Peer& peer) {
  std::string head;
  while (peer.ReadRequest(&head)) {
    Request request{absl::Now(), HeaderOf(head, "X-Agent:"), -1};
    if (!absl::SimpleAtoi(HeaderOf(head, "X-Arrival:"), &request.arrival)) request.arrival = -1;
    {
      absl::MutexLock lock(&mutex_);
      log_.push_back(std::move(request));
    }
    const bool more = peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (!more || head.find(" HTTP/1.0\r\n") != head.npos) return;
  }
}

size_t TruthServer::Count() const {
  absl::MutexLock lock(&mutex_);
  return log_.size();
}

size_t TruthServer::CountOf(const std::string& agent) const {
  absl::MutexLock lock(&mutex_);
  return static_cast<size_t>(std::count_if(
      log_.begin(), log_.end(), [&](const Request& request) { return request.agent == agent; }));
}

std::vector<TruthServer::Request> TruthServer::Log() const {
  absl::MutexLock lock(&mutex_);
  return log_;
}

void TruthServer::Clear() {
  absl::MutexLock lock(&mutex_);
  log_.clear();
}

}  // namespace loadfleet
