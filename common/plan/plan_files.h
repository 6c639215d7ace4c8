// The files that a plan names: loadctl carries them along, so that neither master nor agent reads
// any.
#pragma once

#include <set>
#include <string>

#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// One compilation's. Borrows the source.
class PlanFiles {
 public:
  explicit PlanFiles(const v1::PlanSource& source) : source_(source) {}

  // Null: the submitter could not read it, or has not been asked for it yet.
  const std::string* Find(const std::string& name) {
    asked_.insert(name);
    const auto found = source_.files().find(name);
    return found == source_.files().end() ? nullptr : &found->second;
  }

  // Every name that Find was called with.
  const std::set<std::string>& asked() const { return asked_; }

 private:
  const v1::PlanSource& source_;
  std::set<std::string> asked_;
};

}  // namespace loadfleet
