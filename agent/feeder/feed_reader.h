// What the iterations of a scenario are fed with: the values of the row that is theirs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/feeder/feeder_file.h"
#include "agent/scenario/json_reader.h"
#include "agent/scenario/response_checks.h"
#include "common/feeder/feeding.h"

namespace loadfleet {

// One feeder of one scenario. Immutable once prepared.
struct Feed {
  struct Column {
    uint32_t index;  // in Feeder.columns
    std::string name;
    uint32_t slot;  // where its value goes, as that of a capture
  };

  uint32_t feeder;  // index into Plan.feeders
  Feeding feeding;
  v1::Feeder::Format format;
  std::vector<Column> columns;       // that texts ask for, by index
  const FeederFile* file = nullptr;  // once it is here
};

// Reads rows of a feed. One thread only. Keeps its buffers.
class FeedReader {
 public:
  explicit FeedReader(const Feed& feed);

  // The row of iteration `number`, into the slots of its columns. A null of JSON is nothing.
  void Read(uint64_t number, std::vector<Captured>* captured);

 private:
  void ReadCsv(absl::string_view row, std::vector<Captured>* captured) const;
  void ReadJson(absl::string_view row, std::vector<Captured>* captured);

  const Feed& feed_;
  JsonReader json_;
  std::vector<JsonPath> paths_;  // of JSON, by column
  std::string text_;
};

}  // namespace loadfleet
