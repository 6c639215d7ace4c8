#include "agent/feeder/feed_reader.h"

#include "common/feeder/csv_row.h"

namespace loadfleet {

FeedReader::FeedReader(const Feed& feed) : feed_(feed) {
  for (const Feed::Column& column : feed_.columns)
    paths_.push_back(JsonPath{JsonPathStep{column.name}});
}

void FeedReader::Read(uint64_t number, std::vector<Captured>* captured) {
  const absl::string_view row = feed_.file->Row(feed_.feeding.RowOf(number));
  if (feed_.format == v1::Feeder::FORMAT_CSV) {
    ReadCsv(row, captured);
  } else {
    ReadJson(row, captured);
  }
}

void FeedReader::ReadCsv(absl::string_view row, std::vector<Captured>* captured) const {
  CsvRow fields(row);
  CsvField field;
  uint32_t next = 0;  // the field that comes
  for (const Feed::Column& column : feed_.columns) {
    for (; next <= column.index; ++next) fields.Next(&field);
    Captured& value = (*captured)[column.slot];
    field.AssignTo(&value.text);
    value.present = true;
  }
}

void FeedReader::ReadJson(absl::string_view row, std::vector<Captured>* captured) {
  text_.assign(row.data(), row.size());
  json_.Read(&text_);
  for (size_t i = 0; i < feed_.columns.size(); ++i) {
    Captured& value = (*captured)[feed_.columns[i].slot];
    value.present = json_.Get(paths_[i], &value.text);
  }
}

}  // namespace loadfleet
