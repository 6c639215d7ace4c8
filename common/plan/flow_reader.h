// Flows: what one iteration does, step by step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/plan/feeder_reader.h"
#include "common/plan/reader.h"
#include "common/plan/request_reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// All flows of one plan, in their order: it numbers their requests and groups. Borrows everything.
class FlowReader {
 public:
  FlowReader(const HttpDefaults& defaults, PlanFiles* files, Problems* problems)
      : defaults_(defaults), files_(files), problems_(problems) {}

  // Whole only when no problem was added. Of `plan` the feeders are known.
  v1::Flow Read(const Entry& entry, const v1::Plan& plan, FeederReader* feeders);

  // What the flows ask of setup, in their order; the defaults of all requests are no flow's.
  const std::vector<VariableUses>& setup_uses() const { return setup_uses_; }

 private:
  using Steps = google::protobuf::RepeatedPtrField<v1::Step>;

  void ReadSteps(MapReader& map, absl::string_view example, Steps* out);
  void ReadStep(const Node& node, Steps* out);
  void ReadRequestStep(MapReader& step, v1::Request* out);
  void ReadGroup(MapReader& step, v1::Group* out);
  void ReadRepeat(MapReader& step, v1::Repeat* out);
  void ReadIf(MapReader& step, v1::If* out);
  void CheckCaptures(const v1::Flow& flow, const MapReader& map);
  void CheckSize(const v1::Flow& flow, const MapReader& map);
  void CheckRequestName(const Node& node);

  const HttpDefaults& defaults_;
  PlanFiles* const files_;
  Problems* const problems_;
  std::map<std::string, Place> request_names_;
  std::map<std::string, uint32_t> groups_;  // by name
  uint32_t requests_ = 0;
  size_t request_bytes_ = 0;
  VariableUses uses_;  // of the flow that is being read
  std::vector<VariableUses> setup_uses_;
};

}  // namespace loadfleet
