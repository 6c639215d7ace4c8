#include "master/store/schema.h"

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

// PRAGMA user_version of the file. A change of the tables raises it and says how to get there.
constexpr int64_t kSchemaVersion = 2;

constexpr char kTables[] = R"sql(
BEGIN;
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  plan BLOB NOT NULL,
  entry BLOB,            -- v1.RunEntry, once ended
  report BLOB            -- v1.Report, once ended
);
CREATE TABLE windows (   -- the ledger: what has been counted
  run_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  summary INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (run_id, agent_id, incarnation, summary, first_seq)
) WITHOUT ROWID;
CREATE TABLE seconds (   -- merged over all agents: v1.Window with only arrivals and requests
  run_id TEXT NOT NULL,
  second INTEGER NOT NULL,
  addition INTEGER NOT NULL,
  merged BLOB NOT NULL,
  PRIMARY KEY (run_id, second, addition)
);
CREATE TABLE agent_totals (
  run_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  totals BLOB NOT NULL,  -- v1.AgentReport
  PRIMARY KEY (run_id, agent_id, incarnation)
);
PRAGMA user_version = 1;
COMMIT;
)sql";

constexpr char kEpochs[] = R"sql(
BEGIN;
CREATE TABLE assignments (  -- of runs that have not ended: who has which part of the load
  run_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  assignment BLOB NOT NULL, -- v1.Assignment
  PRIMARY KEY (run_id, epoch, agent_id, incarnation)
) WITHOUT ROWID;
PRAGMA user_version = 2;
COMMIT;
)sql";

absl::Status CheckIntegrity(Database& database) {
  Statement check(database, "PRAGMA quick_check(1)");
  auto row = check.Step();
  if (!row.ok()) return row.status();
  const std::string found = *row ? check.Bytes(0) : "no answer";
  check.Reset();
  return found == "ok" ? absl::OkStatus() : absl::DataLossError(found);
}

}  // namespace

absl::Status PrepareSchema(Database& database) {
  if (absl::Status status = CheckIntegrity(database); !status.ok()) return status;
  Statement version(database, "PRAGMA user_version");
  auto row = version.Step();
  if (!row.ok()) return row.status();
  const int64_t found = version.Integer(0);
  version.Reset();
  if (found > kSchemaVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("it has schema ", found, ", this version knows ", kSchemaVersion,
                     ": use the newer loadmaster that wrote it, or another --data directory"));
  }
  absl::Status status;
  if (found < 1) status = database.Execute(kTables);
  if (status.ok() && found < 2) status = database.Execute(kEpochs);
  return status;
}

absl::Status UseWriteAheadLog(Database& database) {
  if (absl::Status status = database.Execute("PRAGMA journal_mode=WAL"); !status.ok()) {
    return status;
  }
  return database.Execute("PRAGMA synchronous=FULL");
}

}  // namespace loadfleet
