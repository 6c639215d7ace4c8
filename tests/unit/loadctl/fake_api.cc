#include "tests/unit/loadctl/fake_api.h"

#include <utility>

namespace loadfleet {

FakeApi::FakeApi() {
  grpc::ServerBuilder builder;
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeApi::~FakeApi() {
  EndWatch(grpc::Status::OK);
  server_->Shutdown();
}

void FakeApi::AnswerSubmits(std::vector<grpc::Status> statuses) {
  absl::MutexLock lock(&mutex_);
  submit_answers_.assign(statuses.begin(), statuses.end());
}

void FakeApi::Publish(const v1::RunSnapshot& snapshot) {
  absl::MutexLock lock(&mutex_);
  snapshots_.push_back(snapshot);
}

void FakeApi::EndWatch(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  watch_ended_ = true;
  watch_status_ = status;
}

void FakeApi::ReportOnStop(v1::Verdict verdict) {
  absl::MutexLock lock(&mutex_);
  on_stop_ = verdict;
}

int FakeApi::submits() const {
  absl::MutexLock lock(&mutex_);
  return submits_;
}

std::vector<v1::StopRequest> FakeApi::stops() const {
  absl::MutexLock lock(&mutex_);
  return stops_;
}

grpc::Status FakeApi::Submit(grpc::ServerContext*, const v1::SubmitRequest*,
                             v1::SubmitReply* reply) {
  absl::MutexLock lock(&mutex_);
  ++submits_;
  reply->set_run_id("r-0001");
  if (submit_answers_.empty()) return grpc::Status::OK;
  grpc::Status status = submit_answers_.front();
  if (submit_answers_.size() > 1) submit_answers_.pop_front();
  return status;
}

grpc::Status FakeApi::Stop(grpc::ServerContext*, const v1::StopRequest* request,
                           v1::StopReply* reply) {
  absl::MutexLock lock(&mutex_);
  stops_.push_back(*request);
  reply->add_run_ids(request->run_id());
  if (on_stop_ != v1::VERDICT_UNSPECIFIED) {
    snapshots_.push_back(Ended(request->run_id(), on_stop_));
  }
  return grpc::Status::OK;
}

grpc::Status FakeApi::Watch(grpc::ServerContext*, const v1::RunRef*,
                            grpc::ServerWriter<v1::RunSnapshot>* writer) {
  absl::MutexLock lock(&mutex_);
  const auto news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return watch_ended_ || !snapshots_.empty();
  };
  while (true) {
    mutex_.Await(absl::Condition(&news));
    if (snapshots_.empty()) return watch_status_;
    const v1::RunSnapshot snapshot = std::move(snapshots_.front());
    snapshots_.pop_front();
    writer->Write(snapshot);
    if (snapshot.has_report()) return grpc::Status::OK;
  }
}

v1::RunSnapshot Running(const std::string& run_id) {
  v1::RunSnapshot snapshot;
  snapshot.set_run_id(run_id);
  snapshot.set_name("quickstart");
  snapshot.set_state(v1::RUN_STATE_RUNNING);
  return snapshot;
}

v1::RunSnapshot Ended(const std::string& run_id, v1::Verdict verdict) {
  v1::RunSnapshot snapshot = Running(run_id);
  snapshot.set_state(v1::RUN_STATE_ENDED);
  snapshot.mutable_report()->set_run_id(run_id);
  snapshot.mutable_report()->set_verdict(verdict);
  return snapshot;
}

}  // namespace loadfleet
