#include "loadctl/certs/certificate_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/net/tls_folder.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

mode_t ModeOf(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

CertificateOwner OwnerOf(const std::string& folder, CertificateUse use) {
  const absl::StatusOr<TlsFolder> read = ReadTlsFolder(folder, OwnCertificate::kNeeded);
  EXPECT_TRUE(read.ok()) << read.status();
  std::ifstream file(read->certificate_file);
  const std::string chain{std::istreambuf_iterator<char>(file), {}};
  const auto owner = TrustedAuthorities::Read(read->ca, read->ca_file)->Verify(chain, use);
  EXPECT_TRUE(owner.ok()) << owner.status();
  return *owner;
}

TEST(CertificateFolders, HoldWhatEachProgramNeeds) {
  TemporaryDirectory directory;
  const std::string out = directory.path() / "certs";
  FleetCertificates wanted;
  wanted.master_hosts = {"localhost"};
  wanted.agents = {"a1", "a2"};
  wanted.operator_name = "alice";
  const auto made = MakeFolders(out, wanted);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->agents, ElementsAre("agents/a1", "agents/a2"));
  EXPECT_EQ(OwnerOf(out + "/master", CertificateUse::kServer).role, Role::kMaster);
  EXPECT_EQ(OwnerOf(out + "/agents/a2", CertificateUse::kClient).agent_id, "a2");
  EXPECT_EQ(OwnerOf(out + "/operator", CertificateUse::kClient).name, "alice");
  EXPECT_EQ(OwnerOf(out + "/viewer", CertificateUse::kClient).role, Role::kViewer);
  for (const char* folder : {"ca", "master", "agents/a1", "agents/a2", "operator", "viewer"}) {
    EXPECT_EQ(ModeOf(out + "/" + folder + "/key.pem"), 0600u) << folder;
  }
}

TEST(CertificateFolders, HaveOneCertificateForAllAgentsWhenNoneIsNamed) {
  TemporaryDirectory directory;
  FleetCertificates wanted;
  wanted.master_hosts = {"localhost"};
  const auto made = MakeFolders(directory.path(), wanted);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->agents, ElementsAre("agent"));
  const CertificateOwner owner = OwnerOf(directory.path() / "agent", CertificateUse::kClient);
  EXPECT_EQ(owner.role, Role::kAgent);
  EXPECT_EQ(owner.agent_id, "");
}

TEST(CertificateFolders, AreNeverWrittenOver) {
  TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "viewer");
  directory.Write("viewer/key.pem", "precious");
  FleetCertificates wanted;
  wanted.master_hosts = {"localhost"};
  const auto made = MakeFolders(directory.path(), wanted);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(made.status().message()),
              HasSubstr((directory.path() / "viewer/key.pem").string()));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "ca"));  // nor anything beside it
}

TEST(CertificateFolders, TakeNoNameThatLeadsElsewhere) {
  TemporaryDirectory directory;
  for (const char* name : {"../a1", "a/b", ".", "", "a1"}) {
    FleetCertificates wanted;
    wanted.master_hosts = {"localhost"};
    wanted.agents = {"a1", name};
    EXPECT_EQ(MakeFolders(directory.path() / "certs", wanted).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "certs"));
}

}  // namespace
}  // namespace loadfleet
