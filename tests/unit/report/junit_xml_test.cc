#include "common/report/junit_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(JunitXml, HasACaseForTheRunAndOneForEachThreshold) {
  v1::Report report = SampleReport();
  report.set_name("quickstart");
  AddThresholds(&report);
  EXPECT_EQ(JunitXml(report), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="quickstart" tests="4" failures="2" errors="0" time="2.000" timestamp="2026-01-01T00:00:00Z">
    <testcase classname="loadfleet.quickstart" name="run" time="2.000"/>
    <testcase classname="loadfleet.quickstart" name="dropped count &lt; 2" time="0"/>
    <testcase classname="loadfleet.quickstart" name="response_time{request=write} p(99) &lt; 250ms" time="0">
      <failure message="was &gt;= 2500ms"/>
    </testcase>
    <testcase classname="loadfleet.quickstart" name="tls_time max &lt; 1s" time="0">
      <failure message="was no data"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JunitXml, ARunThatFailedWithoutAThresholdIsAFailureOfItsOwn) {
  const std::string xml = JunitXml(SampleReport());
  EXPECT_THAT(xml, HasSubstr("tests=\"1\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"failed_requests: 2 of 9\"/>"));
}

TEST(JunitXml, NumbersThatCannotBeTrustedAreAnErrorWhateverTheThresholds) {
  v1::Report report = SampleReport();
  report.set_verdict(v1::VERDICT_INVALID);
  EXPECT_THAT(JunitXml(report), HasSubstr("<error message=\"invalid: failed_requests: 2 of 9\"/>"));
  report.set_verdict(v1::VERDICT_PASSED);
  EXPECT_THAT(JunitXml(report), HasSubstr("failures=\"0\" errors=\"0\""));
}

TEST(JunitXml, NamesCannotBreakOut) {
  v1::Report report = SampleReport();
  report.set_name("a\"/><script>&\n\x1b\xEF\xBF\xBF\xFF");
  const std::string xml = JunitXml(report);
  EXPECT_THAT(xml, HasSubstr("name=\"a&quot;/&gt;&lt;script&gt;&amp;??\""));
  EXPECT_THAT(xml, Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace loadfleet
