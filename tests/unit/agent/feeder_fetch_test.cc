// A feeder's file on its way from a master whose stream breaks.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/link/feeder_fetch.h"
#include "loadfleet/v1/fleet.grpc.pb.h"
#include "tests/unit/agent/fed_plan.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kRows[] = "id\nfirst\nsecond\nthird\n";

// Has one file, and gives `pieces[n]` bytes of it at the n-th call before the stream breaks; all
// that is left when there is no such entry.
class BreakingMaster final : public v1::Fleet::Service {
 public:
  BreakingMaster(std::string text, std::vector<size_t> pieces)
      : text_(std::move(text)), pieces_(std::move(pieces)) {
    grpc::ServerBuilder builder;
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }
  const std::vector<uint64_t>& offsets() const { return offsets_; }  // asked for, one a call

 private:
  grpc::Status Fetch(grpc::ServerContext*, const v1::FetchRequest* request,
                     grpc::ServerWriter<v1::FilePiece>* writer) override {
    const size_t call = offsets_.size();
    offsets_.push_back(request->offset());
    const std::string rest = text_.substr(request->offset());
    const bool breaks = call < pieces_.size();
    v1::FilePiece piece;
    piece.set_content(breaks ? rest.substr(0, pieces_[call]) : rest);
    if (!piece.content().empty()) writer->Write(piece);
    return breaks ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the link broke")
                  : grpc::Status::OK;
  }

  const std::string text_;
  const std::vector<size_t> pieces_;
  std::vector<uint64_t> offsets_;
  std::unique_ptr<grpc::Server> server_;
};

// The rows that have come by; or why not.
absl::StatusOr<std::vector<std::string>> Fetched(BreakingMaster& master) {
  v1::Plan plan;
  *plan.add_feeders() = FeederOf(kRows, "users.csv");
  RunPlan run;
  run.feeders.resize(1);
  FeederFetch fetch(master.Channel());
  if (absl::Status status = fetch.Fetch(plan, &run); !status.ok()) return status;
  std::vector<std::string> rows;
  for (uint64_t n = 0; n < plan.feeders(0).rows(); ++n) {
    rows.emplace_back(run.feeders[0]->Row(n));
  }
  return rows;
}

TEST(FeederFetch, GoesOnWhereTheStreamBroke) {
  BreakingMaster master(kRows, {5, 4});
  const auto rows = Fetched(master);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("first", "second", "third"));
  EXPECT_THAT(master.offsets(), ElementsAre(0, 5, 9));
}

TEST(FeederFetch, GivesUpWhenNothingMoreComes) {
  BreakingMaster master(kRows, {5, 0});
  const auto rows = Fetched(master);
  EXPECT_TRUE(absl::IsUnavailable(rows.status())) << rows.status();
  EXPECT_THAT(rows.status().ToString(), HasSubstr("the rows of feeder 'users' did not come"));
  EXPECT_THAT(master.offsets(), ElementsAre(0, 5));
}

TEST(FeederFetch, TakesNoOtherFileForIt) {
  std::string other = kRows;
  other[4] = 'F';
  BreakingMaster master(other, {5});
  const auto rows = Fetched(master);
  EXPECT_TRUE(absl::IsDataLoss(rows.status())) << rows.status();
}

TEST(FeederFetch, AsksForNothingOnceItIsCancelled) {
  BreakingMaster master(kRows, {});
  FeederFetch fetch(master.Channel());
  fetch.Cancel();
  v1::Plan plan;
  *plan.add_feeders() = FeederOf(kRows, "users.csv");
  RunPlan run;
  EXPECT_TRUE(absl::IsCancelled(fetch.Fetch(plan, &run)));
  EXPECT_TRUE(master.offsets().empty());
}

}  // namespace
}  // namespace loadfleet
