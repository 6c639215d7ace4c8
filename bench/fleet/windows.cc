#include "bench/fleet/windows.h"

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>

#include "common/stats/request_stats.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {
namespace {

void AddBody(const WindowShape& shape, uint64_t seed, v1::Window* window) {
  std::mt19937_64 random(seed);
  v1::ArrivalStats& arrivals = *window->add_arrivals();
  arrivals.set_intended(shape.samples);
  arrivals.set_started(shape.samples);
  v1::ArrivalLevels& levels = *window->add_levels();
  levels.set_in_flight(100);
  levels.set_oldest_age_us(20'000);
  for (uint32_t r = 0; r < shape.requests; ++r) {
    // Medians from 5 ms upwards, one request slower than the other.
    std::lognormal_distribution<double> response(std::log(5000.0 * (1 + r)), 0.5);
    RequestStats stats;
    stats.started = shape.samples;
    stats.outcomes[static_cast<size_t>(Outcome::kOk)] = shape.samples;
    stats.statuses.Add(200, shape.samples);
    stats.bytes_sent = 120ULL * shape.samples;
    stats.bytes_received = 900ULL * shape.samples;
    for (uint32_t n = 0; n < shape.samples; ++n) {
      const double micros = response(random);
      stats.response_time.Record(static_cast<uint64_t>(micros));
      stats.service_time.Record(static_cast<uint64_t>(micros * 0.9));
    }
    v1::RequestStats& message = *window->add_requests();
    message.set_request(r);
    stats.ToProto(&message);
  }
  window->mutable_generator()->set_cpu_us(300'000);
  window->mutable_generator()->set_busiest_worker_cpu(0.3);
}

// `field`, of a WindowMessage, with a key of its own in front of what is the same in many.
grpc::ByteBuffer Framed(uint32_t field, const std::string& head, const grpc::Slice& body) {
  std::string frame(1, static_cast<char>(field << 3 | 2));  // length-delimited
  for (size_t size = head.size() + body.size(); size > 0; size >>= 7) {
    frame.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
  }
  const grpc::Slice slices[] = {grpc::Slice(frame + head), body};
  return {slices, 2};
}

void SetKey(const std::string& run_id, const std::string& agent_id, uint64_t first, uint64_t last,
            v1::WindowKey* key) {
  key->set_run_id(run_id);
  key->set_agent_id(agent_id);
  key->set_incarnation(1);
  key->set_first_seq(first);
  key->set_last_seq(last);
}

}  // namespace

WindowBytes::WindowBytes(const WindowShape& shape) : shape_(shape) {
  for (uint32_t v = 0; v < shape.variants; ++v) {
    v1::Window window;
    AddBody(shape, v + 1, &window);
    bodies_.emplace_back(window.SerializeAsString());
  }
}

grpc::ByteBuffer WindowBytes::Window(const std::string& run_id, const std::string& agent_id,
                                     uint32_t agent, uint32_t seq) const {
  v1::Window head;
  SetKey(run_id, agent_id, seq, seq, head.mutable_key());
  head.set_epoch(1);
  head.set_first_second(seq - 1);
  head.set_last_second(seq - 1);
  head.set_watermark(seq);
  return Framed(v1::WindowMessage::kWindowFieldNumber, head.SerializeAsString(),
                bodies_[VariantOf(agent, seq)]);
}

grpc::Slice WindowBytes::SumOf(uint32_t agent, uint32_t last_seq) const {
  std::vector<uint32_t> times(bodies_.size());
  for (uint32_t seq = 1; seq <= last_seq; ++seq) ++times[VariantOf(agent, seq)];
  v1::ArrivalStats arrivals;
  std::vector<RequestStats> sums(shape_.requests);
  for (size_t v = 0; v < bodies_.size(); ++v) {
    v1::Window window;
    window.ParseFromArray(bodies_[v].begin(), static_cast<int>(bodies_[v].size()));
    for (uint32_t n = 0; n < times[v]; ++n) {
      arrivals.set_intended(arrivals.intended() + window.arrivals(0).intended());
      arrivals.set_started(arrivals.started() + window.arrivals(0).started());
      for (const v1::RequestStats& request : window.requests()) {
        if (!sums[request.request()].MergeProto(request).ok()) std::abort();  // it is our own
      }
    }
  }
  v1::FinalSummary summary;
  *summary.add_arrivals() = arrivals;
  for (uint32_t r = 0; r < shape_.requests; ++r) {
    v1::RequestStats& message = *summary.add_requests();
    message.set_request(r);
    sums[r].ToProto(&message);
  }
  return grpc::Slice(summary.SerializeAsString());
}

grpc::ByteBuffer WindowBytes::Summary(const std::string& run_id, const std::string& agent_id,
                                      uint32_t agent, uint32_t last_seq) {
  const std::pair key(VariantOf(agent, 0), last_seq);
  auto sum = sums_.find(key);
  if (sum == sums_.end()) sum = sums_.emplace(key, SumOf(agent, last_seq)).first;
  v1::FinalSummary head;
  SetKey(run_id, agent_id, 1, last_seq, head.mutable_key());
  return Framed(v1::WindowMessage::kSummaryFieldNumber, head.SerializeAsString(), sum->second);
}

double WindowBytes::mean_bytes() const {
  size_t bytes = 0;
  for (const grpc::Slice& body : bodies_) bytes += body.size();
  return static_cast<double>(bytes) / static_cast<double>(bodies_.size());
}

}  // namespace loadfleet
