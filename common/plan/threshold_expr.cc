#include "common/plan/threshold_expr.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/nearest_word.h"
#include "common/text.h"
#include "common/units.h"

namespace loadfleet {
namespace {

enum class Kind {
  kTime,
  kConnectionTime,
  kIterationTime,
  kGroupTime,
  kRequests,
  kShare,
  kArrivalShare,
  kArrivals
};

struct Metric {
  absl::string_view name;
  v1::ThresholdMetric value;
  Kind kind;
};
constexpr Metric kMetrics[] = {
    {"response_time", v1::THRESHOLD_RESPONSE_TIME, Kind::kTime},
    {"service_time", v1::THRESHOLD_SERVICE_TIME, Kind::kTime},
    {"queue_wait", v1::THRESHOLD_QUEUE_WAIT, Kind::kTime},
    {"lateness", v1::THRESHOLD_LATENESS, Kind::kTime},
    {"connect_time", v1::THRESHOLD_CONNECT_TIME, Kind::kConnectionTime},
    {"tls_time", v1::THRESHOLD_TLS_TIME, Kind::kConnectionTime},
    {"first_byte_time", v1::THRESHOLD_FIRST_BYTE_TIME, Kind::kTime},
    {"iteration_duration", v1::THRESHOLD_ITERATION_DURATION, Kind::kIterationTime},
    {"group_duration", v1::THRESHOLD_GROUP_DURATION, Kind::kGroupTime},
    {"requests", v1::THRESHOLD_REQUESTS, Kind::kRequests},
    {"failed_requests", v1::THRESHOLD_FAILED_REQUESTS, Kind::kShare},
    {"checks", v1::THRESHOLD_CHECKS, Kind::kShare},
    {"dropped", v1::THRESHOLD_DROPPED, Kind::kArrivalShare},
    {"iterations", v1::THRESHOLD_ITERATIONS, Kind::kArrivals},
};

// What k6 calls it, and what to write here.
struct Foreign {
  absl::string_view name;
  absl::string_view hint;
};
constexpr Foreign kForeign[] = {
    {"http_req_duration",
     "starts at the send: here that is `service_time`; `response_time` starts when the request was "
     "due, and so has the waiting that a user has"},
    {"http_req_failed", "is `failed_requests` here"},
    {"http_reqs", "is `requests` here"},
    {"http_req_waiting", "is `first_byte_time` here"},
    {"http_req_connecting", "is `connect_time` here"},
    {"http_req_tls_handshaking", "is `tls_time` here"},
    {"dropped_iterations", "is `dropped` here"},
};

struct Operator {
  absl::string_view sign;  // a longer one before its own beginning
  v1::Comparison value;
};
constexpr Operator kOperators[] = {
    {"<=", v1::COMPARISON_LESS_OR_EQUAL},
    {"<", v1::COMPARISON_LESS},
    {">=", v1::COMPARISON_GREATER_OR_EQUAL},
    {">", v1::COMPARISON_GREATER},
    {"==", v1::COMPARISON_EQUAL},
    {"!=", v1::COMPARISON_NOT_EQUAL},
};

Kind KindOf(v1::ThresholdMetric metric) {
  const auto found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                  [&](const Metric& known) { return known.value == metric; });
  return found->kind;
}

bool IsTime(Kind kind) {
  return kind == Kind::kTime || kind == Kind::kConnectionTime || kind == Kind::kIterationTime ||
         kind == Kind::kGroupTime;
}

absl::Status Refused(absl::string_view expected, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("expected ", expected, ", got ", Quoted(text)));
}

