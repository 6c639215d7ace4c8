#include "common/web/metrics.h"

#include <prometheus/text_serializer.h>

#include <utility>

#include "common/protocol.h"

namespace loadfleet {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily CounterFamily(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Counter, {}};
}

MetricFamily GaugeFamily(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Gauge, {}};
}

MetricFamily HistogramFamily(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Histogram, {}};
}

void AddSample(MetricFamily& family, MetricLabels labels, double value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

MetricFamily BuildInfo(const std::string& program) {
  MetricFamily family =
      GaugeFamily("loadfleet_build_info", "Always 1; the labels tell what is running.");
  AddSample(family, {{"program", program}, {"version", kVersion}}, 1);
  return family;
}

HttpResponse MetricsPage(const std::vector<MetricFamily>& families) {
  return {200, "text/plain; version=0.0.4; charset=utf-8",
          prometheus::TextSerializer().Serialize(families)};
}

}  // namespace loadfleet
