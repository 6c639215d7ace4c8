// A run at half time, made by hand.
#pragma once

#include "common/clock.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

inline v1::RunSnapshot SampleSnapshot() {
  v1::RunSnapshot snapshot;
  snapshot.set_run_id("r-0001");
  snapshot.set_name("quickstart");
  snapshot.set_state(v1::RUN_STATE_RUNNING);
  snapshot.set_elapsed_ns(15 * kSecond);
  snapshot.set_duration_ns(30 * kSecond);
  snapshot.set_planned_rate(5'000);
  snapshot.set_provisional(true);
  snapshot.set_intended(75'005);
  snapshot.set_started(75'002);
  snapshot.set_completed(74'990);
  snapshot.set_failed(7);
  snapshot.set_dropped(3);
  snapshot.set_in_flight(12);
  snapshot.set_oldest_age_us(900);
  snapshot.set_agents_up(2);
  snapshot.set_agents_total(3);
  v1::Quantiles* times = snapshot.mutable_response_time();
  times->set_count(74'990);
  times->mutable_p50()->set_value_us(310);
  times->mutable_p90()->set_value_us(700);
  times->mutable_p99()->set_value_us(1'200);
  times->mutable_max()->set_value_us(4'100);
  v1::SecondSummary* second = snapshot.mutable_last_second();
  second->set_second(14);
  second->set_completed(4'998);
  second->set_failed(1);
  second->mutable_response_time()->set_count(4'998);
  second->mutable_response_time()->mutable_p50()->set_value_us(300);
  second->mutable_response_time()->mutable_p99()->set_value_us(2'000'000);
  second->mutable_response_time()->mutable_p99()->set_lower_bound(true);
  return snapshot;
}

}  // namespace loadfleet
