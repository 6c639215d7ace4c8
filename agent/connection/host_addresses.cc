#include "agent/connection/host_addresses.h"

#include <algorithm>
#include <utility>

namespace loadfleet {

HostAddresses::HostAddresses(HostOptions options, Nanos now) : options_(std::move(options)) {
  for (const SocketAddress& address : options_.addresses) {
    entries_.push_back({address, ++last_id_});
  }
  if (options_.resolver == nullptr) return;
  waited_for_ = entries_.empty();
  ask_at_ = waited_for_ ? now : now + options_.ttl;
}

HostAddresses::Choice HostAddresses::Next(Nanos now) {
  if (now >= ask_at_ && !asking_) Ask(now);
  if (waited_for_ && asking_) return {};
  if (entries_.empty()) return {none_};
  const size_t count = entries_.size();
  if (options_.order == AddressOrder::kFirst) next_ = 0;
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = entries_[next_++ % count];
    if (entry.avoided_until <= now) return {Outcome::kOk, &entry.address, entry.id};
  }
  const Entry& entry = entries_[next_++ % count];  // all of them failed a moment ago
  return {Outcome::kOk, &entry.address, entry.id};
}

void HostAddresses::Worked(uint32_t id) {
  for (Entry& entry : entries_) {
    if (entry.id == id) entry.avoided_until = 0;
  }
}

bool HostAddresses::Failed(uint32_t id, Nanos now) {
  bool others = false;
  for (Entry& entry : entries_) {
    if (entry.id == id) entry.avoided_until = now + kAvoid;
    others = others || entry.avoided_until <= now;
  }
  return others;
}

void HostAddresses::Ask(Nanos now) {
  asking_ = true;
  options_.resolver->Resolve(options_.host, options_.port,
                             [this, alive = alive_, now](const auto& answer) {
                               if (*alive) Take(answer, now);
                             });
}

// `now`: when it was asked for, which is what its age counts from.
void HostAddresses::Take(const absl::StatusOr<std::vector<SocketAddress>>& answer, Nanos now) {
  asking_ = false;
  std::vector<Entry> fresh;
  none_ = Outcome::kDns;
  if (answer.ok()) {
    for (const SocketAddress& address : *answer) {
      if (const Outcome outcome = options_.check(address); outcome != Outcome::kOk) {
        none_ = outcome;
        continue;
      }
      const auto known = std::find_if(entries_.begin(), entries_.end(),
                                      [&](const Entry& entry) { return entry.address == address; });
      fresh.push_back(known == entries_.end() ? Entry{address, ++last_id_} : *known);
    }
  }
  ask_at_ = now + (fresh.empty() ? kAskAgain : options_.ttl);
  entries_ = std::move(fresh);
  if (std::exchange(waited_for_, false) && answered_) answered_();
}

}  // namespace loadfleet
