#include "agent/link/feeder_fetch.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "loadfleet/v1/fleet.grpc.pb.h"

namespace loadfleet {

absl::Status FeederFetch::Fetch(const v1::Plan& plan, RunPlan* run) {
  for (int i = 0; i < plan.feeders_size(); ++i) {
    auto file = FetchOne(plan.feeders(i));
    if (!file.ok()) return file.status();
    run->SetFeeder(static_cast<uint32_t>(i), *std::move(file));
  }
  return absl::OkStatus();
}

void FeederFetch::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

grpc::ClientContext* FeederFetch::NewContext() {
  absl::MutexLock lock(&mutex_);
  if (cancelled_) return nullptr;
  context_ = std::make_unique<grpc::ClientContext>();
  return context_.get();
}

void FeederFetch::DropContext() {
  absl::MutexLock lock(&mutex_);
  context_.reset();
}

absl::StatusOr<std::unique_ptr<const FeederFile>> FeederFetch::FetchOne(const v1::Feeder& feeder) {
  auto download = FeederDownload::Begin(feeder);
  if (!download.ok()) return download.status();
  while (true) {
    const uint64_t before = (*download)->size();
    const absl::Status status = FetchRest(feeder, download->get());
    if (status.ok()) break;
    if (!absl::IsUnavailable(status) || (*download)->size() == before) return status;
    spdlog::warn("feeder {}: {} of {} bytes are here, the rest is asked for again", feeder.name(),
                 (*download)->size(), feeder.file().size());
  }
  return (*download)->Finish();
}

absl::Status FeederFetch::FetchRest(const v1::Feeder& feeder, FeederDownload* download) {
  grpc::ClientContext* const context = NewContext();
  if (context == nullptr) return absl::CancelledError("the run was stopped");
  v1::FetchRequest request;
  *request.mutable_file() = feeder.file();
  request.set_offset(download->size());
  absl::Status kept;
  grpc::Status ended;
  {
    const std::unique_ptr<v1::Fleet::Stub> stub = v1::Fleet::NewStub(channel_);
    const auto stream = stub->Fetch(context, request);
    v1::FilePiece piece;
    while (kept.ok() && stream->Read(&piece)) kept = download->Add(piece.content());
    if (!kept.ok()) context->TryCancel();
    ended = stream->Finish();
  }
  DropContext();
  if (!kept.ok()) return kept;
  if (ended.ok()) return absl::OkStatus();
  // The two enumerations have the same numbers.
  return {static_cast<absl::StatusCode>(ended.error_code()),
          absl::StrCat("the rows of feeder '", feeder.name(),
                       "' did not come from the master: ", ended.error_message())};
}

}  // namespace loadfleet
