// A master's disk that is full, and a store that something else has written to. (F14)
#include <signal.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/fault_cluster.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/namespaces.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

int HealthStatus(const MasterProcess& master) {
  const auto answer = HttpGet(master.http_port(), "/healthz");
  return answer.ok() ? answer->status : 0;
}

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MayMakeNamespaces()) GTEST_SKIP() << "NOT TESTED: only root can mount a small disk";
    disk_.emplace(Disk::Kind::kMemory, directory_.path() / "disk", 2 << 20);
    cluster_.emplace(FaultCluster::Options{.data = disk_->path() + "/data"});
  }
  void TearDown() override { cluster_.reset(); }

  TemporaryDirectory directory_;
  std::optional<Disk> disk_;
  std::optional<FaultCluster> cluster_;
};

TEST_F(FullDisk, BeforeARunRefusesItUntilThereIsRoom) {
  disk_->Fill();
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(2)};
  const std::string plan = cluster_->Write("refused.yaml", PlanOf(load));
  const Completed refused = cluster_->Loadctl({"submit", plan, "--quiet"});
  EXPECT_EQ(refused.exit_code, 5) << refused.out << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("the run store did not take the plan"));
  EXPECT_EQ(HealthStatus(cluster_->master()), 503);
  EXPECT_EQ(cluster_->truth().Count(), 0u);

  disk_->Free();
  EXPECT_TRUE(Eventually([&] { return HealthStatus(cluster_->master()) == 200; }, kPatience));
  EXPECT_TRUE(Eventually([&] { return AgentsReady(cluster_->master_address()) == 3; }, kPatience));
  cluster_->Start(load);
  EXPECT_EQ(cluster_->Finish().at("verdict"), "passed");
}

TEST_F(FullDisk, DuringARunHoldsBackAcknowledgementsAndNothingElse) {
  cluster_->Start({.rate = 300, .duration = absl::Seconds(10)});
  cluster_->AwaitRequests(600);
  disk_->Fill();
  EXPECT_TRUE(Eventually([&] { return HealthStatus(cluster_->master()) == 503; }, kPatience));
  cluster_->AwaitRequests(2'400);
  disk_->Free();
  const json summary = cluster_->Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_EQ(summary.at("requests").at("completed"), 3'000);
  EXPECT_EQ(HealthStatus(cluster_->master()), 200);
}

// The data directory of a master that was killed after a run.
class DamagedStore : public ::testing::Test {
 protected:
  DamagedStore() {
    FaultCluster cluster({.agents = 1, .data = data_});
    cluster.Start({.rate = 100, .duration = absl::Seconds(1)});
    cluster.Finish();
    cluster.master().process().Signal(SIGKILL);
    cluster.master().process().Wait(kPatience);
  }

  std::string File(const std::string& name) const { return data_ + "/" + name; }
  // What a master says that starts on it, or stays silent for.
  Completed StartMaster() const {
    return RunToEnd(
        {{LoadmasterPath(), "--listen", "127.0.0.1:0", "--http", "", "--data", data_}, {}},
        absl::Seconds(5));
  }

  TemporaryDirectory directory_;
  const std::string data_ = directory_.path() / "data";
};

TEST_F(DamagedStore, OfATruncatedLogKeepsWhatIsWhole) {
  const auto size = std::filesystem::file_size(File("runs.db-wal"));
  ASSERT_GT(size, 0u);
  std::filesystem::resize_file(File("runs.db-wal"), size - size / 4);
  FaultCluster cluster({.agents = 1, .data = data_});
  EXPECT_EQ(cluster.Loadctl({"runs"}).exit_code, 0);
  cluster.Start({.rate = 100, .duration = absl::Seconds(1)});
  EXPECT_EQ(cluster.Finish().at("verdict"), "passed");
}

TEST_F(DamagedStore, WithAFlippedPageIsRefusedAndLeftAsItIs) {
  {
    // A master that ends in order leaves everything in one file.
    MasterProcess master(data_);
    master.process().Signal(SIGTERM);
    ASSERT_EQ(master.process().Wait(kPatience), 0);
  }
  {
    std::fstream file(File("runs.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'096);
    file << std::string(4'096, '\xff');
  }
  const auto size = std::filesystem::file_size(File("runs.db"));
  const Completed refused = StartMaster();
  EXPECT_TRUE(refused.exit_code.has_value() && *refused.exit_code != 0) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr(File("runs.db")));
  EXPECT_THAT(refused.err, HasSubstr("restore it from a copy"));
  EXPECT_EQ(std::filesystem::file_size(File("runs.db")), size);
}

TEST_F(DamagedStore, OfANewerVersionIsRefused) {
  {
    MasterProcess master(data_);
    master.process().Signal(SIGTERM);
    ASSERT_EQ(master.process().Wait(kPatience), 0);
  }
  {
    std::fstream file(File("runs.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);  // the user version in the header of a database
    file.write("\0\0\0\x63", 4);
  }
  const Completed refused = StartMaster();
  EXPECT_TRUE(refused.exit_code.has_value() && *refused.exit_code != 0) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("schema 99"));
}

}  // namespace
}  // namespace loadfleet
