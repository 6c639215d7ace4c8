#include "loadctl/client/api_client.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/net/rpc_channel.h"
#include "common/net/rpc_status.h"
#include "common/report/format.h"

namespace loadfleet {
namespace {

// A person waits: a master that is there answers within milliseconds.
constexpr int kCallSeconds = 5;

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kCallSeconds));
}

}  // namespace

ApiClient::ApiClient(const std::shared_ptr<grpc::Channel>& channel, std::string address,
                     std::string token)
    : stub_(v1::Api::NewStub(channel)),
      address_(std::move(address)),
      authorization_(token.empty() ? "" : absl::StrCat("Bearer ", token)) {}

ApiClient ApiClient::ToAddress(const std::string& host_and_port, Security security) {
  return {NewMasterChannel(host_and_port, security.credentials), host_and_port,
          std::move(security.token)};
}

void ApiClient::Begin(grpc::ClientContext* context) const {
  if (!authorization_.empty()) context->AddMetadata(kAuthorization, authorization_);
}

absl::StatusOr<v1::SubmitReply> ApiClient::Submit(const v1::PlanSource& source) {
  grpc::ClientContext context;
  Begin(&context);
  SetDeadline(&context);
  v1::SubmitRequest request;
  *request.mutable_source() = source;
  v1::SubmitReply reply;
  const grpc::Status status = stub_->Submit(&context, request, &reply);
  if (!status.ok()) return Explain(status);
  return reply;
}

absl::StatusOr<v1::UploadReply> ApiClient::Upload(const v1::DataFile& file,
                                                  v1::Feeder::Format format,
                                                  const NextPiece& next) {
  grpc::ClientContext context;
  Begin(&context);
  v1::UploadReply reply;
  const auto stream = stub_->Upload(&context, &reply);
  v1::UploadPiece piece;
  *piece.mutable_file() = file;
  piece.set_format(format);
  absl::Status read;
  // A write fails when the master has answered, be it that it has the file already.
  while (stream->Write(piece)) {
    absl::StatusOr<std::string> content = next();
    read = content.status();
    if (!read.ok() || content->empty()) break;
    piece.Clear();
    piece.mutable_piece()->set_content(*std::move(content));
  }
  if (!read.ok()) context.TryCancel();
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  if (!read.ok()) return read;
  if (!status.ok()) return Explain(status);
  return reply;
}

absl::StatusOr<v1::StopReply> ApiClient::Stop(const v1::StopRequest& request) {
  grpc::ClientContext context;
  Begin(&context);
  SetDeadline(&context);
  v1::StopReply reply;
  const grpc::Status status = stub_->Stop(&context, request, &reply);
  if (!status.ok()) return Explain(status);
  return reply;
}

absl::StatusOr<v1::ListRunsReply> ApiClient::ListRuns(uint32_t limit) {
  grpc::ClientContext context;
  Begin(&context);
  SetDeadline(&context);
  v1::ListRunsRequest request;
  request.set_limit(limit);
  v1::ListRunsReply reply;
  const grpc::Status status = stub_->ListRuns(&context, request, &reply);
  if (!status.ok()) return Explain(status);
  return reply;
}

absl::StatusOr<v1::Report> ApiClient::GetReport(const std::string& run_id) {
  grpc::ClientContext context;
  Begin(&context);
  SetDeadline(&context);
  v1::RunRef run;
  run.set_run_id(run_id);
  v1::Report report;
  const grpc::Status status = stub_->GetReport(&context, run, &report);
  if (!status.ok()) return Explain(status);
  return report;
}

absl::StatusOr<v1::ListAgentsReply> ApiClient::ListAgents() {
  grpc::ClientContext context;
  Begin(&context);
  SetDeadline(&context);
  v1::ListAgentsReply reply;
  const grpc::Status status = stub_->ListAgents(&context, {}, &reply);
  if (!status.ok()) return Explain(status);
  return reply;
}

std::unique_ptr<WatchStream> ApiClient::Watch(const std::string& run_id) {
  return std::make_unique<WatchStream>(*stub_, run_id, authorization_);
}

absl::Status ApiClient::Explain(const grpc::Status& status) const {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return absl::OkStatus();
    case grpc::StatusCode::UNAVAILABLE:
      return absl::UnavailableError(
          absl::StrCat("cannot reach the master at ", address_, ": ",
                       Printable(WhyUnreachable(status.error_message()))));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnavailableError(absl::StrCat(
          "what listens at ", address_,
          " is not a master that this loadctl knows: ", Printable(status.error_message())));
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(
          absl::StrCat("the master at ", address_, " did not answer within ", kCallSeconds, " s"));
    default:
      // The two enumerations have the same numbers.
      return {static_cast<absl::StatusCode>(status.error_code()),
              Printable(status.error_message())};
  }
}

}  // namespace loadfleet
