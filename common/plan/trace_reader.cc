#include "common/plan/trace_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {

v1::TracePolicy ReadTrace(MapReader map) {
  enum class Propagate : uint8_t { kW3c };
  static constexpr Choice<Propagate> kFormats[] = {{"w3c", Propagate::kW3c}};
  v1::TracePolicy trace;
  map.OneOf<Propagate>("propagate", kFormats);  // the one that there is, and so the default
  map.Require("sample", "sample: 0.1%");
  trace.set_sample(map.Share("sample").value_or(0));
  map.Finish();
  return trace;
}

void RefuseTraceparent(const Entry* headers, Problems* problems) {
  if (headers == nullptr || headers->value.kind != Node::Kind::kMap) return;
  for (const Entry& header : headers->value.entries) {
    if (!absl::EqualsIgnoreCase(header.key, "traceparent")) continue;
    problems->Add(header.place, absl::StrCat("header `", Shown(header.key),
                                             "`: excludes `trace`, which writes it"));
  }
}

}  // namespace loadfleet