// Digits with or without decimals: no sign, no exponent.
std::optional<double> Number(absl::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const auto digits = [](absl::string_view part) {
    return !part.empty() && part.size() <= 15 &&
           std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  if (!digits(text.substr(0, point))) return std::nullopt;
  if (point < text.size() && !digits(text.substr(point + 1))) return std::nullopt;
  double value = 0;
  if (!absl::SimpleAtod(text, &value)) return std::nullopt;
  return value;
}

// Of `1m30s` the s: values are shown in the unit in which the limit ends.
std::string LastUnit(absl::string_view duration) {
  size_t at = duration.size();
  while (at > 0 && absl::ascii_isalpha(duration[at - 1])) --at;
  return std::string(duration.substr(at));
}

double NanosIn(absl::string_view unit) {
  const absl::StatusOr<Nanos> one = ParseDuration(absl::StrCat("1", unit));
  return one.ok() ? static_cast<double>(*one) : 1;
}

absl::Status SetTimeLimit(absl::string_view text, v1::Threshold* threshold) {
  const absl::StatusOr<Nanos> limit = ParseDuration(text);
  if (!limit.ok()) return limit.status();
  threshold->set_unit(LastUnit(text));
  threshold->set_limit(static_cast<double>(*limit) / NanosIn(threshold->unit()));
  return absl::OkStatus();
}

absl::Status SetCountLimit(absl::string_view text, v1::Threshold* threshold) {
  const absl::StatusOr<uint64_t> limit = ParseCount(text);
  if (!limit.ok()) return limit.status();
  threshold->set_limit(static_cast<double>(*limit));
  return absl::OkStatus();
}

absl::Status SetRateLimit(absl::string_view text, bool share, v1::Threshold* threshold) {
  const absl::string_view expected =
      share ? "a share such as 0.1%, or a rate such as 5/s" : "a rate such as 100/s";
  absl::string_view digits = text;
  absl::string_view unit = share ? "" : "/s";
  if (share && absl::ConsumeSuffix(&digits, "%")) unit = "%";
  for (const absl::string_view period : {"/s", "/m", "/h"}) {
    if (unit != "%" && absl::ConsumeSuffix(&digits, period)) unit = period;
  }
  const std::optional<double> limit = Number(digits);
  if (!limit) return Refused(expected, text);
  const bool of_whole = unit.empty() || unit == "%";
  if (of_whole && *limit > (unit.empty() ? 1 : 100)) return Refused(expected, text);
  threshold->set_aggregate(of_whole ? v1::THRESHOLD_SHARE : v1::THRESHOLD_PER_SECOND);
  threshold->set_unit(std::string(unit));
  threshold->set_limit(*limit);
  return absl::OkStatus();
}

// What the expression begins with, up to its comparison: "p(99)".
absl::Status SetAggregate(absl::string_view text, Kind kind, v1::Threshold* threshold) {
  const absl::string_view expected =
      IsTime(kind) ? "p(99), avg, min, max or med of a time" : "rate or count of what is no time";
  const auto set = [&](v1::ThresholdAggregate aggregate, double quantile) {
    threshold->set_aggregate(aggregate);
    threshold->set_quantile(quantile);
    return absl::OkStatus();
  };
  if (!IsTime(kind)) {
    if (text == "count") return set(v1::THRESHOLD_COUNT, 0);
    if (text == "rate") return set(v1::THRESHOLD_PER_SECOND, 0);  // SetRateLimit knows better
    return Refused(expected, text);
  }
  if (text == "avg") return set(v1::THRESHOLD_AVG, 0);
  if (text == "min") return set(v1::THRESHOLD_MIN, 0);
  if (text == "med") return set(v1::THRESHOLD_QUANTILE, 0.5);
  if (text == "max") return set(v1::THRESHOLD_QUANTILE, 1);
  absl::string_view inside = text;
  if (!absl::ConsumePrefix(&inside, "p(") || !absl::ConsumeSuffix(&inside, ")")) {
    return Refused(expected, text);
  }
  const std::optional<double> percent = Number(absl::StripAsciiWhitespace(inside));
  if (!percent || *percent <= 0 || *percent > 100) {
    return Refused("a percentile above 0 and up to 100, such as p(99.9)", text);
  }
  return set(v1::THRESHOLD_QUANTILE, *percent / 100);
}

}  // namespace

