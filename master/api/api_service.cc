#include "master/api/api_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/feeder/row_text.h"
#include "common/net/rpc_status.h"
#include "common/plan/compile.h"
#include "common/plan_shape.h"
#include "common/secrets.h"
#include "common/text.h"
#include "master/access/access.h"
#include "master/access/audit.h"
#include "master/api/snapshot_stream.h"
#include "master/data/data_files.h"
#include "master/data/data_streams.h"
#include "master/run/cluster.h"
#include "master/run/control_thread.h"
#include "master/store/store.h"

namespace loadfleet {
namespace {

constexpr uint32_t kRunsListed = 100;
constexpr uint32_t kMostRunsListed = 10'000;

absl::StatusOr<std::string> Newest(Store& store) {
  auto runs = store.ListRuns(1);
  if (!runs.ok()) return runs.status();
  if (runs->empty()) return absl::NotFoundError("there is no run yet");
  return runs->front().run_id();
}

absl::StatusOr<std::string> Resolve(Store& store, const v1::RunRef& run) {
  if (!run.run_id().empty()) return run.run_id();
  return Newest(store);
}

// For the audit log: the runs that it ended, or whom it was aimed at.
std::string StoppedRuns(const v1::StopRequest& request,
                        const absl::StatusOr<std::vector<std::string>>& stopped) {
  if (stopped.ok() && !stopped->empty()) return absl::StrJoin(*stopped, ", ");
  if (request.all()) return "(all)";
  return request.run_id().empty() ? "(newest)" : request.run_id();
}

// The one snapshot of a run that has long ended.
absl::StatusOr<SnapshotStream::Snapshot> FromStore(Store& store, const std::string& run_id) {
  auto report = store.GetReport(run_id);
  if (!report.ok()) return report.status();
  auto snapshot = std::make_shared<v1::RunSnapshot>();
  snapshot->set_run_id(run_id);
  snapshot->set_name(report->name());
  snapshot->set_state(v1::RUN_STATE_ENDED);
  snapshot->set_elapsed_ns(report->duration_ns());
  snapshot->set_duration_ns(report->planned_duration_ns());
  *snapshot->mutable_report() = *std::move(report);
  return snapshot;
}

// In place of what the client says of the files that feeders name: what was counted here.
absl::Status CountAgain(DataFiles& files, v1::PlanSource* source) {
  for (v1::DataSource& data : *source->mutable_data()) {
    const std::optional<ScannedRows> counted = files.Find(data.file(), FeederFormatOf(data.name()));
    if (!counted) {
      return absl::NotFoundError(
          absl::StrCat("the file ", Quoted(data.name()), " has not been uploaded to this master"));
    }
    *data.mutable_file() = counted->file;
    data.mutable_columns()->Assign(counted->columns.begin(), counted->columns.end());
    data.set_rows(counted->rows);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ApiService::Validate(grpc::CallbackServerContext* context,
                                               const v1::PlanSource* source,
                                               v1::ValidateReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.Validate");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  CompiledPlan compiled = CompilePlan(*source);
  if (compiled.problems.empty()) {
    *reply->mutable_plan() = WithoutSecrets(std::move(compiled.plan), compiled.secrets);
  } else {
    reply->mutable_problems()->Assign(compiled.problems.begin(), compiled.problems.end());
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ApiService::Submit(grpc::CallbackServerContext* context,
                                             const v1::SubmitRequest* request,
                                             v1::SubmitReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.Submit");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  v1::PlanSource source = request->source();
  if (absl::Status status = CountAgain(data_, &source); !status.ok()) {
    Audit(*caller, "Api.Submit", {}, status);
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  CompiledPlan compiled = CompilePlan(source);
  if (!compiled.problems.empty()) {
    Audit(*caller, "Api.Submit", {}, absl::InvalidArgumentError("the plan has problems"));
    reply->mutable_problems()->Assign(compiled.problems.begin(), compiled.problems.end());
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  const std::string name = compiled.secrets.Hide(compiled.plan.name());
  control_.Post([this, reactor, reply, caller = *caller, name, plan = std::move(compiled.plan),
                 secrets = std::move(compiled.secrets)]() mutable {
    const auto answer = [reactor, reply, caller, name](absl::StatusOr<std::string> run_id) {
      Audit(caller, "Api.Submit", {{"run", run_id.ok() ? *run_id : ""}, {"plan", name}},
            run_id.status());
      if (run_id.ok()) reply->set_run_id(*run_id);
      reactor->Finish(ToGrpc(run_id.status()));
    };
    cluster_.Submit(std::move(plan), answer, std::move(secrets));
  });
  return reactor;
}

grpc::ServerWriteReactor<v1::RunSnapshot>* ApiService::Watch(grpc::CallbackServerContext* context,
                                                             const v1::RunRef* run) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.Watch");
  if (!caller.ok()) {
    return new Refused<grpc::ServerWriteReactor<v1::RunSnapshot>>(caller.status());
  }
  auto stream = std::make_shared<SnapshotStream>();
  stream->Begin();
  auto run_id = Resolve(store_, *run);
  if (!run_id.ok()) {
    stream->End(ToGrpc(run_id.status()));
    return stream.get();
  }
  control_.Post([this, stream, run_id = *run_id] {
    const bool live = cluster_.Watch(
        run_id, [stream](const Run::Snapshot& snapshot) { return stream->Offer(snapshot); });
    if (live) return;
    auto stored = FromStore(store_, run_id);
    if (stored.ok()) {
      stream->Offer(*std::move(stored));
    } else {
      stream->End(ToGrpc(stored.status()));
    }
  });
  return stream.get();
}

grpc::ServerUnaryReactor* ApiService::Stop(grpc::CallbackServerContext* context,
                                           const v1::StopRequest* request, v1::StopReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.Stop");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  control_.Post([this, reactor, caller = *caller, request = *request, reply] {
    auto stopped = cluster_.Stop(request);
    Audit(caller, "Api.Stop", {{"run", StoppedRuns(request, stopped)}}, stopped.status());
    if (stopped.ok()) reply->mutable_run_ids()->Assign(stopped->begin(), stopped->end());
    reactor->Finish(ToGrpc(stopped.status()));
  });
  return reactor;
}

grpc::ServerUnaryReactor* ApiService::ListRuns(grpc::CallbackServerContext* context,
                                               const v1::ListRunsRequest* request,
                                               v1::ListRunsReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.ListRuns");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const uint32_t limit =
      request->limit() == 0 ? kRunsListed : std::min(request->limit(), kMostRunsListed);
  auto runs = store_.ListRuns(limit);
  if (!runs.ok()) {
    reactor->Finish(ToGrpc(runs.status()));
    return reactor;
  }
  reply->mutable_runs()->Assign(runs->begin(), runs->end());
  control_.Post([this, reactor, reply] {
    cluster_.UpdateEntries(reply);
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* ApiService::GetReport(grpc::CallbackServerContext* context,
                                                const v1::RunRef* run, v1::Report* report) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.GetReport");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto run_id = Resolve(store_, *run);
  if (!run_id.ok()) {
    reactor->Finish(ToGrpc(run_id.status()));
    return reactor;
  }
  auto stored = store_.GetReport(*run_id);
  const absl::Status status = stored.status();
  if (status.ok()) *report = *std::move(stored);
  reactor->Finish(ToGrpc(status));
  return reactor;
}

grpc::ServerUnaryReactor* ApiService::ListAgents(grpc::CallbackServerContext* context,
                                                 const v1::ListAgentsRequest*,
                                                 v1::ListAgentsReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.ListAgents");
  if (!caller.ok()) return new Refused<grpc::ServerUnaryReactor>(caller.status());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  control_.Post([this, reactor, reply] {
    *reply = cluster_.ListAgents();
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerReadReactor<v1::UploadPiece>* ApiService::Upload(grpc::CallbackServerContext* context,
                                                             v1::UploadReply* reply) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Api.Upload");
  if (!caller.ok()) {
    return new Refused<grpc::ServerReadReactor<v1::UploadPiece>>(caller.status());
  }
  return ReceiveData(data_, reply, [caller = *caller](const std::string& file, const auto& result) {
    Audit(caller, "Api.Upload", {{"file", file}}, result);
  });
}

}  // namespace loadfleet
