#include "agent/scenario/tracer.h"

#include "absl/strings/string_view.h"
#include "common/schedule/split_mix.h"

namespace loadfleet {
namespace {

// What draws for traces is no step of a flow, nor what draws a flow.
constexpr uint32_t kTrace = UINT32_MAX - 1;
constexpr uint32_t kDrawsPerRequest = 3;

constexpr char kHeader[] = "traceparent";
using Value = decltype(TracedBytes::value);

char* PutHex(uint64_t number, char* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[number >> shift & 15];
  return out;
}

void PutBytes(uint64_t number, uint8_t* out) {
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<uint8_t>(number >> shift);
}

// Version 00, and sampled: whoever reads it should record it (3.2).
Value ValueOf(uint64_t high, uint64_t low, uint64_t span) {
  Value value;
  char* out = value.data();
  *out++ = '0';
  *out++ = '0';
  *out++ = '-';
  out = PutHex(low, PutHex(high, out));
  *out++ = '-';
  out = PutHex(span, out);
  *out++ = '-';
  *out++ = '0';
  *out = '1';
  return value;
}

// Assigns piece by piece, so that every buffer stays.
void CopyWith(const RequestBytes& from, absl::string_view value, RequestBytes* to) {
  const size_t line = from.wire.find("\r\n") + 2;
  to->wire.assign(from.wire, 0, line).append(kHeader).append(": ");
  to->wire.append(value.data(), value.size()).append("\r\n").append(from.wire, line);
  to->body_size = from.body_size;
  if (from.fields.empty()) return;
  to->fields.resize(from.fields.size() + 1);
  for (size_t i = 0; i < from.fields.size(); ++i) {
    to->fields[i].name.assign(from.fields[i].name);
    to->fields[i].value.assign(from.fields[i].value);
  }
  to->fields.back().name.assign(kHeader);
  to->fields.back().value.assign(value.data(), value.size());
}

}  // namespace

std::unique_ptr<Tracer> Tracer::Of(const ScenarioFlows& flows) {
  if (flows.trace.sample <= 0) return nullptr;
  return std::unique_ptr<Tracer>(new Tracer(flows));
}

void Tracer::Begin(Iteration& iteration) {
  const uint32_t n = iteration.requests++;
  const auto random = [&](uint64_t seed) {
    return IterationRandom(seed, flows_.scenario, iteration.first, iteration.second);
  };
  if (UniformOf(random(flows_.seed).At(kTrace, n)) > flows_.trace.sample) return;
  const IterationRandom ids = random(flows_.trace.nonce);
  const auto draw = [&](uint32_t i) { return ids.At(kTrace, n * kDrawsPerRequest + i); };
  const uint64_t high = draw(0) | 1;  // neither id may be 0 (3.2.2)
  const uint64_t low = draw(1);
  TracedBytes& traced = Acquire(*iteration.request);
  traced.value = ValueOf(high, low, draw(2) | 1);
  PutBytes(high, traced.id.data());
  PutBytes(low, traced.id.data() + 8);
  iteration.traced = &traced;
  Again(iteration);
}

void Tracer::Again(Iteration& iteration) {
  TracedBytes& traced = *iteration.traced;
  CopyWith(iteration.bytes(), {traced.value.data(), traced.value.size()}, &traced.bytes);
  iteration.filled_in = &traced.bytes;
}

void Tracer::End(Iteration& iteration, Outcome outcome, Nanos now, Recorder& recorder) {
  if (iteration.sent != 0) {
    TraceSample sample;
    sample.request = iteration.request->request;
    sample.scenario = flows_.scenario;
    sample.second = recorder.SecondOf(iteration.intended);
    sample.response_time_us = ToMicros(now - iteration.intended);
    sample.outcome = outcome;
    sample.id = iteration.traced->id;
    recorder.current().traces.Add(sample);
  }
  Release(iteration);
}

TracedBytes& Tracer::Acquire(const RequestTemplate& request) {
  if (free_.size() <= request.series) free_.resize(request.series + 1, nullptr);
  TracedBytes*& free = free_[request.series];
  if (free == nullptr) return storage_.emplace_back();
  TracedBytes& traced = *free;
  free = traced.next;
  return traced;
}

void Tracer::Release(Iteration& iteration) {
  TracedBytes*& free = free_[iteration.request->series];
  iteration.traced->next = free;
  free = iteration.traced;
  iteration.traced = nullptr;
}

}  // namespace loadfleet
