#include "common/report/threshold_json.h"

namespace loadfleet {

nlohmann::ordered_json ThresholdsJson(
    const google::protobuf::RepeatedPtrField<v1::ThresholdResult>& results) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const v1::ThresholdResult& result : results) {
    Json json;
    json["metric"] = result.metric();
    json["expr"] = result.expr();
    json["ok"] = result.ok();
    json["value"] = result.no_data() ? Json(nullptr) : Json(result.value());
    json["lower_bound"] = result.lower_bound();
    json["limit"] = result.limit();
    json["unit"] = result.unit();
    json["aborted"] = result.aborted();
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace loadfleet
