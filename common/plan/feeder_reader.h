// Feeders: which files have rows for iterations, and how they are dealt.
#pragma once

#include <vector>

#include "common/plan/plan_files.h"
#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// `feeders`, in the plan's order. Borrows everything.
class FeederReader {
 public:
  FeederReader(PlanFiles* files, Problems* problems) : files_(files), problems_(problems) {}

  void Read(const Entry* feeders, v1::Plan* plan);

  // `feed` of a flow, when all feeders have been read.
  void ReadFeed(MapReader& flow, const v1::Plan& plan, v1::Flow* out);

  // When all flows and scenarios have been read: a problem for each feeder that no flow has, and
  // for each that is used up before anything begins.
  void CheckUse(v1::Plan* plan);

 private:
  v1::Feeder ReadOne(const Entry& entry);
  void ReadFile(MapReader& map, v1::Feeder* out);

  PlanFiles* const files_;
  Problems* const problems_;
  std::vector<Place> places_;  // by feeder
};

}  // namespace loadfleet
