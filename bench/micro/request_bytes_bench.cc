#include <benchmark/benchmark.h>

#include "agent/http/request_bytes.h"

namespace loadfleet {
namespace {

// Once a request of the plan, not once a request sent: here so that this stays a choice and not an
// accident.
void RenderRequest(benchmark::State& state) {
  v1::Request request;
  request.set_method("POST");
  request.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
  request.mutable_origin()->set_host("shop.example.test");
  request.mutable_origin()->set_port(8080);
  request.set_target("/api/orders?kind=write");
  request.set_body("{\"id\": 1}");
  for (auto _ : state) benchmark::DoNotOptimize(loadfleet::RenderRequest(request, true));
}
BENCHMARK(RenderRequest);

}  // namespace
}  // namespace loadfleet
