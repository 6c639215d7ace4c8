// The run store: SQLite in WAL mode, synchronous=FULL, one writer thread with group commit.
//
// A commit that fails (a full disk) is tried again until it succeeds: nothing that was queued is
// dropped, nothing that is not on the disk is called done, and healthy() says so meanwhile.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/store/window_commit.h"

namespace loadfleet {

// What one agent was given by one epoch of a run.
struct StoredAssignment {
  std::string agent_id;
  uint64_t incarnation = 0;
  v1::Assignment assignment;  // run and epoch included
};

// What a master must know of a run to take it up again.
struct StoredRun {
  std::string run_id;
  v1::Plan plan;
  v1::RunState state = v1::RUN_STATE_PREPARING;
  int64_t started_at_ms = 0;  // wall clock, Unix epoch; 0: no start was committed
  std::vector<StoredAssignment> assignments =
      {};  // of the first epoch, with its start; not read back
};

class Database;

// Thread-safe. Writes are queued in the order of the calls and committed in that order.
class Store {
 public:
  // Called on the store's thread once the write is on the disk.
  using Done = std::function<void(const absl::Status&)>;

  // `data_dir` is created (0700) when missing; empty: in memory, gone with *this.
  // DATA_LOSS: the file is damaged; it is never recreated, the message says what to do.
  // FAILED_PRECONDITION: written by a newer version, or in use by another process.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& data_dir);

  // Tries once more to commit what is queued, then gives it up: without room there is no later.
  ~Store();

  void SaveRun(StoredRun run, Done done);
  // Of a later epoch: all of them or none.
  void SaveEpoch(std::vector<StoredAssignment> assignments, Done done);
  void CommitWindow(WindowCommit commit, Done done);
  void SaveReport(const v1::Report& report, Done done);  // the run has ended

  // Reads block; they see what has been committed.
  absl::StatusOr<std::vector<v1::RunEntry>> ListRuns(uint32_t limit);  // newest first
  // NOT_FOUND: no such run.  FAILED_PRECONDITION: it has not ended.
  absl::StatusOr<v1::Report> GetReport(const std::string& run_id);
  absl::StatusOr<std::vector<StoredRun>> UnfinishedRuns();
  // In the order of epochs; none of a run that has ended: its report says who had what.
  absl::StatusOr<std::vector<StoredAssignment>> Assignments(const std::string& run_id);
  absl::StatusOr<uint64_t> NextRunNumber();  // one above every number used

  // False while commits fail.
  bool healthy() const;

 private:
  using Write = std::function<absl::Status(Database&)>;
  struct Queued {
    Write write;
    Done done;
  };

  Store(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader, int lock_fd);
  void Enqueue(Write write, Done done);
  void Loop();
  absl::Status Commit(const std::deque<Queued>& batch);

  const std::unique_ptr<Database> writer_;  // the store's thread's; in memory, everybody's
  const std::unique_ptr<Database> reader_;  // null in memory
  const int lock_fd_;                       // -1 in memory
  // Held over every use of a connection that readers share.
  absl::Mutex reading_;
  absl::Mutex writing_;

  mutable absl::Mutex mutex_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool healthy_ ABSL_GUARDED_BY(mutex_) = true;
  std::thread thread_;
};

}  // namespace loadfleet
