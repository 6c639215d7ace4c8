#include "master/data/data_streams.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/net/rpc_status.h"
#include "master/data/data_files.h"

namespace loadfleet {
namespace {

class Receiver final : public grpc::ServerReadReactor<v1::UploadPiece> {
 public:
  Receiver(DataFiles& files, v1::UploadReply* reply, Received received)
      : files_(files), reply_(reply), received_(std::move(received)) {
    StartRead(&piece_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      if (upload_ == nullptr && Begin()) return;
      if (absl::Status status = Take(); !status.ok()) return End(status);
      StartRead(&piece_);
    } else if (upload_ == nullptr) {
      End(absl::InvalidArgumentError("nothing was uploaded"));
    } else {
      End(upload_->Finish());
    }
  }

  void OnDone() override { delete this; }

 private:
  // True: the stream has its answer already.
  bool Begin() {
    if (files_.Find(piece_.file(), piece_.format())) {
      reply_->set_had_it(true);
      Finish(grpc::Status::OK);
      return true;
    }
    file_ = absl::StrCat(piece_.file().size(), " bytes, sha256 ",
                         absl::BytesToHexString(piece_.file().sha256()));
    auto upload = files_.Begin(piece_.file(), piece_.format());
    if (!upload.ok()) {
      End(upload.status());
      return true;
    }
    upload_ = *std::move(upload);
    return false;
  }

  void End(const absl::Status& result) {
    received_(file_, result);
    Finish(ToGrpc(result));
  }

  absl::Status Take() {
    if (piece_.piece().content().size() > limits::kPieceBytes) {
      return absl::InvalidArgumentError("a piece is larger than 1 MiB");
    }
    return upload_->Add(piece_.piece().content());
  }

  DataFiles& files_;
  v1::UploadReply* const reply_;
  const Received received_;
  std::string file_;
  v1::UploadPiece piece_;
  std::unique_ptr<DataFiles::Upload> upload_;
};

class Sender final : public grpc::ServerWriteReactor<v1::FilePiece> {
 public:
  Sender(DataFiles& files, const v1::FetchRequest& request) : offset_(request.offset()) {
    auto opened = files.Read(request.file());
    if (opened.ok()) {
      opened_ = *std::move(opened);
      Next();
    } else {
      Finish(ToGrpc(opened.status()));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish({grpc::StatusCode::CANCELLED, "the agent has left"});
    Next();
  }

  void OnDone() override { delete this; }

 private:
  void Next() {
    absl::StatusOr<std::string> content = opened_->Read(offset_, limits::kPieceBytes);
    if (!content.ok()) return Finish(ToGrpc(content.status()));
    if (content->empty()) return Finish(grpc::Status::OK);
    offset_ += content->size();
    piece_.set_content(*std::move(content));
    StartWrite(&piece_);
  }

  std::unique_ptr<OpenedData> opened_;
  uint64_t offset_;
  v1::FilePiece piece_;
};

}  // namespace

grpc::ServerReadReactor<v1::UploadPiece>* ReceiveData(DataFiles& files, v1::UploadReply* reply,
                                                      Received received) {
  return new Receiver(files, reply, std::move(received));
}

grpc::ServerWriteReactor<v1::FilePiece>* SendData(DataFiles& files,
                                                  const v1::FetchRequest& request) {
  return new Sender(files, request);
}

}  // namespace loadfleet
