#include "master/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "master/store/schema.h"
#include "master/store/sqlite.h"

namespace loadfleet {
namespace {

constexpr absl::Duration kLockPatience = absl::Seconds(3);
constexpr absl::Duration kRetryEvery = absl::Seconds(1);

// The number in "r-0042", which orders runs also beyond four digits.
int64_t NumberOf(const std::string& run_id) {
  return std::strtoll(run_id.c_str() + 2, nullptr, 10);
}

absl::StatusOr<int> LockDirectory(const std::string& data_dir) {
  if (mkdir(data_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::InternalError(
        absl::StrCat("cannot make the data directory ", data_dir, ": ", std::strerror(errno)));
  }
  const std::string path = data_dir + "/lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::InternalError(absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
  }
  // A master that was killed a moment ago may still be on its way out of a sync.
  const absl::Time give_up = absl::Now() + kLockPatience;
  int locked = flock(fd, LOCK_EX | LOCK_NB);
  while (locked != 0 && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(50));
    locked = flock(fd, LOCK_EX | LOCK_NB);
  }
  if (locked != 0) {
    close(fd);
    return absl::FailedPreconditionError(
        absl::StrCat("the data directory ", data_dir, " is in use by another loadmaster"));
  }
  return fd;
}

absl::Status Explain(const std::string& path, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kDataLoss) {
    return absl::Status(status.code(),
                        absl::StrCat("the run store ", path, ": ", std::string(status.message())));
  }
  return absl::DataLossError(
      absl::StrCat("the run store ", path, " is damaged (", std::string(status.message()),
                   "): restore it from a copy, recover what is there with `sqlite3 ", path,
                   " .recover`, or move it away to begin with an empty one"));
}

absl::StatusOr<std::unique_ptr<Database>> Connect(const std::string& path) {
  auto database = Database::Open(path);
  if (!database.ok()) return database.status();
  return std::make_unique<Database>(*std::move(database));
}

v1::RunEntry EntryOf(const v1::Report& report) {
  v1::RunEntry entry;
  entry.set_run_id(report.run_id());
  entry.set_name(report.name());
  *entry.mutable_labels() = report.labels();
  entry.set_state(v1::RUN_STATE_ENDED);
  entry.set_verdict(report.verdict());
  entry.set_started_at_ms(report.started_at_ms());
  entry.set_duration_ns(report.duration_ns());
  for (const v1::StatusCount& status : report.total().requests().statuses()) {
    entry.set_completed(entry.completed() + status.count());
  }
  entry.set_achieved_rate(report.achieved_rate());
  return entry;
}

