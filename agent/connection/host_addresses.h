// Where the connections of one pool go: the addresses of its host, kept fresh while the load runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/connection/address.h"
#include "agent/connection/resolver.h"
#include "common/clock.h"
#include "common/stats/outcome.h"

namespace loadfleet {

enum class AddressOrder : uint8_t {
  kRoundRobin,  // all of them in turn
  kFirst,       // the first that lets anyone in
};

struct HostOptions {
  // At least one, unless there is a resolver: then it is asked when the first is wanted. One that
  // cannot be connected to is passed over for a while, and nobody's request fails for it as long as
  // another can (RFC 8305 has the reasons: "localhost" is ::1 and 127.0.0.1, and few servers listen
  // on both).
  std::vector<SocketAddress> addresses;
  AddressOrder order = AddressOrder::kRoundRobin;

  // Whom to ask for the addresses once they are older than `ttl`; null: they are what they are.
  Resolver* resolver = nullptr;
  std::string host;
  uint16_t port = 0;
  Nanos ttl = 0;
  // What becomes of an address of an answer: kOk, or why it is left out.
  std::function<Outcome(const SocketAddress&)> check;
};

// The loop's thread only. The resolver may end first.
//
// It asks when a connection is wanted and the answer is too old. Until the next answer comes the
// last one holds, whatever it was: a slow name server delays nobody, and a name that is gone is the
// outcome of every request that needs a connection, until it is back. What is connected stays so.
class HostAddresses {
 public:
  static constexpr Nanos kAvoid = 5 * kSecond;  // an address that failed
  static constexpr Nanos kAskAgain = kSecond;   // after an answer without an address

  HostAddresses(HostOptions options, Nanos now);
  ~HostAddresses() { *alive_ = false; }
  HostAddresses(const HostAddresses&) = delete;
  HostAddresses& operator=(const HostAddresses&) = delete;

  struct Choice {
    Outcome outcome = Outcome::kOk;  // else there is no address, and this is why
    const SocketAddress* address =
        nullptr;      // until the next call; null: the first answer is to come
    uint32_t id = 0;  // of this address, never another's
  };
  Choice Next(Nanos now);

  // Called when the first answer has come that Next() had to wait for.
  void WhenAnswered(std::function<void()> then) { answered_ = std::move(then); }

  void Worked(uint32_t id);
  // True: another can be tried instead.
  bool Failed(uint32_t id, Nanos now);

 private:
  struct Entry {
    SocketAddress address;
    uint32_t id;
    Nanos avoided_until = 0;
  };

  void Ask(Nanos now);
  void Take(const absl::StatusOr<std::vector<SocketAddress>>& answer, Nanos now);

  HostOptions options_;
  std::vector<Entry> entries_;
  Outcome none_ = Outcome::kDns;  // why entries_ is empty
  size_t next_ = 0;
  uint32_t last_id_ = 0;
  Nanos ask_at_ = INT64_MAX;
  bool asking_ = false;
  bool waited_for_ = false;  // the first answer
  std::function<void()> answered_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for an answer that comes too late
};

}  // namespace loadfleet
