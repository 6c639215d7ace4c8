#include "loadctl/terminal/live_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/clock.h"
#include "common/report/format.h"
#include "common/threshold_text.h"
#include "loadctl/terminal/columns.h"
#include "loadctl/terminal/words.h"

namespace loadfleet {
namespace {

constexpr size_t kBarColumns = 32;
constexpr size_t kNameColumns = 24;
constexpr size_t kNotes = 3;  // more would push the numbers off a small screen
constexpr int kFailing = 3;   // likewise of thresholds
// Younger requests are what a run looks like; an older one is news.
constexpr uint64_t kOldMicros = 1'000'000;

double ShareDone(const v1::RunSnapshot& snapshot) {
  if (snapshot.duration_ns() <= 0) return 0;
  return static_cast<double>(snapshot.elapsed_ns()) / static_cast<double>(snapshot.duration_ns());
}

// A run may outlast its duration while what is in flight finishes.
std::string Times(const v1::RunSnapshot& snapshot) {
  const Nanos elapsed = std::min<Nanos>(snapshot.elapsed_ns(), snapshot.duration_ns());
  return absl::StrCat(FormatElapsed(elapsed), " / ", FormatElapsed(snapshot.duration_ns()));
}

std::string Rate(const v1::RunSnapshot& snapshot) {
  const auto all = static_cast<double>(snapshot.last_second().completed());
  const bool mixed = snapshot.has_planned_achieved_rate();
  const double now = mixed ? snapshot.planned_achieved_rate() : all;
  std::string text;
  if (snapshot.planned_rate() > 0) {
    absl::StrAppend(&text, "planned ", FormatRate(snapshot.planned_rate()), "/s  ");
  }
  absl::StrAppend(&text, "achieved ", FormatRate(now), "/s");
  if (mixed) absl::StrAppend(&text, "  closed model ", FormatRate(all - now), "/s");
  return text;
}

std::string Response(const v1::Quantiles& quantiles) {
  if (quantiles.count() == 0) return "p50 -  p99 -";
  return absl::StrCat("p50 ", FormatQuantile(quantiles.p50()), "  p99 ",
                      FormatQuantile(quantiles.p99()));
}

std::string InFlight(const v1::RunSnapshot& snapshot) {
  std::string text = absl::StrCat("in flight ", FormatCount(snapshot.in_flight()));
  if (snapshot.in_flight() > 0 && snapshot.oldest_age_us() >= kOldMicros) {
    absl::StrAppend(&text, ", the oldest for ",
                    FormatMicros(static_cast<double>(snapshot.oldest_age_us())));
  }
  return text;
}

std::string Agents(const v1::RunSnapshot& snapshot) {
  return absl::StrCat(snapshot.agents_up(), " of ", snapshot.agents_total(), " up");
}

// Before the load there is nothing to judge.
bool JudgesThresholds(const v1::RunSnapshot& snapshot) {
  return !snapshot.thresholds().empty() && snapshot.elapsed_ns() > 0;
}

int Failing(const v1::RunSnapshot& snapshot) {
  return static_cast<int>(std::count_if(snapshot.thresholds().begin(), snapshot.thresholds().end(),
                                        [](const auto& result) { return !result.ok(); }));
}

std::string Thresholds(const v1::RunSnapshot& snapshot) {
  const int failing = Failing(snapshot);
  return failing == 0 ? absl::StrCat(snapshot.thresholds_size(), " hold")
                      : absl::StrCat(failing, " of ", snapshot.thresholds_size(), " fail");
}

std::string Labelled(const char* label, const std::string& text) {
  return absl::StrFormat("  %-10s%s", label, text);
}

void AddThresholds(const v1::RunSnapshot& snapshot, std::vector<std::string>* lines) {
  if (!JudgesThresholds(snapshot)) return;
  lines->push_back(Labelled("threshold", Thresholds(snapshot)));
  int shown = 0;
  for (const v1::ThresholdResult& result : snapshot.thresholds()) {
    if (result.ok() || ++shown > kFailing) continue;
    lines->push_back(Labelled("FAILED", Printable(ThresholdSentence(result))));
  }
}

}  // namespace

std::string ProgressBar(double share, size_t columns) {
  const size_t inside = columns - 2;
  const double bounded = std::clamp(share, 0.0, 1.0);
  const auto done = static_cast<size_t>(bounded * static_cast<double>(inside));
  std::string bar(inside, ' ');
  std::fill_n(bar.begin(), done, '=');
  if (done > 0 && done < inside) bar[done - 1] = '>';
  return absl::StrCat("[", bar, "]");
}

std::vector<std::string> LiveLines(const v1::RunSnapshot& snapshot, size_t columns) {
  std::vector<std::string> lines;
  const std::string name = CutToColumns(Printable(snapshot.name()), kNameColumns);
  lines.push_back(absl::StrCat(Printable(snapshot.run_id()), "  ", name, "  ",
                               ProgressBar(ShareDone(snapshot), kBarColumns), "  ", Times(snapshot),
                               "  ", RunStateName(snapshot.state())));
  lines.push_back(Labelled("rate", Rate(snapshot)));
  std::string response = Response(snapshot.response_time());
  if (snapshot.last_second().response_time().count() > 0) {
    absl::StrAppend(&response, "   last second ", Response(snapshot.last_second().response_time()));
  }
  lines.push_back(Labelled("response", response));
  lines.push_back(Labelled(
      "requests", absl::StrCat("completed ", FormatCount(snapshot.completed()), "  errors ",
                               FormatCount(snapshot.failed()), "  dropped ",
                               FormatCount(snapshot.dropped()), "  ", InFlight(snapshot))));
  lines.push_back(Labelled("agents", Agents(snapshot)));
  AddThresholds(snapshot, &lines);
  const auto notes = std::min<size_t>(kNotes, static_cast<size_t>(snapshot.notes_size()));
  for (size_t i = 0; i < notes; ++i) {
    lines.push_back(Labelled("note", Printable(snapshot.notes(static_cast<int>(i)))));
  }
  for (std::string& line : lines) line = CutToColumns(line, columns);
  return lines;
}

std::string LogLine(const v1::RunSnapshot& snapshot) {
  return absl::StrCat(
      Printable(snapshot.run_id()), " ", RunStateName(snapshot.state()), " ", Times(snapshot), "  ",
      Rate(snapshot), "  ", Response(snapshot.response_time()), "  errors ",
      FormatCount(snapshot.failed()), "  dropped ", FormatCount(snapshot.dropped()), "  ",
      InFlight(snapshot), "  agents ", Agents(snapshot),
      JudgesThresholds(snapshot) ? absl::StrCat("  thresholds ", Thresholds(snapshot)) : "");
}

}  // namespace loadfleet
