// The `{{ }}` of a plan: which names its texts ask for, and whether somebody knows them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/plan/problems.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The names that a flow's texts ask for, and where.
class VariableUses {
 public:
  // Notes the names of `text`, which `what` names in messages ("`get`"): each once, where it came
  // first. A malformed text is a problem, and false.
  bool Add(const std::string& text, const std::string& what, Place place, Problems* problems);

  // Moves out those of what setup captures: {{ setup.NAME }}.
  VariableUses TakeSetup();

  // A problem for each name that neither every iteration has nor a request of `flow` captures, and
  // that is no column of a feeder that the flow has. Of `plan` the feeders are known.
  void Check(const v1::Flow& flow, const v1::Plan& plan, Problems* problems) const;
  // The same for what TakeSetup has moved out. `setup`: its flow; null: the plan has none.
  void CheckSetup(const v1::Flow* setup, Problems* problems) const;
  // In setup's own flow, where they have not been captured yet: a problem for each.
  void RefuseSetup(Problems* problems) const;

 private:
  struct Use {
    std::string name;
    std::string what;
    Place place;
  };

  // False: the use is not of the form FEEDER.COLUMN. Else it is right, or has a problem.
  static bool CheckColumn(const Use& use, const v1::Flow& flow, const v1::Plan& plan,
                          Problems* problems);

  std::vector<Use> uses_;
  std::set<std::string> names_;  // of them
};

// The names that requests of the flow capture, in order, each once.
std::vector<std::string> CapturedIn(const v1::Flow& flow);

// Whether any text of the flow asks for `name`.
bool AsksFor(const v1::Flow& flow, absl::string_view name);

// Whether a well-formed text asks for anything that setup captures.
bool AsksForSetup(absl::string_view text);

}  // namespace loadfleet
