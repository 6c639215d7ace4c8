// The tables of the run store, and whether a file has them.
#pragma once

#include "absl/status/status.h"
#include "master/store/sqlite.h"

namespace loadfleet {

// Checks the file's integrity and version; makes the tables in a new one. DATA_LOSS: damaged.
// FAILED_PRECONDITION: a newer version wrote it.
absl::Status PrepareSchema(Database& database);

// Durable commits: the write-ahead log, synced at every one.
absl::Status UseWriteAheadLog(Database& database);

}  // namespace loadfleet
