// The two streams that bring files of feeders to the master and on to agents.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "loadfleet/v1/api.grpc.pb.h"
#include "loadfleet/v1/fleet.grpc.pb.h"

namespace loadfleet {

class DataFiles;

// Of Api.Upload and Fleet.Fetch. They own themselves and end with their streams, on gRPC's threads,
// which wait for the disk. `files` outlives the server. `received` is told how an upload ended, and
// of what file: nothing when the master had it already.
using Received = std::function<void(const std::string& file, const absl::Status& result)>;
grpc::ServerReadReactor<v1::UploadPiece>* ReceiveData(DataFiles& files, v1::UploadReply* reply,
                                                      Received received);
grpc::ServerWriteReactor<v1::FilePiece>* SendData(DataFiles& files,
                                                  const v1::FetchRequest& request);

}  // namespace loadfleet
