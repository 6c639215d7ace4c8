// YAML as events: what they hold, and that each knows its place, in bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/yaml/event_parser.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string Shown(const YamlEvent& event) {
  std::string shown = absl::StrCat(event.place.line, ":", event.place.column, " ");
  switch (event.kind) {
    case YamlEvent::Kind::kDocument:
      return shown + "document";
    case YamlEvent::Kind::kScalar:
      return absl::StrCat(shown,
                          event.IsNull() ? "null"
                          : event.plain  ? "plain "
                                         : "quoted ",
                          event.text);
    case YamlEvent::Kind::kAlias:
      return absl::StrCat(shown, "*", event.text);
    case YamlEvent::Kind::kSequence:
      return shown + "[";
    case YamlEvent::Kind::kSequenceEnd:
      return shown + "]";
    case YamlEvent::Kind::kMap:
      return shown + "{";
    case YamlEvent::Kind::kMapEnd:
      return shown + "}";
    case YamlEvent::Kind::kError:
      return absl::StrCat(shown, "error: ", event.text);
    case YamlEvent::Kind::kEnd:
      break;
  }
  return "end";
}

std::vector<YamlEvent> EventsOf(absl::string_view text) {
  YamlEventParser parser(text);
  std::vector<YamlEvent> events;
  do {
    events.push_back(parser.Next());
  } while (events.back().kind != YamlEvent::Kind::kEnd &&
           events.back().kind != YamlEvent::Kind::kError);
  return events;
}

std::vector<std::string> ShownOf(absl::string_view text) {
  std::vector<std::string> shown;
  for (const YamlEvent& event : EventsOf(text)) shown.push_back(Shown(event));
  return shown;
}

TEST(YamlEvents, ComeInTheOrderOfTheText) {
  EXPECT_THAT(ShownOf("a: [1, 'b']\nc:\n  d: ~\n"),
              ElementsAre("1:1 document", "1:1 {", "1:1 plain a", "1:4 [", "1:5 plain 1",
                          "1:8 quoted b", "1:11 ]", "2:1 plain c", "3:3 {", "3:3 plain d",
                          "3:6 null~", "4:1 }", "4:1 }", "end"));
}

TEST(YamlEvents, TellKeysFromValues) {
  std::vector<std::string> keys;
  for (const YamlEvent& event : EventsOf("a: {b: [c, {d: e}], f: }\n? [g]\n: h\n*i : j\n")) {
    if (event.is_key) keys.push_back(Shown(event));
  }
  EXPECT_THAT(keys, ElementsAre("1:1 plain a", "1:5 plain b", "1:13 plain d", "1:21 plain f",
                                "2:3 [", "4:1 *i"));
}

TEST(YamlEvents, OfNoTextAreNone) {
  EXPECT_THAT(ShownOf(""), ElementsAre("end"));
  EXPECT_THAT(ShownOf("# nothing\n"), ElementsAre("end"));
}

TEST(YamlEvents, HaveAnchorsTagsAndAliases) {
  const std::vector<YamlEvent> events = EventsOf("a: &x !t b\nc: *x\n");
  ASSERT_EQ(events.size(), 8u);
  EXPECT_EQ(events[3].anchor, "x");
  EXPECT_EQ(events[3].tag, "!t");
  EXPECT_EQ(Shown(events[3]), "1:4 plain b");
  EXPECT_EQ(Shown(events[5]), "2:4 *x");
}

TEST(YamlEvents, OfWideCharactersHaveTheirPlaceInBytes) {
  EXPECT_THAT(
      ShownOf("\xc3\xa4: \"\xf0\x9f\x98\x80\" # \xe2\x82\xac\n\xe2\x82\xac: [\xc3\xa4, b]\n"),
      ElementsAre("1:1 document", "1:1 {", "1:1 plain \xc3\xa4", "1:5 quoted \xf0\x9f\x98\x80",
                  "2:1 plain \xe2\x82\xac", "2:6 [", "2:7 plain \xc3\xa4", "2:11 plain b", "2:12 ]",
                  "3:1 }", "end"));
}

TEST(YamlEvents, OfALongLineHaveTheirPlaceToo) {
  std::string text = "[";
  for (int i = 0; i < 100'000; ++i) text += "\xc3\xa4,";
  const std::vector<YamlEvent> events = EventsOf(text + "end]");
  ASSERT_EQ(events.size(), 100'005u);
  EXPECT_EQ(Shown(events[100'002]), "1:300002 plain end");
}

TEST(YamlEvents, EndWithWhatIsWrong) {
  EXPECT_THAT(ShownOf("a: [b\n"),
              ElementsAre("1:1 document", "1:1 {", "1:1 plain a", "1:4 [", "1:5 plain b",
                          StartsWith("2:1 error: did not find expected ',' or ']'")));
  EXPECT_THAT(ShownOf("a:\n\tb: c\n").back(),
              "2:1 error: a tab where YAML is indented with spaces");
  EXPECT_THAT(ShownOf("a: b\nc: \xc2\x81\n").back(),
              "2:4 error: control characters are not allowed");
  YamlEventParser parser("]");
  while (parser.Next().kind != YamlEvent::Kind::kError) {
  }
  EXPECT_EQ(parser.Next().kind, YamlEvent::Kind::kError);
}

}  // namespace
}  // namespace loadfleet
