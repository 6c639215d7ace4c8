#include "master/web/master_web.h"

#include <iterator>
#include <utility>
#include <vector>

#include "common/web/metrics.h"
#include "master/web/exporter.h"

namespace loadfleet {
namespace {

HttpResponse Metrics(const ClusterSnapshot& cluster) {
  std::vector<prometheus::MetricFamily> families = ClusterMetrics(cluster);
  families.push_back(BuildInfo("loadmaster"));
  for (auto& family : ProcessMetrics()) families.push_back(std::move(family));
  return MetricsPage(families);
}

HttpResponse Health(const ClusterSnapshot& cluster) {
  if (cluster.store_healthy) return {200, HttpResponse().content_type, "ok\n"};
  return {503, HttpResponse().content_type, "degraded: the store cannot commit\n"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<MasterWeb>> MasterWeb::Start(
    absl::string_view listen, bool insecure_listen,
    const std::function<std::shared_ptr<const ClusterSnapshot>()>& snapshot) {
  auto listener = HttpListener::Start(listen, insecure_listen,
                                      {{"/metrics", [snapshot] { return Metrics(*snapshot()); }},
                                       {"/healthz", [snapshot] { return Health(*snapshot()); }}});
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<MasterWeb>(new MasterWeb(*std::move(listener)));
}

}  // namespace loadfleet
