#include "target/loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace loadfleet::target {
namespace {

constexpr size_t kReadBytes = 64 << 10;

timespec ToTimespec(Nanos nanos) {
  timespec spec;
  spec.tv_sec = nanos / kSecond;
  spec.tv_nsec = nanos % kSecond;
  return spec;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create(OwnedFd listener, Options options,
                                                   const Clock& clock) {
  std::unique_ptr<Loop> loop(new Loop(std::move(listener), std::move(options), clock));
  const absl::Status status = loop->Open();
  if (!status.ok()) return status;
  return loop;
}

Loop::Loop(OwnedFd listener, Options options, const Clock& clock)
    : clock_(clock),
      options_(std::move(options)),
      listener_(std::move(listener)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      read_buffer_(kReadBytes),
      heads_(clock),
      share_{counters_,      timers_,          heads_, absl::MakeSpan(read_buffer_),
             options_.stats, options_.started, 0} {}

absl::Status Loop::Open() {
  const std::array<std::pair<OwnedFd*, uint32_t>, 3> sources = {{
      {&listener_, EPOLLIN | EPOLLET},
      {&wake_, EPOLLIN},
      {&timer_, EPOLLIN | EPOLLET},
  }};
  for (const auto& [fd, events] : sources) {
    epoll_event event = {};
    event.events = events;
    event.data.ptr = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd->get(), &event) != 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start a loop of the target: ", strerror(errno)));
    }
  }
  return absl::OkStatus();
}

void Loop::Run() {
  std::array<epoll_event, 256> events;
  while (!stopping_) {
    ArmTimer();
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 yielded_.empty() ? -1 : 0);
    WaitOutFreeze();
    if (stopping_) break;
    share_.now = clock_.Now();
    heads_.Refresh(share_.now);
    for (int i = 0; i < count; ++i) OnEvent(events[i].data.ptr, events[i].events);
    // After the events, which may name a connection that a deadline ends.
    RunDeadlines();
    RunYielded();
  }
  connections_.clear();
  listener_.Reset();
}

void Loop::Stop() {
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
}

void Loop::OnEvent(void* source, uint32_t epoll_events) {
  if (source == &wake_) return;
  if (source == &listener_) return Accept();
  if (source == &timer_) {
    timer_at_.reset();
    return;
  }
  Connection* connection = static_cast<Connection*>(source);
  Settle(connection, connection->OnEvents(epoll_events));
}

void Loop::Accept() {
  accept_stalled_ = false;
  for (;;) {
    const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN) return;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        accept_stalled_ = true;
        return;
      }
      continue;  // that connection has ended before it was accepted: accept(2), "Error handling"
    }
    auto connection = std::make_unique<Connection>(fd, &share_);
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = connection.get();
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) continue;
    if (connections_.size() <= static_cast<size_t>(fd)) connections_.resize(fd + 1);
    connections_[fd] = std::move(connection);
  }
}

void Loop::ArmTimer() {
  const std::optional<Nanos> earliest = timers_.Earliest();
  if (earliest == timer_at_ || !earliest) return;
  itimerspec spec = {};
  spec.it_value = ToTimespec(std::max<Nanos>(1, *earliest - clock_.Now()));
  timerfd_settime(timer_.get(), 0, &spec, nullptr);
  timer_at_ = earliest;
}

// Nothing is read, accepted or sent meanwhile: what came with the last epoll_wait is served
// afterwards.
void Loop::WaitOutFreeze() {
  while (!stopping_) {
    const Nanos left = options_.freeze.Left(clock_.Now() - options_.started);
    if (left == 0) return;
    const timespec timeout = ToTimespec(left);
    pollfd wake = {wake_.get(), POLLIN, 0};
    ppoll(&wake, 1, &timeout, nullptr);
  }
}

void Loop::RunDeadlines() {
  while (Connection* connection = timers_.TakeDue(share_.now)) {
    Settle(connection, connection->OnDeadline());
  }
}

void Loop::RunYielded() {
  std::vector<Connection*> turn;
  turn.swap(yielded_);
  for (Connection* connection : turn) Settle(connection, connection->Progress());
}

void Loop::Settle(Connection* connection, Connection::Fate fate) {
  switch (fate) {
    case Connection::Fate::kOpen:
      return;
    case Connection::Fate::kYields:
      if (std::find(yielded_.begin(), yielded_.end(), connection) == yielded_.end()) {
        yielded_.push_back(connection);
      }
      return;
    case Connection::Fate::kClosed:
      return Close(connection);
  }
}

void Loop::Close(Connection* connection) {
  std::erase(yielded_, connection);
  connections_[connection->fd()].reset();
  if (accept_stalled_) Accept();
}

}  // namespace loadfleet::target
