#include "common/report/html/summary_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock.h"
#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Html(const v1::Report& report) {
  absl::StatusOr<std::string> text = SummaryHtml(report);
  EXPECT_TRUE(text.ok()) << text.status();
  return *text;
}

void AddSeconds(uint32_t seconds, v1::Report* report) {
  report->clear_timeline();
  for (uint32_t i = 0; i < seconds; ++i) {
    v1::TimelineSecond& second = *report->add_timeline();
    second.set_second(i);
    second.set_intended(1'000);
    second.set_completed(990 + i % 10);
    v1::Quantiles& times = *second.mutable_response_time();
    times.set_count(990);
    times.mutable_p50()->set_value_us(100 + i % 7);
    times.mutable_p90()->set_value_us(200 + i % 7);
    times.mutable_p99()->set_value_us(900 + i % 7);
    times.mutable_max()->set_value_us(2'000 + i % 7);
  }
}

TEST(SummaryHtml, HasTheVerdictAndItsReasonsBeforeAnythingElse) {
  v1::Report report = SampleReport();
  AddThresholds(&report);
  AddStages(&report);
  const std::string page = Html(report);
  const size_t verdict = page.find("<span class=\"verdict failed\">FAILED</span>");
  const size_t reason = page.find("<li>failed_requests: 2 of 9</li>");
  const size_t thresholds = page.find("<h2>Thresholds</h2>");
  const size_t charts = page.find("<svg");
  const size_t agents = page.find("<h2>Agents</h2>");
  EXPECT_LT(verdict, reason);
  EXPECT_LT(reason, thresholds);
  EXPECT_LT(thresholds, charts);
  EXPECT_LT(charts, agents);
  EXPECT_NE(agents, page.npos);
  EXPECT_THAT(page, HasSubstr("<td class=\"bad\">failed</td>"));
  EXPECT_THAT(page, HasSubstr("= total, reconciled"));
}

TEST(SummaryHtml, ShowsWhatOthersWroteAndNeverObeysIt) {
  v1::Report report = SampleReport();
  AddFailures(&report);
  const std::string evil = "<script>alert(1)</script>\"'&";
  report.set_name(evil);
  report.add_notes(evil);
  (*report.mutable_labels())["l"] = evil;
  report.mutable_requests(0)->set_request(evil);
  report.mutable_agents(0)->set_agent_id(evil);
  report.mutable_failures(0)->set_response_body(evil);
  report.mutable_plan()->set_name(evil);
  report.add_events()->set_text(evil);
  AddSeconds(3, &report);
  const std::string page = Html(report);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
}

TEST(SummaryHtml, NeedsNothingBesideItself) {
  v1::Report report = SampleReport();
  AddSeconds(3, &report);
  const std::string page = Html(report);
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
  for (const char* link : {"<link", "<img", "src=\"", "href=", "url(", "@import"}) {
    EXPECT_THAT(page, Not(HasSubstr(link))) << link;
  }
}

TEST(SummaryHtml, OfADayIsNoLargerThanOfAnHour) {
  v1::Report hour = SampleReport();
  AddSeconds(3'600, &hour);
  v1::Report day = SampleReport();
  AddSeconds(86'400, &day);
  EXPECT_LT(Html(hour).size(), size_t{2} << 20);
  EXPECT_LT(Html(day).size(), Html(hour).size() + 10'000);
  EXPECT_THAT(Html(hour), HasSubstr("Response time of each second, each point of 6 seconds: the "
                                    "highest"));
}

TEST(SummaryHtml, AFailingExchangeIsShownAsItWasOnTheWire) {
  v1::Report report = SampleReport();
  AddFailures(&report);
  const std::string page = Html(report);
  EXPECT_THAT(page, HasSubstr("<h2>Failures</h2>"));
  EXPECT_THAT(page, HasSubstr("<details><summary>"));
  EXPECT_THAT(page, HasSubstr("(no response)"));
}

TEST(SummaryHtml, WhatHappenedIsMarkedInTheCharts) {
  v1::Report report = SampleReport();
  AddSeconds(10, &report);
  v1::RunEvent& event = *report.add_events();
  event.set_at_ns(4 * kSecond);
  event.set_text("agent a1 was lost");
  const std::string page = Html(report);
  EXPECT_THAT(page, HasSubstr("<title>agent a1 was lost</title>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"text\">4.0s</td><td class=\"text\">agent a1 was lost"));
}

TEST(SummaryHtml, ADamagedReportIsRefused) {
  v1::Report report = SampleReport();
  report.mutable_total()->mutable_requests()->mutable_lateness()->add_index_gap(0);
  EXPECT_EQ(SummaryHtml(report).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace loadfleet
