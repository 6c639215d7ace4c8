#include "loadctl/once/do_once.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/mailbox.h"
#include "common/plan_shape.h"
#include "loadctl/commands/command.h"
#include "loadctl/once/exchange_text.h"
#include "loadctl/terminal/screen.h"

namespace loadfleet {
namespace {

// How often somebody looks whether Ctrl-C was pressed, and asks again for an agent.
constexpr Nanos kLook = 50 * kMillisecond;

using News = std::variant<v1::OnceDone, absl::Status>;

// One attempt: what becomes of it comes as news. The master may outlive whoever asks.
std::shared_ptr<Mailbox<News>> Ask(Master& master, const CompiledPlan& compiled) {
  auto news = std::make_shared<Mailbox<News>>();
  master.DoOnce(compiled.plan, compiled.secrets,
                {[news](const v1::OnceDone& done) { news->Post(done); },
                 [news](const absl::Status& status) { news->Post(status); }});
  return news;
}

class Printer {
 public:
  explicit Printer(const CompiledPlan& compiled)
      : plan_(WithoutSecrets(compiled.plan, compiled.secrets)),
        flows_(FlowsDoneOnce(plan_).size()) {
    style_.color = WantsColor(STDOUT_FILENO);
  }

  void Print(const v1::OnceDone& done) {
    const bool first = totals_.flows == 0;
    totals_.Add(done);
    const bool last = totals_.flows == flows_;
    const std::string role = first && plan_.has_setup()     ? "setup"
                             : last && plan_.has_teardown() ? "teardown"
                                                            : "flow";
    // The agent could not even begin.
    began_ = began_ && (done.ok() || done.exchanges_size() > 0);
    std::cout << OnceText(plan_, role, done, style_) << std::flush;
  }

  ExitCode Finish() const {
    std::cout << OnceSummary(totals_, style_) << std::flush;
    if (totals_.ok) return ExitCode::kPassed;
    return began_ ? ExitCode::kThresholdFailed : ExitCode::kAborted;
  }

 private:
  const v1::Plan plan_;
  const size_t flows_;
  OnceStyle style_;
  OnceTotals totals_;
  bool began_ = true;
};

}  // namespace

ExitCode DoOnce(Master& master, const CompiledPlan& compiled, Nanos patience,
                const Interrupts& interrupts) {
  Printer printer(compiled);
  const Nanos give_up = SystemClock().Now() + patience;
  std::shared_ptr<Mailbox<News>> news = Ask(master, compiled);
  for (;;) {
    if (interrupts.WaitFor(0)) return Fail(absl::AbortedError("interrupted"));
    const std::optional<News> newest = news->Take(kLook);
    if (!newest) continue;
    if (const auto* done = std::get_if<v1::OnceDone>(&*newest)) {
      printer.Print(*done);
      continue;
    }
    const auto& status = std::get<absl::Status>(*newest);
    if (status.ok()) return printer.Finish();
    const bool too_few_agents = absl::IsFailedPrecondition(status);
    if (!too_few_agents || SystemClock().Now() >= give_up) return Fail(status);
    if (interrupts.WaitFor(kLook)) return Fail(absl::AbortedError("interrupted"));
    news = Ask(master, compiled);
  }
}

}  // namespace loadfleet