absl::StatusOr<MetricText> SplitMetric(absl::string_view text) {
  const auto wrong = [&] {
    return Refused("a metric such as response_time or response_time{request=order}", text);
  };
  MetricText split;
  const size_t brace = std::min(text.find('{'), text.size());
  split.name = std::string(absl::StripAsciiWhitespace(text.substr(0, brace)));
  if (split.name.empty()) return wrong();
  if (brace == text.size()) return split;
  absl::string_view rest = absl::StripAsciiWhitespace(text.substr(brace + 1));
  if (!absl::ConsumeSuffix(&rest, "}")) return wrong();
  while (true) {
    const size_t equals = rest.find('=');
    if (equals == absl::string_view::npos) {
      // k6 selects by tags, and writes `kind:write`.
      const std::vector<absl::string_view> tag = absl::StrSplit(rest, absl::MaxSplits(':', 1));
      if (tag.size() < 2) return wrong();
      return absl::InvalidArgumentError(
          absl::StrCat("a selector is `name=value`: for the tag ", Quoted(rest), " write `tag.",
                       Shown(absl::StripAsciiWhitespace(tag[0])), "=",
                       Shown(absl::StripAsciiWhitespace(tag[1])), "`"));
    }
    const absl::string_view key = absl::StripAsciiWhitespace(rest.substr(0, equals));
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(equals + 1));
    std::string value;
    if (absl::ConsumePrefix(&rest, "\"")) {
      const size_t quote = rest.find('"');
      if (quote == absl::string_view::npos) return wrong();
      value = std::string(rest.substr(0, quote));
      rest = absl::StripLeadingAsciiWhitespace(rest.substr(quote + 1));
    } else {
      const size_t comma = std::min(rest.find(','), rest.size());
      value = std::string(absl::StripAsciiWhitespace(rest.substr(0, comma)));
      rest.remove_prefix(comma);
    }
    if (key.empty() || value.empty()) return wrong();
    split.selectors.emplace_back(key, value);
    if (rest.empty()) return split;
    if (!absl::ConsumePrefix(&rest, ",")) return wrong();
  }
}

absl::StatusOr<v1::ThresholdMetric> MetricOf(absl::string_view name) {
  std::vector<std::string> known;
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return metric.value;
    known.emplace_back(metric.name);
  }
  for (const Foreign& foreign : kForeign) {
    if (foreign.name != name) continue;
    return absl::InvalidArgumentError(absl::StrCat("k6's `", name, "` ", foreign.hint));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no metric ", Quoted(name), DidYouMean(name, known)));
}

std::vector<std::string> SelectorsOf(v1::ThresholdMetric metric) {
  switch (KindOf(metric)) {
    case Kind::kConnectionTime:
      return {"scenario", "request", "group", "tag"};
    case Kind::kIterationTime:
      return {"scenario"};
    case Kind::kGroupTime:
      return {"scenario", "group"};
    case Kind::kRequests:
      return {"scenario", "request", "group", "tag", "stage", "status"};
    case Kind::kArrivalShare:
    case Kind::kArrivals:
      return {"scenario", "stage"};
    default:
      return {"scenario", "request", "group", "tag", "stage"};
  }
}

absl::Status ParseThresholdExpr(absl::string_view text, v1::Threshold* threshold) {
  const Kind kind = KindOf(threshold->measured());
  const size_t sign = text.find_first_of("<>=!");
  const Operator* found = nullptr;
  if (sign != absl::string_view::npos) {
    for (const Operator& known : kOperators) {
      if (found == nullptr && absl::StartsWith(text.substr(sign), known.sign)) found = &known;
    }
  }
  if (found == nullptr) {
    return Refused(IsTime(kind) ? "a comparison such as p(99) < 250ms"
                                : "a comparison such as rate < 0.1% or count == 0",
                   text);
  }
  threshold->set_comparison(found->value);
  const absl::string_view left = absl::StripAsciiWhitespace(text.substr(0, sign));
  const absl::string_view limit =
      absl::StripAsciiWhitespace(text.substr(sign + found->sign.size()));
  if (absl::Status status = SetAggregate(left, kind, threshold); !status.ok()) return status;
  if (IsTime(kind)) return SetTimeLimit(limit, threshold);
  if (threshold->aggregate() == v1::THRESHOLD_COUNT) return SetCountLimit(limit, threshold);
  return SetRateLimit(limit, kind == Kind::kShare || kind == Kind::kArrivalShare, threshold);
}

}  // namespace loadfleet
