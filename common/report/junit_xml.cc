#include "common/report/junit_xml.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/clock.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/threshold_text.h"

namespace loadfleet {
namespace {

// What XML 1.0 allows of a text, in an attribute's value. U+FFFE and U+FFFF are no characters
// there.
std::string Attribute(const std::string& text) {
  return absl::StrReplaceAll(Printable(text), {{"&", "&amp;"},
                                               {"<", "&lt;"},
                                               {">", "&gt;"},
                                               {"\"", "&quot;"},
                                               {"\xEF\xBF\xBE", "?"},
                                               {"\xEF\xBF\xBF", "?"}});
}

// A case that has ended well, or with `element` ("failure" or "error") for the reason `message`.
struct Case {
  std::string name;
  std::string element;
  std::string message;
};

Case OfRun(const v1::Report& report, bool threshold_failed) {
  Case made{"run", "", absl::StrJoin(report.reasons(), "; ")};
  switch (report.verdict()) {
    case v1::VERDICT_PASSED:
      break;
    case v1::VERDICT_FAILED:
      if (!threshold_failed) made.element = "failure";
      break;
    default:
      made.element = "error";
      made.message = absl::StrCat(std::string(VerdictName(report.verdict())), ": ", made.message);
      break;
  }
  return made;
}

Case OfThreshold(const v1::ThresholdResult& result) {
  Case made{absl::StrCat(result.metric(), " ", result.expr()), "", ""};
  if (!result.ok()) {
    made.element = "failure";
    made.message = absl::StrCat("was ", FormatThresholdValue(result));
  }
  return made;
}

}  // namespace

std::string JunitXml(const v1::Report& report) {
  const auto failed = std::count_if(report.thresholds().begin(), report.thresholds().end(),
                                    [](const auto& result) { return !result.ok(); });
  std::vector<Case> cases = {OfRun(report, failed > 0)};
  for (const v1::ThresholdResult& result : report.thresholds()) {
    cases.push_back(OfThreshold(result));
  }
  const auto with = [&cases](const char* element) {
    return std::count_if(cases.begin(), cases.end(),
                         [element](const Case& one) { return one.element == element; });
  };
  const std::string seconds =
      absl::StrFormat("%.3f", static_cast<double>(report.duration_ns()) / kSecond);
  const std::string name = Attribute(report.name());
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  absl::StrAppend(&xml, "  <testsuite name=\"", name, "\" tests=\"", cases.size(), "\" failures=\"",
                  with("failure"), "\" errors=\"", with("error"), "\" time=\"", seconds, "\"");
  if (report.started_at_ms() > 0) {
    absl::StrAppend(&xml, " timestamp=\"", FormatUtc(report.started_at_ms()), "\"");
  }
  absl::StrAppend(&xml, ">\n");
  for (const Case& one : cases) {
    absl::StrAppend(&xml, "    <testcase classname=\"loadfleet.", name, "\" name=\"",
                    Attribute(one.name), "\" time=\"", &one == &cases.front() ? seconds : "0",
                    "\"");
    if (one.element.empty()) {
      absl::StrAppend(&xml, "/>\n");
      continue;
    }
    absl::StrAppend(&xml, ">\n      <", one.element, " message=\"", Attribute(one.message),
                    "\"/>\n    </testcase>\n");
  }
  absl::StrAppend(&xml, "  </testsuite>\n</testsuites>\n");
  return xml;
}

}  // namespace loadfleet
