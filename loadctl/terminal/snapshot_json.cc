#include "loadctl/terminal/snapshot_json.h"

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/report/threshold_json.h"
#include "loadctl/terminal/words.h"

namespace loadfleet {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(Nanos duration) {
  return static_cast<double>(duration) / kSecond;
}

Json Times(const v1::Quantiles& quantiles) {
  Json json;
  Json lower_bounds = Json::array();
  const auto add = [&](const char* name, const v1::Quantile& quantile) {
    json[name] = quantiles.count() > 0 ? Json(quantile.value_us() / 1e3) : Json(nullptr);
    if (quantile.lower_bound()) lower_bounds.push_back(name);
  };
  json["count"] = quantiles.count();
  add("p50_ms", quantiles.p50());
  add("p90_ms", quantiles.p90());
  add("p99_ms", quantiles.p99());
  add("max_ms", quantiles.max());
  json["lower_bounds"] = lower_bounds;
  return json;
}

Json LastSecond(const v1::RunSnapshot& snapshot) {
  const v1::SecondSummary& second = snapshot.last_second();
  return Json{{"second", second.second()},       {"provisional", snapshot.provisional()},
              {"completed", second.completed()}, {"failed", second.failed()},
              {"dropped", second.dropped()},     {"response_time", Times(second.response_time())}};
}

Json Rates(const v1::RunSnapshot& snapshot) {
  const bool planned = snapshot.planned_rate() > 0;
  const auto achieved = static_cast<double>(snapshot.last_second().completed());
  const double of_planned =
      snapshot.has_planned_achieved_rate() ? snapshot.planned_achieved_rate() : achieved;
  return Json{{"planned", planned ? Json(snapshot.planned_rate()) : Json(nullptr)},
              {"achieved", achieved},
              {"planned_achieved", planned ? Json(of_planned) : Json(nullptr)}};
}

}  // namespace

std::string SnapshotJson(const v1::RunSnapshot& snapshot) {
  Json json;
  json["run"] = snapshot.run_id();
  json["name"] = snapshot.name();
  json["state"] = std::string(RunStateName(snapshot.state()));
  json["elapsed_s"] = Seconds(snapshot.elapsed_ns());
  json["planned_duration_s"] = Seconds(snapshot.duration_ns());
  json["requests"] = Json{{"intended", snapshot.intended()},
                          {"started", snapshot.started()},
                          {"completed", snapshot.completed()},
                          {"failed", snapshot.failed()},
                          {"dropped", snapshot.dropped()}};
  json["in_flight"] = snapshot.in_flight();
  json["oldest_age_ms"] = static_cast<double>(snapshot.oldest_age_us()) / 1e3;
  json["rate"] = Rates(snapshot);
  json["response_time"] = Times(snapshot.response_time());
  json["last_second"] = snapshot.has_last_second() ? LastSecond(snapshot) : Json(nullptr);
  json["agents"] = Json{{"up", snapshot.agents_up()}, {"total", snapshot.agents_total()}};
  json["thresholds"] = ThresholdsJson(snapshot.thresholds());
  json["notes"] = Json::array();
  for (const std::string& note : snapshot.notes()) json["notes"].push_back(note);
  // Names may hold any bytes; a replaced character is better than no line.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loadfleet
