#include <string>

#include <benchmark/benchmark.h>

#include "agent/http/response_parser.h"

namespace loadfleet {
namespace {

const char kNginxHead[] =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Type: text/plain\r\nConnection: keep-alive\r\n";

void Parse(benchmark::State& state, const std::string& bytes) {
  ResponseParser parser;
  for (auto _ : state) {
    size_t used = 0;
    parser.Expect(/*head=*/false);
    if (parser.Feed(bytes.data(), bytes.size(), &used) != ResponseParser::State::kComplete) {
      state.SkipWithError("not a complete response");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void ResponseParserPong(benchmark::State& state) {
  Parse(state, std::string(kNginxHead) + "Content-Length: 4\r\n\r\nPONG");
}
BENCHMARK(ResponseParserPong);

void ResponseParserBody(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  Parse(state, std::string(kNginxHead) + "Content-Length: " + std::to_string(size) + "\r\n\r\n" +
                   std::string(size, 'x'));
}
BENCHMARK(ResponseParserBody)->Arg(1 << 10)->Arg(64 << 10);

void ResponseParserChunked(benchmark::State& state) {
  std::string bytes = std::string(kNginxHead) + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 16; ++i) bytes += "400\r\n" + std::string(1'024, 'x') + "\r\n";
  Parse(state, bytes + "0\r\n\r\n");
}
BENCHMARK(ResponseParserChunked);

}  // namespace
}  // namespace loadfleet
