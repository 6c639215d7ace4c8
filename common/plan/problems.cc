#include "common/plan/problems.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace loadfleet {

bool Problems::WouldKeep(Place place) const {
  return first_.size() < limits::kPlanProblems || place < std::prev(first_.end())->first;
}

void Problems::Add(Place place, std::string message) {
  ++total_;
  if (!WouldKeep(place)) return;
  first_.emplace(place, std::move(message));
  if (first_.size() > limits::kPlanProblems) first_.erase(std::prev(first_.end()));
}

std::vector<v1::Problem> Problems::ToProto() const {
  std::vector<v1::Problem> all;
  for (const auto& [place, message] : first_) {
    v1::Problem problem;
    problem.set_file(place.source == 0
                         ? source_.name()
                         : source_.overrides(static_cast<int>(place.source) - 1).origin());
    problem.set_line(place.line);
    problem.set_column(place.column);
    problem.set_message(message);
    all.push_back(std::move(problem));
  }
  if (total_ > first_.size()) {
    v1::Problem rest;
    rest.set_file(source_.name());
    rest.set_message(absl::StrCat("and ", total_ - first_.size(), " more"));
    all.push_back(std::move(rest));
  }
  return all;
}

}  // namespace loadfleet
