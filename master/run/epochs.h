// Who has which part of a run's load, epoch by epoch: makes the assignments, sees them committed
// and told, and keeps them until they are answered.
//
// No slot has two owners at any time. What a lost agent had goes to others from a run time on that
// lies behind its fence. What moves between two that live is taken from the one first, and given to
// the other when the one has answered, from the time of that answer on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/run_results.h"
#include "master/run/orders.h"
#include "master/run/part.h"
#include "master/store/store.h"

namespace loadfleet {

// The control thread's.
class Epochs {
 public:
  // Has an epoch stored, then calls OnCommitted with its number.
  using Commit = std::function<void(uint64_t epoch, std::vector<StoredAssignment>)>;

  Epochs(std::string run_id, std::map<Part::Key, Part>& parts, Orders& orders, RunResults& results,
         Commit commit);

  // The first epoch, of all parts: what is to be stored with the run's start. Once.
  std::vector<StoredAssignment> Begin();
  uint64_t newest() const { return newest_; }
  // What `part` has now, for its Prepare.
  v1::Assignment AssignmentOf(const Part& part) const;

  // `from`: run time; never before that of the epoch before.
  //
  // What `gone` have is dealt to `heirs` by weight. Neither is empty.
  void Redistribute(const std::vector<Part*>& gone, const std::vector<Part*>& heirs, Nanos from,
                    const std::string& reason);
  // Its own again: what takes its fence away.
  void Renew(Part& part, Nanos from, const std::string& reason);
  // The others of `owners` give up what `gainer`, one of them, lacks of its fair share. One at a
  // time. False: it lacks nothing worth moving.
  bool Move(const std::vector<Part*>& owners, Part& gainer, Nanos from, const std::string& reason);
  bool moving() const { return gainer_.has_value(); }

  void OnCommitted(uint64_t epoch);
  void OnAdjusted(Part& part, const v1::Adjusted& adjusted);
  // It answers no more. What it was to give up is its own still.
  void OnGone(Part& part);
  // Tells it again what it has not answered.
  void Remind(const Part& part) const;

  const std::vector<v1::EpochReport>& reports() const { return reports_; }

 private:
  // Slots on their way from one living agent to another.
  struct Gift {
    Part::Key from;
    uint64_t epoch = 0;  // that took them away
    SlotSet slots;
    std::optional<Nanos> free_from;  // as answered
  };
  struct NewShare {
    Part* part;
    SlotSet slots;
  };

  void Make(std::vector<NewShare> shares, Nanos from, const std::string& reason);
  void HandOver();

  const std::string run_id_;
  std::map<Part::Key, Part>& parts_;
  Orders& orders_;
  RunResults& results_;
  const Commit commit_;
  uint64_t newest_ = 1;
  std::optional<Part::Key> gainer_;
  std::string move_reason_;
  std::vector<Gift> gifts_;
  std::vector<v1::EpochReport> reports_;
};

}  // namespace loadfleet
