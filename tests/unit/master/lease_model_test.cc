// No slot ever has two owners. Agents that keep to the rules of leases and epochs, beside the real
// registry and run, under random delays, pauses and losses of links and processes: of every arrival
// at most one agent starts it; and once all is calm, one does.
#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/unit/master/cluster_fixture.h"

namespace loadfleet {
namespace {

using Kind = v1::MasterMessage::KindCase;
using Slots = std::set<uint32_t>;

constexpr Nanos kTick = 50 * kMillisecond;  // arrivals are intended at multiples of it
constexpr Nanos kTrouble = 60 * kSecond;    // until when things go wrong
constexpr Nanos kEnd = 100 * kSecond;
constexpr Nanos kCalmFrom = kEnd - 10 * kSecond;
constexpr uint32_t kWatched = 64;  // slots: the first ones of all

Slots WatchedOf(const v1::Assignment& assignment) {
  const SlotSet all = *SlotSet::FromBitmap(assignment.slots());
  Slots watched;
  for (uint16_t slot : all.slots()) {
    if (slot < kWatched) watched.insert(slot);
  }
  return watched;
}

Slots Without(const Slots& one, const Slots& other) {
  Slots rest;
  std::set_difference(one.begin(), one.end(), other.begin(), other.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

// An agent's load as its lease and its epochs let it be. Times are run time but for the lease's.
class ModelLoad {
 public:
  explicit ModelLoad(const v1::Assignment& first)
      : slots_(WatchedOf(first)), last_(slots_), epoch_(first.epoch()) {}

  // What is due before `run_now`: `start` is called for each slot's arrival.
  template <typename Start>
  void Work(Nanos now, Nanos run_now, const Start& start) {
    fenced_ = fenced_ || now > lease_end_;
    for (; done_to_ < run_now; done_to_ += kTick) {
      for (; !changes_.empty() && changes_.front().from <= done_to_; changes_.pop_front()) {
        for (uint32_t slot : changes_.front().lost) slots_.erase(slot);
        slots_.insert(changes_.front().gained.begin(), changes_.front().gained.end());
      }
      if (fenced_) continue;
      for (uint32_t slot : slots_) start(done_to_, slot);
    }
  }
  // What it answers.
  Nanos Adjust(const v1::Assignment& assignment, Nanos run_now) {
    if (assignment.epoch() <= epoch_) return answers_[assignment.epoch()];
    epoch_ = assignment.epoch();
    const Nanos from = assignment.effective_from_ns();
    const Slots next = WatchedOf(assignment);
    const Slots lost = Without(last_, next);
    const Nanos answer = lost.empty() ? from : std::max(from, done_to_);
    answers_[epoch_] = answer;
    if (fenced_) {
      slots_.clear();
      changes_.clear();
      changes_.push_back({std::max(from, run_now), {}, next});
      fenced_ = false;
    } else {
      const Nanos lost_from = std::max(from, done_to_);
      // What it was to gain only after that it does not gain at all.
      for (Change& change : changes_) {
        if (change.from >= lost_from) change.gained = Without(change.gained, lost);
      }
      changes_.push_back({lost_from, lost, {}});
      changes_.push_back({std::max(from, run_now), {}, Without(next, last_)});
    }
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const Change& a, const Change& b) { return a.from < b.from; });
    last_ = next;
    return answer;
  }
  void Renew(Nanos sent) { lease_end_ = std::max(lease_end_, sent + limits::kLease); }
  // Arrivals of before are not its own to make up.
  void BeginAt(Nanos run_now) { done_to_ = std::max<Nanos>(0, run_now / kTick * kTick); }

  bool fenced() const { return fenced_; }
  uint64_t epoch() const { return epoch_; }

 private:
  struct Change {
    Nanos from;
    Slots lost;
    Slots gained;
  };
  Slots slots_;  // now
  Slots last_;   // of the newest epoch, whose time may be still to come
  std::deque<Change> changes_;
  uint64_t epoch_;
  std::map<uint64_t, Nanos> answers_;  // by epoch: a repetition is answered with the same
  Nanos done_to_ = 0;
  Nanos lease_end_ = 0;
  bool fenced_ = false;
};

// One agent's process and its link. What is sent arrives in order, later; what is on its way when
// the link breaks is lost.
struct ModelAgent {
  FakeAgent agent;
  std::optional<ModelLoad> load = {};
  bool started = false;
  bool connected = true;
  size_t read = 0;                                           // orders
  std::deque<Nanos> orders = {};                             // when each unread one arrives
  std::deque<std::pair<Nanos, v1::AgentMessage>> said = {};  // when it arrives
  std::deque<std::pair<Nanos, Nanos>> acks = {};  // when it arrives, when its heartbeat was sent
  Nanos next_heartbeat = 0;
  Nanos asleep_until = 0;
  Nanos cut_until = 0;
  bool stopped = false;
};

class LeaseModelTest : public ClusterTest, public ::testing::WithParamInterface<uint32_t> {
 protected:
  Nanos Random(Nanos most) { return std::uniform_int_distribution<Nanos>(0, most)(random_); }
  bool OneIn(int n) { return Random(n - 1) == 0; }
  Nanos RunNow() const { return clock_.Now() - t0_; }
  template <typename Queue>
  Nanos ArrivesAfter(const Queue& queue, Nanos last) {
    return std::max(queue.empty() ? 0 : last, clock_.Now() + Random(400 * kMillisecond));
  }

