// The reading half of the store: on a connection of its own, so that a slow commit delays no
// reader. In memory there is only one connection, and its readers wait for its writer.
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "master/store/sqlite.h"
#include "master/store/store.h"

namespace loadfleet {
namespace {

absl::Status Damaged(const std::string& run_id) {
  return absl::DataLossError(absl::StrCat("what is stored of run ", run_id, " is damaged"));
}

absl::StatusOr<v1::RunEntry> ReadEntry(const Statement& row) {
  v1::RunEntry entry;
  const std::string run_id = row.Bytes(0);
  const auto state = static_cast<v1::RunState>(row.Integer(1));
  if (state == v1::RUN_STATE_ENDED) {
    if (!entry.ParseFromString(row.Bytes(4))) return Damaged(run_id);
    return entry;
  }
  v1::Plan plan;
  if (!plan.ParseFromString(row.Bytes(3))) return Damaged(run_id);
  entry.set_run_id(run_id);
  entry.set_name(plan.name());
  *entry.mutable_labels() = plan.labels();
  entry.set_state(state);
  entry.set_started_at_ms(row.Integer(2));
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<v1::RunEntry>> Store::ListRuns(uint32_t limit) {
  absl::MutexLock lock(reader_ == nullptr ? &writing_ : &reading_);
  Statement rows(reader_ == nullptr ? *writer_ : *reader_,
                 "SELECT run_id, state, started_at_ms, plan, entry FROM runs "
                 "ORDER BY number DESC LIMIT ?");
  rows.Bind(1, static_cast<int64_t>(limit));
  std::vector<v1::RunEntry> entries;
  for (;;) {
    auto row = rows.Step();
    if (!row.ok()) return row.status();
    if (!*row) return entries;
    auto entry = ReadEntry(rows);
    if (!entry.ok()) return entry.status();
    entries.push_back(*std::move(entry));
  }
}

absl::StatusOr<v1::Report> Store::GetReport(const std::string& run_id) {
  absl::MutexLock lock(reader_ == nullptr ? &writing_ : &reading_);
  Statement rows(reader_ == nullptr ? *writer_ : *reader_,
                 "SELECT state, report FROM runs WHERE run_id = ?");
  auto row = rows.BindText(1, run_id).Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("there is no run ", run_id));
  if (rows.Integer(0) != v1::RUN_STATE_ENDED) {
    return absl::FailedPreconditionError(absl::StrCat("run ", run_id, " has not ended"));
  }
  v1::Report report;
  if (!report.ParseFromString(rows.Bytes(1))) return Damaged(run_id);
  return report;
}

absl::StatusOr<std::vector<StoredRun>> Store::UnfinishedRuns() {
  absl::MutexLock lock(reader_ == nullptr ? &writing_ : &reading_);
  Statement rows(reader_ == nullptr ? *writer_ : *reader_,
                 "SELECT run_id, state, started_at_ms, plan FROM runs WHERE state != ? "
                 "ORDER BY number");
  rows.Bind(1, static_cast<int64_t>(v1::RUN_STATE_ENDED));
  std::vector<StoredRun> runs;
  for (;;) {
    auto row = rows.Step();
    if (!row.ok()) return row.status();
    if (!*row) return runs;
    StoredRun run;
    run.run_id = rows.Bytes(0);
    run.state = static_cast<v1::RunState>(rows.Integer(1));
    run.started_at_ms = rows.Integer(2);
    if (!run.plan.ParseFromString(rows.Bytes(3))) return Damaged(run.run_id);
    runs.push_back(std::move(run));
  }
}

absl::StatusOr<std::vector<StoredAssignment>> Store::Assignments(const std::string& run_id) {
  absl::MutexLock lock(reader_ == nullptr ? &writing_ : &reading_);
  Statement rows(reader_ == nullptr ? *writer_ : *reader_,
                 "SELECT agent_id, incarnation, assignment FROM assignments WHERE run_id = ? "
                 "ORDER BY epoch, agent_id, incarnation");
  rows.BindText(1, run_id);
  std::vector<StoredAssignment> assignments;
  for (;;) {
    auto row = rows.Step();
    if (!row.ok()) return row.status();
    if (!*row) return assignments;
    StoredAssignment stored;
    stored.agent_id = rows.Bytes(0);
    stored.incarnation = static_cast<uint64_t>(rows.Integer(1));
    if (!stored.assignment.ParseFromString(rows.Bytes(2))) return Damaged(run_id);
    assignments.push_back(std::move(stored));
  }
}

absl::StatusOr<uint64_t> Store::NextRunNumber() {
  absl::MutexLock lock(reader_ == nullptr ? &writing_ : &reading_);
  Statement rows(reader_ == nullptr ? *writer_ : *reader_,
                 "SELECT COALESCE(MAX(number), 0) + 1 FROM runs");
  auto row = rows.Step();
  if (!row.ok()) return row.status();
  return static_cast<uint64_t>(rows.Integer(0));
}

}  // namespace loadfleet
