// Building blocks of a /metrics page, on top of prometheus-cpp's data types.
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/web/http_listener.h"

namespace loadfleet {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

prometheus::MetricFamily CounterFamily(std::string name, std::string help);
prometheus::MetricFamily GaugeFamily(std::string name, std::string help);
prometheus::MetricFamily HistogramFamily(std::string name, std::string help);

// Adds one sample to a family of counters or gauges.
void AddSample(prometheus::MetricFamily& family, MetricLabels labels, double value);

// loadfleet_build_info: always 1, with the program's name and version as labels.
prometheus::MetricFamily BuildInfo(const std::string& program);

// This process's CPU time, memory and descriptors, by the names that every Prometheus client
// library gives them.
std::vector<prometheus::MetricFamily> ProcessMetrics();

// The text exposition format, version 0.0.4.
HttpResponse MetricsPage(const std::vector<prometheus::MetricFamily>& families);

}  // namespace loadfleet
