#include "master/web/cluster_snapshot.h"

namespace loadfleet {

RequestSnapshot RequestSnapshot::Of(std::string scenario, std::string request,
                                    const RequestStats& stats) {
  RequestSnapshot snapshot;
  snapshot.scenario = std::move(scenario);
  snapshot.request = std::move(request);
  snapshot.started = stats.started;
  snapshot.outcomes = stats.outcomes;
  snapshot.statuses = stats.statuses.counts();
  snapshot.bytes_sent = stats.bytes_sent;
  snapshot.bytes_received = stats.bytes_received;
  snapshot.checks_passed = stats.checks_passed;
  snapshot.checks_failed = stats.checks_failed;
  snapshot.response_time.AddObserved(stats.response_time);
  snapshot.response_time.AddCensored(stats.response_time_censored);
  snapshot.service_time.AddObserved(stats.service_time);
  return snapshot;
}

}  // namespace loadfleet