  void Say(ModelAgent& model, v1::AgentMessage message) {
    const Nanos last = model.said.empty() ? 0 : model.said.back().first;
    model.said.emplace_back(ArrivesAfter(model.said, last), std::move(message));
  }
  void Hear(ModelAgent& model, const v1::MasterMessage& order) {
    v1::AgentMessage answer;
    switch (order.kind_case()) {
      case Kind::kPrepare: {
        const v1::Assignment& assignment = order.prepare().assignment();
        model.load.emplace(assignment);
        answer.mutable_prepared()->set_run_id(assignment.run_id());
        answer.mutable_prepared()->set_epoch(assignment.epoch());
        answer.mutable_prepared()->set_ready(true);
        Say(model, answer);
        break;
      }
      case Kind::kStart:
        if (!std::exchange(model.started, true)) model.load->BeginAt(RunNow());
        break;
      case Kind::kAdjust: {
        const v1::Assignment& assignment = order.adjust().assignment();
        v1::Adjusted& adjusted = *answer.mutable_adjusted();
        adjusted.set_run_id(assignment.run_id());
        adjusted.set_effective_from_ns(model.load->Adjust(assignment, RunNow()));
        adjusted.set_epoch(assignment.epoch());
        Say(model, answer);
        break;
      }
      case Kind::kStop:
        model.stopped = true;
        break;
      default:
        break;
    }
  }
  void Beat(ModelAgent& model) {
    if (clock_.Now() < model.next_heartbeat) return;
    model.next_heartbeat = clock_.Now() + limits::kHeartbeatInterval;
    v1::AgentMessage message;
    v1::Heartbeat& heartbeat = *message.mutable_heartbeat();
    heartbeat.set_sent_ns(clock_.Now());
    heartbeat.set_offset_bound_ns(kMillisecond);
    heartbeat.set_state(v1::AGENT_STATE_IDLE);
    if (model.load) {
      heartbeat.set_run_id(run_id_);
      heartbeat.set_epoch(model.load->epoch());
      heartbeat.set_state(model.load->fenced() ? v1::AGENT_STATE_FENCED
                          : model.started      ? v1::AGENT_STATE_RUNNING
                                               : v1::AGENT_STATE_READY);
    }
    Say(model, message);
  }
  // What it has said and has arrived.
  void Deliver(ModelAgent& model) {
    for (; !model.said.empty() && model.said.front().first <= clock_.Now();
         model.said.pop_front()) {
      const v1::AgentMessage& message = model.said.front().second;
      const ControlStream* stream = model.agent.control.get();
      if (message.has_heartbeat()) {
        cluster_.OnHeartbeat(stream, message.heartbeat(), clock_.NowWithSuspend());
        const Nanos last = model.acks.empty() ? 0 : model.acks.back().first;
        model.acks.emplace_back(ArrivesAfter(model.acks, last), message.heartbeat().sent_ns());
      } else if (message.has_prepared()) {
        cluster_.OnPrepared(stream, message.prepared());
      } else if (message.has_adjusted()) {
        cluster_.OnAdjusted(stream, message.adjusted());
      }
    }
  }
  void Read(ModelAgent& model) {
    for (; !model.acks.empty() && model.acks.front().first <= clock_.Now();
         model.acks.pop_front()) {
      if (model.load) model.load->Renew(model.acks.front().second);
    }
    for (; !model.orders.empty() && model.orders.front() <= clock_.Now();
         model.orders.pop_front()) {
      Hear(model, model.agent.control->sent[model.read++]);
    }
  }
  void Start(ModelAgent& model) {
    if (!model.started || model.stopped) return;
    model.load->Work(clock_.Now(), RunNow(), [this, &model](Nanos intended, uint32_t slot) {
      if (intended >= kEnd) return;
      std::string& owner = owners_[static_cast<size_t>(intended / kTick)][slot];
      EXPECT_TRUE(owner.empty()) << "slot " << slot << " at " << intended / kMillisecond
                                 << " ms is started by " << owner << " and " << model.agent.name;
      owner = model.agent.name;
    });
  }
  void Break(ModelAgent& model) {
    model.connected = false;
    model.said.clear();
    model.acks.clear();
    model.orders.clear();
  }
  void Connect(ModelAgent& model) {
    if (OneIn(2)) cluster_.OnControlEnded(model.agent.control.get());  // seen before, or never
    model.agent.control = std::make_shared<FakeControlStream>();
    model.agent.windows = std::make_shared<FakeWindowStream>();
    model.connected = true;
    model.read = 0;
    model.next_heartbeat = 0;
    v1::Register registration = Registration(model.agent.name);
    if (model.load) {
      registration.set_run_id(run_id_);
      registration.set_epoch(model.load->epoch());
    }
    cluster_.OnRegister(model.agent.control, registration, "test");
    cluster_.OnWindowsOpened(model.agent.windows, Hello(model.agent.name));
  }
  void Trouble(ModelAgent& model) {
    if (OneIn(300)) model.asleep_until = clock_.Now() + Random(14 * kSecond);
    if (OneIn(300)) model.cut_until = clock_.Now() + Random(14 * kSecond);
  }
  void Step(ModelAgent& model) {
    const Nanos now = clock_.Now();
    if (model.connected && (now < model.cut_until || model.agent.control->ended)) Break(model);
    while (model.connected && model.read + model.orders.size() < model.agent.control->sent.size()) {
      const Nanos last = model.orders.empty() ? 0 : model.orders.back();
      model.orders.push_back(ArrivesAfter(model.orders, last));
    }
    if (model.connected) Deliver(model);
    if (now < model.asleep_until) return;
    if (!model.connected && now >= model.cut_until && OneIn(5)) Connect(model);
    // The workers and the link are threads of their own.
    const bool start_first = OneIn(2);
    if (start_first) Start(model);
    if (model.connected) Read(model);
    if (!start_first) Start(model);
    if (model.connected) Beat(model);
  }
  // Until the store has done what is queued.
  void FinishCommits() {
    bool done = false;
    StoredRun mark;
    mark.run_id = "r-9999";
    store_->SaveRun(mark,
                    [this, &done](const absl::Status&) { posts_.Add([&done] { done = true; }); });
    while (!done) posts_.RunOne();
  }