absl::Status WriteAssignments(Database& database,
                              const std::vector<StoredAssignment>& assignments) {
  Statement statement(database,
                      "INSERT INTO assignments (run_id, epoch, agent_id, incarnation, "
                      "assignment) VALUES (?, ?, ?, ?, ?)");
  for (const StoredAssignment& stored : assignments) {
    absl::Status status = statement.BindText(1, stored.assignment.run_id())
                              .Bind(2, static_cast<int64_t>(stored.assignment.epoch()))
                              .BindText(3, stored.agent_id)
                              .Bind(4, static_cast<int64_t>(stored.incarnation))
                              .BindBlob(5, stored.assignment.SerializeAsString())
                              .Run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WriteWindow(Database& database, const WindowCommit& commit) {
  Statement key(database,
                "INSERT INTO windows (run_id, agent_id, incarnation, summary, first_seq, last_seq, "
                "checksum) VALUES (?, ?, ?, ?, ?, ?, ?)");
  key.BindText(1, commit.run_id)
      .BindText(2, commit.agent_id)
      .Bind(3, static_cast<int64_t>(commit.incarnation))
      .Bind(4, static_cast<int64_t>(commit.summary))
      .Bind(5, static_cast<int64_t>(commit.first_seq))
      .Bind(6, static_cast<int64_t>(commit.last_seq))
      .Bind(7, static_cast<int64_t>(commit.checksum));
  if (absl::Status status = key.Run(); !status.ok()) return status;
  if (!commit.summary) {
    Statement second(database,
                     "INSERT OR REPLACE INTO seconds (run_id, second, addition, merged) "
                     "VALUES (?, ?, ?, ?)");
    second.BindText(1, commit.run_id)
        .Bind(2, static_cast<int64_t>(commit.second))
        .Bind(3, static_cast<int64_t>(commit.addition))
        .BindBlob(4, commit.merged_second);
    if (absl::Status status = second.Run(); !status.ok()) return status;
  }
  Statement totals(database,
                   "INSERT OR REPLACE INTO agent_totals (run_id, agent_id, incarnation, totals) "
                   "VALUES (?, ?, ?, ?)");
  totals.BindText(1, commit.run_id)
      .BindText(2, commit.agent_id)
      .Bind(3, static_cast<int64_t>(commit.incarnation))
      .BindBlob(4, commit.agent_totals);
  return totals.Run();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& data_dir) {
  if (data_dir.empty()) {
    auto database = Connect(":memory:");
    if (!database.ok()) return database.status();
    if (absl::Status status = PrepareSchema(**database); !status.ok()) return status;
    return std::unique_ptr<Store>(new Store(*std::move(database), nullptr, -1));
  }
  auto lock = LockDirectory(data_dir);
  if (!lock.ok()) return lock.status();
  const std::string path = data_dir + "/runs.db";
  auto writer = Connect(path);
  absl::Status status = writer.status();
  if (status.ok()) status = PrepareSchema(**writer);
  if (status.ok()) status = UseWriteAheadLog(**writer);
  absl::StatusOr<std::unique_ptr<Database>> reader;
  if (status.ok()) {
    reader = Connect(path);
    status = reader.status();
  }
  if (!status.ok()) {
    close(*lock);
    return Explain(path, status);
  }
  return std::unique_ptr<Store>(new Store(*std::move(writer), *std::move(reader), *lock));
}

Store::Store(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader, int lock_fd)
    : writer_(std::move(writer)), reader_(std::move(reader)), lock_fd_(lock_fd) {
  thread_ = std::thread([this] { Loop(); });
}

Store::~Store() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  thread_.join();
  if (lock_fd_ >= 0) close(lock_fd_);
}

// --- writing ---

void Store::SaveRun(StoredRun run, Done done) {
  Enqueue(
      [run = std::move(run)](Database& database) {
        Statement statement(database,
                            "INSERT INTO runs (number, run_id, state, started_at_ms, plan) "
                            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
                            "state = excluded.state, started_at_ms = excluded.started_at_ms");
        absl::Status status = statement.Bind(1, NumberOf(run.run_id))
                                  .BindText(2, run.run_id)
                                  .Bind(3, static_cast<int64_t>(run.state))
                                  .Bind(4, run.started_at_ms)
                                  .BindBlob(5, run.plan.SerializeAsString())
                                  .Run();
        return status.ok() ? WriteAssignments(database, run.assignments) : status;
      },
      std::move(done));
}

void Store::SaveEpoch(std::vector<StoredAssignment> assignments, Done done) {
  Enqueue([assignments = std::move(assignments)](
              Database& database) { return WriteAssignments(database, assignments); },
          std::move(done));
}

void Store::CommitWindow(WindowCommit commit, Done done) {
  Enqueue(
      [commit = std::move(commit)](Database& database) { return WriteWindow(database, commit); },
      std::move(done));
}

void Store::SaveReport(const v1::Report& report, Done done) {
  Enqueue(
      [run_id = report.run_id(), started_at_ms = report.started_at_ms(),
       entry = EntryOf(report).SerializeAsString(),
       bytes = report.SerializeAsString()](Database& database) {
        Statement assignments(database, "DELETE FROM assignments WHERE run_id = ?");
        if (absl::Status status = assignments.BindText(1, run_id).Run(); !status.ok()) {
          return status;
        }
        Statement statement(database,
                            "UPDATE runs SET state = ?, started_at_ms = ?, entry = ?, report = ? "
                            "WHERE run_id = ?");
        return statement.Bind(1, static_cast<int64_t>(v1::RUN_STATE_ENDED))
            .Bind(2, started_at_ms)
            .BindBlob(3, entry)
            .BindBlob(4, bytes)
            .BindText(5, run_id)
            .Run();
      },
      std::move(done));
}

void Store::Enqueue(Write write, Done done) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(Queued{std::move(write), std::move(done)});
}

void Store::Loop() {
  for (;;) {
    std::deque<Queued> batch;
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return closing_ || !queue_.empty();
      };
      mutex_.Await(absl::Condition(&ready));
      if (queue_.empty()) return;
      batch.swap(queue_);
    }
    for (;;) {
      const absl::Status status = Commit(batch);
      absl::MutexLock lock(&mutex_);
      if (healthy_ != status.ok()) {
        if (status.ok()) {
          spdlog::info("the run store commits again");
        } else {
          spdlog::error("the run store cannot commit, and tries again: {}",
                        std::string(status.message()));
        }
      }
      healthy_ = status.ok();
      if (status.ok()) break;
      if (mutex_.AwaitWithTimeout(absl::Condition(&closing_), kRetryEvery)) return;
    }
    for (const Queued& queued : batch) queued.done(absl::OkStatus());
  }
}

absl::Status Store::Commit(const std::deque<Queued>& batch) {
  absl::MutexLock lock(&writing_);
  absl::Status status = writer_->Execute("BEGIN IMMEDIATE");
  for (const Queued& queued : batch) {
    if (!status.ok()) break;
    status = queued.write(*writer_);
  }
  if (status.ok()) status = writer_->Execute("COMMIT");
  if (!status.ok() && sqlite3_get_autocommit(writer_->get()) == 0) {
    status.Update(writer_->Execute("ROLLBACK"));
  }
  return status;
}

bool Store::healthy() const {
  absl::MutexLock lock(&mutex_);
  return healthy_;
}

}  // namespace loadfleet
