#include "loadctl/once/exchange_text.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/plan_shape.h"
#include "common/report/format.h"
#include "common/stats/outcome.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr char kGood[] = "32";
constexpr char kBad[] = "1;31";
constexpr char kFaint[] = "2";

std::string Colored(absl::string_view text, const char* code, const OnceStyle& style) {
  if (!style.color) return std::string(text);
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

std::string Safe(absl::string_view text) {
  return Printable({text.data(), text.size()});
}

bool IsText(absl::string_view body) {
  // What was cut may end within a character.
  return body.size() - ValidUtf8Prefix(body) < 4 &&
         std::none_of(body.begin(), body.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
         });
}

void AppendLines(absl::string_view text, absl::string_view mark, const OnceStyle& style,
                 std::string* out) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripSuffix(line, "\r");
    absl::StrAppend(out, "    ", Colored(mark, kFaint, style), line.empty() ? "" : " ", Safe(line),
                    "\n");
  }
}

// `cut`: it was longer than what there is of it.
void AppendBody(absl::string_view body, bool cut, absl::string_view mark, const OnceStyle& style,
                std::string* out) {
  if (body.empty() && !cut) return;
  const std::string size =
      absl::StrCat(cut ? "more than " : "", FormatCount(body.size()), " bytes");
  AppendLines("", mark, style, out);
  if (!IsText(body)) {
    AppendLines(absl::StrCat("(", size, ", no text)"), mark, style, out);
    return;
  }
  const absl::string_view shown = body.substr(0, style.body_bytes);
  AppendLines(absl::StripSuffix(shown, "\n"), mark, style, out);
  if (cut || shown.size() < body.size()) {
    AppendLines(absl::StrCat("... (", size, ")"), mark, style, out);
  }
}

void AppendMessage(absl::string_view head, absl::string_view body, bool cut, absl::string_view mark,
                   const OnceStyle& style, std::string* out) {
  head = absl::StripSuffix(absl::StripSuffix(head, "\r\n"), "\r\n");
  if (head.empty()) return;
  AppendLines(head, mark, style, out);
  AppendBody(body, cut, mark, style, out);
}

// Captures that are not optional are checks too.
size_t ChecksOf(const v1::Request& request) {
  const auto asked = std::count_if(request.capture().begin(), request.capture().end(),
                                   [](const v1::Capture& c) { return !c.optional(); });
  return static_cast<size_t>(request.expect_size()) + static_cast<size_t>(asked);
}

std::string HowItEnded(const v1::ExchangeRecord& record, const v1::Request& request) {
  const auto outcome = static_cast<Outcome>(record.outcome());
  std::string text = absl::StrCat(std::string(OutcomeName(outcome)), " after ",
                                  FormatMicros(static_cast<double>(record.response_time_us())));
  const size_t checks = ChecksOf(request);
  const auto failed = static_cast<size_t>(record.failed_checks_size());
  if (checks > 0 && HasResponse(outcome)) {
    absl::StrAppend(&text, ", ", checks - std::min(checks, failed), " of ", checks,
                    checks == 1 ? " check passed" : " checks passed");
  }
  return text;
}

void AppendExchange(const v1::Plan& plan, const v1::ExchangeRecord& record, const OnceStyle& style,
                    std::string* out) {
  const v1::Request* request = FindRequest(plan, record.request());
  if (request == nullptr) return;
  absl::StrAppend(out, "\n  ", Safe(request->name()), "  ", Safe(request->method()), " ",
                  Safe(record.url()), "\n");
  AppendMessage(record.request_head(), record.request_body(), record.request_cut(), ">", style,
                out);
  AppendMessage(record.response_head(), record.response_body(), record.response_cut(), "<", style,
                out);
  const bool sent = record.outcome() != v1::OUTCOME_UNSPECIFIED;
  const bool ok = record.outcome() == v1::OUTCOME_OK && record.failed_checks().empty();
  if (sent) {
    absl::StrAppend(out, "    ", Colored(HowItEnded(record, *request), ok ? kGood : kBad, style),
                    "\n");
  }
  for (const std::string& check : record.failed_checks()) {
    absl::StrAppend(out, "    ", Colored(absl::StrCat("FAILED ", Safe(check)), kBad, style), "\n");
  }
}

}  // namespace

void OnceTotals::Add(const v1::OnceDone& done) {
  ++flows;
  ok = ok && done.ok();
  for (const v1::ExchangeRecord& record : done.exchanges()) {
    ++exchanges;
    failed_checks += static_cast<uint64_t>(record.failed_checks_size());
    const bool failed = record.outcome() != v1::OUTCOME_OK;
    if (failed && record.failed_checks().empty()) ++failed_exchanges;
  }
}

std::string OnceText(const v1::Plan& plan, const std::string& role, const v1::OnceDone& done,
                     const OnceStyle& style) {
  const std::string& name = plan.flows(static_cast<int>(done.flow())).name();
  std::string out = absl::StrCat(role, " ", Safe(name), "\n");
  for (const v1::ExchangeRecord& record : done.exchanges()) {
    AppendExchange(plan, record, style, &out);
  }
  const std::set<std::string> names = [&done] {
    std::set<std::string> sorted;
    for (const auto& [capture, text] : done.captures()) sorted.insert(capture);
    return sorted;
  }();
  if (!names.empty()) out.append("\n");
  for (const std::string& capture : names) {
    absl::StrAppend(&out, "  captured ", Safe(capture), " = ", Quoted(done.captures().at(capture)),
                    "\n");
  }
  if (!done.ok()) {
    absl::StrAppend(&out, "\n  ",
                    Colored(absl::StrCat("FAILED ", Safe(done.reason())), kBad, style), "\n");
  }
  out.append("\n");
  return out;
}

std::string OnceSummary(const OnceTotals& totals, const OnceStyle& style) {
  std::string text = absl::StrCat(totals.ok ? "OK" : "FAILED", "  ", Counted(totals.flows, "flow"),
                                  ", ", Counted(totals.exchanges, "exchange"));
  if (totals.failed_checks > 0) {
    absl::StrAppend(&text, ", ", Counted(totals.failed_checks, "failed check"));
  }
  if (totals.failed_exchanges > 0) {
    absl::StrAppend(&text, ", ", Counted(totals.failed_exchanges, "failed exchange"));
  }
  return absl::StrCat(Colored(text, totals.ok ? kGood : kBad, style), "\n");
}

}  // namespace loadfleet