  std::mt19937 random_{GetParam()};
  std::string run_id_;
  Nanos t0_ = 0;
  std::deque<ModelAgent> agents_;
  std::vector<std::array<std::string, kWatched>> owners_{static_cast<size_t>(kEnd / kTick),
                                                         std::array<std::string, kWatched>()};
};

TEST_P(LeaseModelTest, NoArrivalIsStartedByTwo) {
  v1::Plan plan = TwoSeconds();
  plan.mutable_scenarios(0)->mutable_constant_arrival_rate()->set_duration_ns(kEnd);
  plan.mutable_agents()->set_on_loss(OneIn(4) ? v1::AgentPolicy::ON_LOSS_CONTINUE
                                              : v1::AgentPolicy::ON_LOSS_REDISTRIBUTE);
  plan.mutable_agents()->set_elastic(OneIn(2));
  for (int i = 0; i < 5; ++i) agents_.push_back({Join("a" + std::to_string(i))});
  run_id_ = Submit(plan);
  Watch(run_id_);
  std::vector<FakeAgent*> fakes;
  for (ModelAgent& model : agents_) fakes.push_back(&model.agent);
  StartRun(run_id_, fakes);
  t0_ = clock_.Now();
  for (ModelAgent& model : agents_) {
    for (; model.read < model.agent.control->sent.size(); ++model.read) {
      Hear(model, model.agent.control->sent[model.read]);
    }
    model.load->Renew(clock_.Now());
    model.said.clear();
  }
  int joined = 0;
  for (int step = 0; RunNow() < kEnd; ++step) {
    Advance(kTick);
    if (step % 3 == 0) FinishCommits();
    if (RunNow() < kTrouble) {
      for (ModelAgent& model : agents_) Trouble(model);
      if (joined < 2 && OneIn(400)) agents_.push_back({Join("b" + std::to_string(joined++))});
    }
    for (ModelAgent& model : agents_) Step(model);
    if (snapshot_->state() != v1::RUN_STATE_RUNNING) return;  // too many were lost at a time
  }
  for (size_t tick = kCalmFrom / kTick; tick + 40 < owners_.size(); ++tick) {
    for (uint32_t slot = 0; slot < kWatched; ++slot) {
      EXPECT_FALSE(owners_[tick][slot].empty()) << "slot " << slot << " at tick " << tick;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LeaseModelTest, ::testing::Range(1U, 41U));

}  // namespace
}  // namespace loadfleet
