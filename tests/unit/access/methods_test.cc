#include "master/access/methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {
namespace {

constexpr Role kAll[] = {Role::kAgent, Role::kViewer, Role::kOperator, Role::kMaster};

// Written out a second time on purpose: a right that changes is a decision, not an accident.
const std::map<std::string, std::set<Role>>& Expected() {
  static const std::set<Role> people = {Role::kViewer, Role::kOperator};
  static const std::set<Role> operators = {Role::kOperator};
  static const std::set<Role> agents = {Role::kAgent};
  static const std::map<std::string, std::set<Role>> expected = {
      {"Api.Validate", people},  {"Api.Submit", operators},  {"Api.Watch", people},
      {"Api.Stop", operators},   {"Api.Change", operators},  {"Api.ListRuns", people},
      {"Api.GetReport", people}, {"Api.ListAgents", people}, {"Api.Upload", operators},
      {"Fleet.Control", agents}, {"Fleet.Windows", agents},  {"Fleet.Fetch", agents},
  };
  return expected;
}

TEST(Methods, OfBothServicesAreForTheRolesThatWereDecided) {
  std::set<std::string> seen;
  for (const google::protobuf::FileDescriptor* file :
       {v1::SubmitRequest::descriptor()->file(), v1::Register::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const google::protobuf::ServiceDescriptor* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        const std::string method = absl::StrCat(service->name(), ".", service->method(j)->name());
        seen.insert(method);
        const auto expected = Expected().find(method);
        ASSERT_NE(expected, Expected().end()) << method << " is new: decide who may call it";
        for (const Role role : kAll) {
          EXPECT_EQ(MayCall(role, method), expected->second.count(role) == 1)
              << method << " by " << RoleName(role);
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), Expected().size());
}

TEST(Methods, ThatNobodyKnowsAreForNobody) {
  for (const Role role : kAll) {
    EXPECT_FALSE(MayCall(role, "Api.Shutdown"));
    EXPECT_FALSE(MayCall(role, ""));
    EXPECT_FALSE(MayCall(role, "Submit"));
  }
  EXPECT_EQ(RolesFor("Api.Shutdown"), "no role");
}

TEST(Methods, SayWhomTheyAreFor) {
  EXPECT_EQ(RolesFor("Api.Watch"), "role viewer or operator");
  EXPECT_EQ(RolesFor("Fleet.Control"), "role agent");
}

TEST(Roles, AreReadAsTheyAreWritten) {
  for (const Role role : kAll) EXPECT_EQ(ParseRole(RoleName(role)), role);
  EXPECT_EQ(ParseRole("Operator"), std::nullopt);
  EXPECT_EQ(ParseRole(""), std::nullopt);
}

}  // namespace
}  // namespace loadfleet
