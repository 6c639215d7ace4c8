#include "master/run/epochs.h"

#include <algorithm>
#include <utility>

namespace loadfleet {
namespace {

// A thousandth of the load is not worth an epoch.
constexpr size_t kWorthMoving = kSlots / 1000;

v1::Assignment Assigned(const std::string& run_id, uint64_t epoch, const SlotSet& slots,
                        Nanos from) {
  v1::Assignment assignment;
  assignment.set_run_id(run_id);
  assignment.set_epoch(epoch);
  assignment.set_slots(slots.ToBitmap());
  assignment.set_effective_from_ns(from);
  return assignment;
}

}  // namespace

Epochs::Epochs(std::string run_id, std::map<Part::Key, Part>& parts, Orders& orders,
               RunResults& results, Commit commit)
    : run_id_(std::move(run_id)),
      parts_(parts),
      orders_(orders),
      results_(results),
      commit_(std::move(commit)) {}

std::vector<StoredAssignment> Epochs::Begin() {
  std::vector<StoredAssignment> stored;
  v1::EpochReport& report = reports_.emplace_back();
  report.set_epoch(newest_);
  for (const auto& [key, part] : parts_) {
    stored.push_back({key.first, key.second, AssignmentOf(part)});
    v1::EpochShare& share = *report.add_shares();
    share.set_agent_id(key.first);
    share.set_share(part.share.fraction());
  }
  return stored;
}

v1::Assignment Epochs::AssignmentOf(const Part& part) const {
  return Assigned(run_id_, part.epoch, part.share.slots, part.effective_from);
}

void Epochs::Make(std::vector<NewShare> shares, Nanos from, const std::string& reason) {
  const uint64_t epoch = ++newest_;
  std::vector<StoredAssignment> stored;
  for (NewShare& changed : shares) {
    Part& part = *changed.part;
    part.share.slots = std::move(changed.slots);
    part.epoch = epoch;
    part.effective_from = from;
    v1::Assignment assignment = AssignmentOf(part);
    stored.push_back({part.who().agent_id, part.who().incarnation, assignment});
    part.owed.push_back({std::move(assignment)});
  }
  v1::EpochReport& report = reports_.emplace_back();
  report.set_epoch(epoch);
  report.set_effective_from_ns(from);
  report.set_reason(reason);
  for (const auto& [key, part] : parts_) {
    if (part.share.slots.empty()) continue;
    v1::EpochShare& share = *report.add_shares();
    share.set_agent_id(key.first);
    share.set_share(part.share.fraction());
  }
  commit_(epoch, std::move(stored));
}

void Epochs::OnCommitted(uint64_t epoch) {
  for (auto& [key, part] : parts_) {
    for (Part::Adjustment& adjustment : part.owed) {
      if (adjustment.assignment.epoch() != epoch) continue;
      adjustment.committed = true;
      orders_.Adjust(part.who(), adjustment.assignment);
    }
  }
}

void Epochs::Remind(const Part& part) const {
  for (const Part::Adjustment& adjustment : part.owed) {
    if (adjustment.committed) orders_.Adjust(part.who(), adjustment.assignment);
  }
}

void Epochs::Redistribute(const std::vector<Part*>& gone, const std::vector<Part*>& heirs,
                          Nanos from, const std::string& reason) {
  SlotSet free;
  std::vector<NewShare> shares;
  for (Part* part : gone) {
    free = free.With(part->share.slots);
    results_.Lose(part->who().agent_id, part->who().incarnation, from, part->share.slots);
    if (part->leaves || part->quarantined) {
      part->share.slots = SlotSet();  // it has no use for an order
    } else {
      shares.push_back({part, SlotSet()});
    }
  }
  std::vector<uint32_t> weights;
  weights.reserve(heirs.size());
  for (const Part* heir : heirs) weights.push_back(heir->who().weight);
  const std::vector<SlotSet> dealt = Deal(free, weights);
  for (size_t i = 0; i < heirs.size(); ++i) {
    const Participant& heir = heirs[i]->who();
    results_.Gain(heir.agent_id, heir.incarnation, from, dealt[i]);
    shares.push_back({heirs[i], heirs[i]->share.slots.With(dealt[i])});
  }
  Make(std::move(shares), from, reason);
}

void Epochs::Renew(Part& part, Nanos from, const std::string& reason) {
  SlotSet own = part.share.slots;
  Make({{&part, std::move(own)}}, from, reason);
}

bool Epochs::Move(const std::vector<Part*>& owners, Part& gainer, Nanos from,
                  const std::string& reason) {
  std::vector<Share> present;
  size_t at = 0;
  for (size_t i = 0; i < owners.size(); ++i) {
    present.push_back(owners[i]->share);
    if (owners[i] == &gainer) at = i;
  }
  const std::vector<SlotSet> given = GivenUpFor(present, at);
  size_t slots = 0;
  for (const SlotSet& set : given) slots += set.size();
  if (slots <= kWorthMoving) return false;

  std::vector<NewShare> shares;
  for (size_t i = 0; i < owners.size(); ++i) {
    if (given[i].empty()) continue;
    gifts_.push_back({owners[i]->key(), newest_ + 1, given[i], std::nullopt});
    shares.push_back({owners[i], owners[i]->share.slots.Without(given[i])});
  }
  gainer_ = gainer.key();
  move_reason_ = reason;
  Make(std::move(shares), from, reason);
  return true;
}

void Epochs::OnAdjusted(Part& part, const v1::Adjusted& adjusted) {
  while (!part.owed.empty() && part.owed.front().assignment.epoch() <= adjusted.epoch()) {
    const v1::Assignment& assignment = part.owed.front().assignment;
    for (Gift& gift : gifts_) {
      if (gift.from != part.key() || gift.epoch != assignment.epoch()) continue;
      gift.free_from =
          std::max<Nanos>(assignment.effective_from_ns(), adjusted.effective_from_ns());
    }
    part.owed.pop_front();
  }
  HandOver();
}

void Epochs::OnGone(Part& part) {
  part.owed.clear();
  std::erase_if(gifts_, [&part](Gift& gift) {
    if (gift.from != part.key() || gift.free_from) return false;
    part.share.slots = part.share.slots.With(gift.slots);
    return true;
  });
  HandOver();
}

// When all have answered. To one that is gone meanwhile too: it is among those whose slots are
// dealt anew.
void Epochs::HandOver() {
  if (!gainer_ || !std::all_of(gifts_.begin(), gifts_.end(),
                               [](const Gift& gift) { return gift.free_from.has_value(); })) {
    return;
  }
  Part& gainer = parts_.at(*std::exchange(gainer_, std::nullopt));
  std::map<Nanos, SlotSet> free;  // by when
  for (const Gift& gift : std::exchange(gifts_, {})) {
    SlotSet& slots = free[*gift.free_from];
    slots = slots.With(gift.slots);
    results_.Lose(gift.from.first, gift.from.second, *gift.free_from, gift.slots);
  }
  for (auto& [from, slots] : free) {
    results_.Gain(gainer.who().agent_id, gainer.who().incarnation, from, slots);
    SlotSet all = gainer.share.slots.With(slots);
    if (gainer.gone) {
      gainer.share.slots = std::move(all);
    } else {
      Make({{&gainer, std::move(all)}}, std::max(from, gainer.effective_from), move_reason_);
    }
  }
}

}  // namespace loadfleet
