#include "common/plan/feeder_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/feeder/feeding.h"
#include "common/feeder/row_text.h"
#include "common/limits.h"
#include "common/nearest_word.h"
#include "common/plan/environment.h"

namespace loadfleet {
namespace {

// {{ NAME.x }} of these is something else.
constexpr absl::string_view kTaken[] = {"request", "setup"};

std::vector<std::string> NamesOf(const v1::Plan& plan) {
  std::vector<std::string> names;
  for (const v1::Feeder& feeder : plan.feeders()) names.push_back(feeder.name());
  return names;
}

}  // namespace

void FeederReader::Read(const Entry* feeders, v1::Plan* plan) {
  for (const Entry& entry : NamedEntries(feeders, limits::kFeeders, problems_)) {
    *plan->add_feeders() = ReadOne(entry);
    places_.push_back(entry.place);
  }
}

v1::Feeder FeederReader::ReadOne(const Entry& entry) {
  static constexpr Choice<v1::Feeder::Order> kOrders[] = {
      {"sequential", v1::Feeder::ORDER_SEQUENTIAL}, {"random", v1::Feeder::ORDER_RANDOM}};
  static constexpr Choice<v1::Feeder::OnEnd> kOnEnd[] = {{"recycle", v1::Feeder::ON_END_RECYCLE},
                                                         {"stop", v1::Feeder::ON_END_STOP}};
  static constexpr Choice<v1::Feeder::Share> kShares[] = {
      {"partition", v1::Feeder::SHARE_PARTITION}, {"copy", v1::Feeder::SHARE_COPY}};
  v1::Feeder feeder;
  feeder.set_name(entry.key);
  const std::string what = absl::StrCat("feeder `", Shown(entry.key), "`");
  if (CheckName(what, entry.key, entry.place, problems_)) {
    if (!IsVariableName(entry.key)) {
      problems_->Add(entry.place, absl::StrCat(what, ": expected a name of letters, digits and _ ",
                                               "that begins with none of the digits"));
    } else if (std::find(std::begin(kTaken), std::end(kTaken), entry.key) != std::end(kTaken)) {
      problems_->Add(entry.place, absl::StrCat(what, ": this name is taken"));
    }
  }
  MapReader map(&entry.value, what, entry.place, problems_);
  ReadFile(map, &feeder);
  feeder.set_order(
      map.OneOf<v1::Feeder::Order>("order", kOrders).value_or(v1::Feeder::ORDER_SEQUENTIAL));
  feeder.set_on_end(
      map.OneOf<v1::Feeder::OnEnd>("on_end", kOnEnd).value_or(v1::Feeder::ON_END_RECYCLE));
  feeder.set_share(
      map.OneOf<v1::Feeder::Share>("share", kShares).value_or(v1::Feeder::SHARE_PARTITION));
  map.Finish();
  return feeder;
}

void FeederReader::ReadFile(MapReader& map, v1::Feeder* out) {
  map.Require("file", "file: data/users.csv");
  const Node* name = map.Text("file", "a file's name");
  if (name == nullptr) return;
  out->set_format(FeederFormatOf(name->text));
  if (out->format() == v1::Feeder::FORMAT_UNSPECIFIED) {
    map.Add("file", name->place,
            absl::StrCat("expected a name that ends in .csv, .jsonl or .ndjson, got ",
                         Quoted(name->text)));
    return;
  }
  const v1::DataSource* data = files_->FindData(name->text);
  if (data == nullptr) {
    map.Add("file", name->place, absl::StrCat("the file ", Quoted(name->text), " cannot be read"));
    return;
  }
  *out->mutable_file() = data->file();
  *out->mutable_columns() = data->columns();
  out->set_rows(data->rows());
}

void FeederReader::ReadFeed(MapReader& flow, const v1::Plan& plan, v1::Flow* out) {
  const Entry* feed = flow.Find("feed");
  if (feed == nullptr) return;
  if (feed->value.kind != Node::Kind::kSequence || feed->value.items.empty()) {
    flow.Add("feed", feed->value.place, "expected a list of feeders such as [users]");
    return;
  }
  const std::vector<std::string> known = NamesOf(plan);
  for (const Node& item : feed->value.items) {
    if (item.kind != Node::Kind::kScalar) {
      flow.Add("feed", item.place,
               absl::StrCat("expected a feeder's name, got ", KindName(item.kind)));
      continue;
    }
    const auto found = std::find(known.begin(), known.end(), item.text);
    const auto index = static_cast<uint32_t>(found - known.begin());
    const auto& fed = out->feeders();
    if (found == known.end()) {
      flow.Add("feed", item.place,
               absl::StrCat("there is no feeder ", Quoted(item.text),
                            problems_->WouldKeep(item.place) ? DidYouMean(item.text, known) : ""));
    } else if (std::find(fed.begin(), fed.end(), index) != fed.end()) {
      flow.Add("feed", item.place, absl::StrCat(Quoted(item.text), " stands here twice"));
    } else {
      out->add_feeders(index);
    }
  }
}

void FeederReader::CheckUse(v1::Plan* plan) {
  std::vector<bool> used(places_.size(), false);
  for (const v1::Flow& flow : plan->flows()) {
    for (const uint32_t feeder : flow.feeders()) used[feeder] = true;
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i]) continue;
    problems_->Add(places_[i],
                   absl::StrCat("feeder `", Shown(plan->feeders(static_cast<int>(i)).name()),
                                "`: no flow has it in its `feed`"));
  }
  if (!problems_->empty()) return;
  for (const uint32_t feeder : LimitIterations(plan)) {
    const v1::Feeder& short_one = plan->feeders(static_cast<int>(feeder));
    problems_->Add(
        places_[feeder],
        absl::StrCat("feeder `", Shown(short_one.name()), "`: with `on_end: stop` its ",
                     short_one.rows(), " rows are not enough for an iteration of each of ",
                     FedScenarios(*plan, feeder).size(), " scenarios"));
  }
}

}  // namespace loadfleet
