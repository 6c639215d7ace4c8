#include "common/stats/iteration_stats.h"

#include <algorithm>

namespace loadfleet {

GroupTimes& IterationStats::GroupOf(uint32_t group) {
  const auto found = std::find_if(groups.begin(), groups.end(), [group](const GroupTimes& times) {
    return times.group == group;
  });
  if (found != groups.end()) return *found;
  groups.emplace_back().group = group;
  return groups.back();
}

bool IterationStats::empty() const {
  return completed == 0 && failed == 0 && interrupted == 0 &&
         std::all_of(groups.begin(), groups.end(), [](const GroupTimes& times) {
           return times.duration.empty() && times.duration_censored.empty();
         });
}

void IterationStats::Merge(const IterationStats& other) {
  completed += other.completed;
  failed += other.failed;
  interrupted += other.interrupted;
  duration.Merge(other.duration);
  duration_censored.Merge(other.duration_censored);
  for (const GroupTimes& theirs : other.groups) {
    GroupTimes& ours = GroupOf(theirs.group);
    ours.duration.Merge(theirs.duration);
    ours.duration_censored.Merge(theirs.duration_censored);
  }
}

absl::Status IterationStats::Check(const v1::IterationStats& message) {
  absl::Status status = Histogram::Check(message.duration());
  status.Update(Histogram::Check(message.duration_censored()));
  for (const v1::GroupStats& group : message.groups()) {
    status.Update(Histogram::Check(group.duration()));
    status.Update(Histogram::Check(group.duration_censored()));
  }
  return status;
}

void IterationStats::MergeChecked(const v1::IterationStats& message) {
  completed += message.completed();
  failed += message.failed();
  interrupted += message.interrupted();
  duration.MergeChecked(message.duration());
  duration_censored.MergeChecked(message.duration_censored());
  for (const v1::GroupStats& theirs : message.groups()) {
    GroupTimes& ours = GroupOf(theirs.group());
    ours.duration.MergeChecked(theirs.duration());
    ours.duration_censored.MergeChecked(theirs.duration_censored());
  }
}

absl::Status IterationStats::MergeProto(const v1::IterationStats& message) {
  absl::Status status = Check(message);
  if (status.ok()) MergeChecked(message);
  return status;
}

void IterationStats::ToProto(v1::IterationStats* message) const {
  message->set_completed(completed);
  message->set_failed(failed);
  message->set_interrupted(interrupted);
  duration.ToProto(message->mutable_duration());
  duration_censored.ToProto(message->mutable_duration_censored());
  message->clear_groups();
  for (const GroupTimes& times : groups) {
    if (times.duration.empty() && times.duration_censored.empty()) continue;
    v1::GroupStats* group = message->add_groups();
    group->set_group(times.group);
    times.duration.ToProto(group->mutable_duration());
    times.duration_censored.ToProto(group->mutable_duration_censored());
  }
  std::sort(message->mutable_groups()->begin(), message->mutable_groups()->end(),
            [](const v1::GroupStats& a, const v1::GroupStats& b) { return a.group() < b.group(); });
}

void IterationStats::Clear() {
  completed = failed = interrupted = 0;
  duration.Clear();
  duration_censored.Clear();
  for (GroupTimes& times : groups) {
    times.duration.Clear();
    times.duration_censored.Clear();
  }
}

}  // namespace loadfleet
