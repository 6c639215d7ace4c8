#include "master/access/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// printf sesame | sha256sum
constexpr char kSesame[] = "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272";
// printf '' | sha256sum
constexpr char kNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string WhyNot(const std::string& text) {
  const absl::Status status = Tokens::Parse(text, "tokens").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(status.message());
}

TEST(Tokens, StandForANameAndARole) {
  const auto tokens = Tokens::Parse(
      absl::StrCat("# who\n\nci operator ", kSesame, "\n  wall\tviewer\t", kNothing, "\r\n"), "t");
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_EQ(tokens->size(), 2u);
  const auto holder = tokens->Find("sesame");
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->name, "ci");
  EXPECT_EQ(holder->role, Role::kOperator);
  EXPECT_EQ(tokens->Find("")->role, Role::kViewer);
  EXPECT_FALSE(tokens->Find("sesame ").has_value());
  EXPECT_FALSE(tokens->Find(kSesame).has_value());  // the hash opens nothing
}

TEST(Tokens, ThatAreWrongAreToldByTheirLineAndNotShown) {
  EXPECT_EQ(WhyNot("\nci operator\n"), "tokens:2: expected NAME ROLE SHA256");
  EXPECT_THAT(WhyNot(absl::StrCat("ci agent ", kSesame)),
              AllOf(HasSubstr("tokens:1:"), HasSubstr("\"agent\""), HasSubstr("viewer")));
  EXPECT_THAT(WhyNot("ci operator sesame"), AllOf(HasSubstr("64"), Not(HasSubstr("sesame"))));
  EXPECT_THAT(WhyNot(absl::StrCat("ci operator ", kSesame, "\nci viewer ", kNothing)),
              AllOf(HasSubstr("tokens:2:"), HasSubstr("twice")));
  EXPECT_EQ(WhyNot("# nobody\n"), "tokens holds no token");
}

TEST(Tokens, OfAFileThatIsNotThereNameIt) {
  TemporaryDirectory directory;
  const std::string path = directory.path() / "tokens";
  EXPECT_THAT(std::string(Tokens::Read(path).status().message()),
              AllOf(HasSubstr(path), HasSubstr("No such file")));
}

}  // namespace
}  // namespace loadfleet
