// What simulated agents measured: windows and summaries, made once as bytes and sent many times.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

namespace loadfleet {

// The shape of a window: of each request a response time and a service time histogram of so many
// lognormal samples.
struct WindowShape {
  uint32_t requests = 10;
  uint32_t samples = 2000;
  uint32_t variants = 8;  // different windows, which agents and seconds take in turn
};

// One thread only.
class WindowBytes {
 public:
  explicit WindowBytes(const WindowShape& shape);

  // A v1.WindowMessage: window `seq` (from 1) of a run, of the second before `seq`.
  grpc::ByteBuffer Window(const std::string& run_id, const std::string& agent_id, uint32_t agent,
                          uint32_t seq) const;
  // A v1.WindowMessage: the summary of windows 1..`last_seq`.
  grpc::ByteBuffer Summary(const std::string& run_id, const std::string& agent_id, uint32_t agent,
                           uint32_t last_seq);

  double mean_bytes() const;  // of a window

 private:
  size_t VariantOf(uint32_t agent, uint32_t seq) const { return (agent + seq) % bodies_.size(); }

  grpc::Slice SumOf(uint32_t agent, uint32_t last_seq) const;

  const WindowShape shape_;
  std::vector<grpc::Slice> bodies_;  // a Window without key and seconds
  std::map<std::pair<size_t, uint32_t>, grpc::Slice> sums_;
};

}  // namespace loadfleet
