// The files that a plan names: loadctl carries them along, so that neither master nor agent reads
// any.
#pragma once

#include <algorithm>
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

  // Of what is too large for `files`, such as a feeder's rows. Null as above.
  const v1::DataSource* FindData(const std::string& name) {
    data_asked_.insert(name);
    const auto found =
        std::find_if(source_.data().begin(), source_.data().end(),
                     [&name](const v1::DataSource& data) { return data.name() == name; });
    return found == source_.data().end() ? nullptr : &*found;
  }

  // Every name that Find, and FindData, was called with.
  const std::set<std::string>& asked() const { return asked_; }
  const std::set<std::string>& data_asked() const { return data_asked_; }

 private:
  const v1::PlanSource& source_;
  std::set<std::string> asked_;
  std::set<std::string> data_asked_;
};

}  // namespace loadfleet
