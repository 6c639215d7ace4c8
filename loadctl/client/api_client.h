// The master as loadctl sees it: service Api, with its errors as sentences for a person.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "loadctl/client/watch_stream.h"
#include "loadfleet/v1/api.grpc.pb.h"

namespace loadfleet {

// Thread-safe. Every call but Watch and Upload ends within a deadline.
//
// UNAVAILABLE: "cannot reach the master at HOST:PORT: connection refused". DEADLINE_EXCEEDED: it
// took the call and did not answer. Any other code is the master's own, with its message; see
// api.proto.
class ApiClient {
 public:
  // `address` is for messages, `token` goes with every call; empty: none does.
  ApiClient(const std::shared_ptr<grpc::Channel>& channel, std::string address,
            std::string token = "");

  struct Security {
    std::shared_ptr<grpc::ChannelCredentials> credentials;  // null: nothing is encrypted
    std::string token;
  };

  // Connects with the first call, and gives up after a few seconds.
  static ApiClient ToAddress(const std::string& host_and_port, Security security);

  absl::StatusOr<v1::SubmitReply> Submit(const v1::PlanSource& source);
  // The next piece of the file, at most limits::kPieceBytes; empty: that was all. Its error ends
  // the upload, and is the answer.
  using NextPiece = std::function<absl::StatusOr<std::string>()>;
  absl::StatusOr<v1::UploadReply> Upload(const v1::DataFile& file, v1::Feeder::Format format,
                                         const NextPiece& next);
  absl::StatusOr<v1::StopReply> Stop(const v1::StopRequest& request);
  absl::StatusOr<v1::ListRunsReply> ListRuns(uint32_t limit);
  absl::StatusOr<v1::Report> GetReport(const std::string& run_id);  // empty: the newest run
  absl::StatusOr<v1::ListAgentsReply> ListAgents();

  // An empty `run_id` is the newest run. The stream must not outlive this client.
  std::unique_ptr<WatchStream> Watch(const std::string& run_id);

  // A status of this service as a person should read it.
  absl::Status Explain(const grpc::Status& status) const;

 private:
  void Begin(grpc::ClientContext* context) const;

  std::unique_ptr<v1::Api::Stub> stub_;
  std::string address_;
  std::string authorization_;  // the metadata of this name
};

}  // namespace loadfleet
