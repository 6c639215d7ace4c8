// Plans with feeders made ready as an agent does it, the master's part played by the test.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "agent/engine/run_plan.h"
#include "common/feeder/row_text.h"
#include "tests/unit/agent/flows.h"

namespace loadfleet {

// What a scan finds in a file.
inline v1::Feeder FeederOf(const std::string& text, const std::string& name) {
  v1::Feeder feeder;
  feeder.set_name("users");
  feeder.set_format(FeederFormatOf(name));
  FeederScan scan(name, feeder.format());
  EXPECT_TRUE(scan.Add(text).ok());
  const auto scanned = scan.Finish();
  EXPECT_TRUE(scanned.ok()) << scanned.status();
  if (!scanned.ok()) return feeder;
  *feeder.mutable_file() = scanned->file;
  feeder.mutable_columns()->Assign(scanned->columns.begin(), scanned->columns.end());
  feeder.set_rows(scanned->rows);
  return feeder;
}

// Of an agent with these slots; null, and a failure, when it cannot be made. All feeders have the
// one file.
inline std::unique_ptr<RunPlan> FedRunPlan(const std::string& yaml, const std::string& text,
                                           const SlotSet& slots, const std::string& agent,
                                           const std::string& name = "users.csv") {
  const v1::Feeder feeder = FeederOf(text, name);
  v1::PlanSource source = SourceOf(yaml);
  v1::DataSource& data = *source.add_data();
  data.set_name(name);
  *data.mutable_file() = feeder.file();
  *data.mutable_columns() = feeder.columns();
  data.set_rows(feeder.rows());
  std::unique_ptr<RunPlan> plan = PreparedPlan(PlanOf(source), slots, agent);
  if (plan == nullptr) return nullptr;
  for (uint32_t i = 0; i < plan->feeders.size(); ++i) {
    auto download = FeederDownload::Begin(feeder);
    EXPECT_TRUE((*download)->Add(text).ok());
    auto file = (*download)->Finish();
    EXPECT_TRUE(file.ok()) << file.status();
    plan->SetFeeder(i, *std::move(file));
  }
  return plan;
}

}  // namespace loadfleet
