#include "agent/scenario/flow_walker.h"

#include <algorithm>

#include "agent/scenario/exchange_record.h"
#include "common/schedule/split_mix.h"

namespace loadfleet {
namespace {

using Kind = Instruction::Kind;

constexpr uint32_t kChoice = UINT32_MAX;  // what draws a flow is no step of it

bool IsPlain(const ScenarioFlows& flows) {
  return std::all_of(flows.programs.begin(), flows.programs.end(), [](const FlowProgram& program) {
    return program.instructions.size() == 2 && program.instructions[0].kind == Kind::kSend;
  });
}

}  // namespace

FlowWalker::FlowWalker(const Clock& clock, const ScenarioFlows& flows,
                       absl::Span<Transport* const> transports, Recorder& recorder,
                       Destinations* destinations)
    : clock_(clock),
      flows_(flows),
      transports_(transports),
      recorder_(recorder),
      plain_(IsPlain(flows)),
      navigator_(clock, transports, destinations),
      tracer_(Tracer::Of(flows)),
      failures_(recorder),
      feeds_(flows.feeds.begin(), flows.feeds.end()) {}

void FlowWalker::Prepare(Iteration& iteration, Nanos intended, Nanos dispatched) {
  iteration.drawn = 0;
  iteration.program = flows_.programs.size() == 1 ? &flows_.programs.front() : &Choose(iteration);
  iteration.position = 0;
  iteration.request = iteration.program->first;
  iteration.arrival = iteration.ready = iteration.intended = intended;
  iteration.stage = flows_.StageAt(intended - t0_);
  iteration.noticed = iteration.dispatched = dispatched;
  iteration.started = iteration.step_failed = iteration.answered = false;
  iteration.backoff = 0;
  iteration.requests = 0;
  // One that was dropped left those open in which its first request waited.
  if (iteration.state != nullptr) iteration.state->groups.clear();
  if (iteration.program->has_state) MakeState(iteration);
}

const FlowProgram& FlowWalker::Choose(Iteration& iteration) const {
  const uint64_t at = Draw(iteration, kChoice) % flows_.bounds.back();
  const auto bound = std::upper_bound(flows_.bounds.begin(), flows_.bounds.end(), at);
  return flows_.programs[static_cast<size_t>(bound - flows_.bounds.begin())];
}

uint64_t FlowWalker::Draw(Iteration& iteration, uint32_t step) const {
  const IterationRandom random(flows_.seed, flows_.scenario, iteration.first, iteration.second);
  return random.At(step, iteration.drawn++);
}

void FlowWalker::MakeState(Iteration& iteration) {
  if (iteration.state == nullptr) iteration.state = std::make_unique<FlowState>();
  FlowState& state = *iteration.state;
  if (state.counters.size() < iteration.program->counters) {
    state.counters.resize(iteration.program->counters);
  }
  state.groups.reserve(iteration.program->groups);
  state.captured.resize(flows_.captures.size());
  for (Captured& captured : state.captured) captured.present = false;
  if (iteration.second == 0) state.visit.jar.Clear();  // an arrival is another user each time
  for (const uint32_t feed : iteration.program->feeds) {
    feeds_[feed].Read(iteration.number, &state.captured);
  }
}

bool FlowWalker::Walk(Iteration& iteration) {
  iteration.walking = true;
  Turn turn = Turn::kNext;
  while (turn == Turn::kNext) turn = Do(iteration);
  iteration.walking = false;
  return turn == Turn::kOver;
}

FlowWalker::Turn FlowWalker::Do(Iteration& iteration) {
  const Instruction& step = iteration.program->instructions[iteration.position];
  if (step.kind == Kind::kEnd) return End(iteration, Ending::kCompleted);
  ++iteration.position;
  switch (step.kind) {
    case Kind::kSend:
      return Send(iteration, *step.request);
    case Kind::kThink:
      return Think(iteration, step);
    case Kind::kBeginGroup:
      iteration.state->groups.push_back({step.slot, iteration.ready});
      break;
    case Kind::kEndGroup:
      EndGroup(iteration);
      break;
    case Kind::kSetCounter:
      iteration.state->counters[step.slot] = step.times;
      break;
    case Kind::kRepeat:
      if (--iteration.state->counters[step.slot] > 0) iteration.position = step.target;
      break;
    case Kind::kUnless:
      if (!Holds(iteration, iteration.program->conditions[step.slot])) {
        iteration.position = step.target;
      }
      break;
    case Kind::kEnd:
      break;
  }
  return Turn::kNext;
}

FlowWalker::Turn FlowWalker::Send(Iteration& iteration, const RequestTemplate& request) {
  if (fenced_) return End(iteration, Ending::kInterrupted);
  iteration.request = &request;
  iteration.intended = iteration.ready;
  iteration.stage = flows_.StageAt(iteration.intended - t0_);
  iteration.dispatched = iteration.noticed;
  iteration.sent = 0;
  iteration.resent = false;
  iteration.returned = false;
  iteration.filled_in = nullptr;
  if (request.text != nullptr && !FillIn(iteration, *request.text)) return NotSent(iteration);
  iteration.kept = nullptr;
  if (request.interest != nullptr) {
    iteration.kept = &iteration.state->kept;
    iteration.kept->Begin(*request.interest);
  }
  Transport* transport = request.navigation == nullptr
                             ? transports_[request.origin]
                             : navigator_.Depart(&iteration, &iteration.state->visit);
  if (tracer_ != nullptr) tracer_->Begin(iteration);
  if (transport != nullptr) {
    transport->Send(iteration);
  } else {
    OnDone(iteration, {Outcome::kBlockedTarget}, iteration.dispatched);
  }
  return iteration.returned ? AfterRequest(iteration) : Turn::kBlocked;
}

// What only the iteration knows makes no request: the target hears nothing of it.
FlowWalker::Turn FlowWalker::NotSent(Iteration& iteration) {
  MarkStarted(iteration);
  RequestStats& numbers = stats(iteration);
  ++numbers.not_sent;
  ++numbers.checks_failed;
  iteration.step_failed = true;
  iteration.answered = false;
  iteration.ending = Ending::kFailed;
  if (observer_ != nullptr) observer_->OnNotSent(iteration);
  return AfterRequest(iteration);
}

bool FlowWalker::FillIn(Iteration& iteration, const RequestText& text) {
  const uint32_t step = iteration.position;
  FlowState& state = *iteration.state;
  iteration.filled_in = &state.filled_in;
  return text.Fill(ValuesOf(iteration, [&] { return Draw(iteration, step); }), &state.scratch,
                   &state.filled_in, &state.visit.there);
}

bool FlowWalker::Holds(Iteration& iteration, const Condition& condition) {
  // A captured text may be long, and need not be copied to be compared.
  if (const std::optional<uint32_t> slot = condition.value.OnlyCapture()) {
    const Captured& captured = iteration.state->captured[*slot];
    return condition.Holds(captured.present ? absl::string_view(captured.text) : "");
  }
  const uint32_t step = iteration.position;
  std::string& text = iteration.state->scratch;
  text.clear();
  condition.value.Append(ValuesOf(iteration, [&] { return Draw(iteration, step); }), &text);
  return condition.Holds(text);
}

// Good until the end of the expression that asks for it: `draw` is borrowed.
IterationValues FlowWalker::ValuesOf(const Iteration& iteration,
                                     absl::FunctionRef<uint64_t()> draw) const {
  const bool closed = iteration.second > 0;
  return {iteration.state->captured,
          closed ? iteration.first : 0,
          closed ? iteration.second : iteration.first + 1,
          iteration.first,
          flows_.agent,
          clock_,
          draw};
}

void FlowWalker::OnSent(Exchange& exchange) {
  if (exchange.request->navigation != nullptr &&
      Navigator::Resumes(&exchange, static_cast<Iteration&>(exchange).state->visit)) {
    return;
  }
  ++on_wire_;
  MarkStarted(static_cast<Iteration&>(exchange));
  RecordSent(stats(exchange), exchange);
}

void FlowWalker::MarkStarted(Iteration& iteration) {
  if (iteration.started) return;
  iteration.started = true;
  ++arrivals(iteration.arrival).started;
}

// A response may only say where the request has to go next. True: it is on its way there.
bool FlowWalker::GoesOn(Iteration& iteration, Result* result) {
  Visit& visit = iteration.state->visit;
  if (Transport* next = navigator_.Follow(&iteration, &visit, !fenced_, result)) {
    // What led on is not what the request is shown to have been answered.
    if (iteration.shown != nullptr) failures_.Release(iteration);
    if (iteration.traced != nullptr) Tracer::Again(iteration);
    next->Send(iteration);  // and may have ended by now
    return true;
  }
  stats(iteration).redirects += visit.followed;
  visit.followed = 0;
  return false;
}

bool FlowWalker::OnDone(Iteration& iteration, Result result, Nanos now) {
  if (iteration.request->navigation != nullptr && GoesOn(iteration, &result)) return false;
  if (iteration.sent == 0) {
    MarkStarted(iteration);
  } else {
    --on_wire_;
  }
  iteration.answered = HasResponse(result.outcome);
  const ResponseChecks* checks = iteration.request->checks;
  const bool holds = checks == nullptr || Check(iteration, *checks, &result, now);
  RecordDone(stats(iteration), iteration, result, now);
  if (observer_ != nullptr) observer_->OnAnswer(iteration, result, failed_checks_, now);
  if (iteration.kept != nullptr) iteration.kept->Release();
  iteration.step_failed = !holds || result.outcome != Outcome::kOk;
  if (iteration.step_failed) NoteFailure(iteration, result, now);
  if (iteration.shown != nullptr) failures_.Release(iteration);
  if (iteration.traced != nullptr) tracer_->End(iteration, result.outcome, now, recorder_);
  iteration.ready = iteration.noticed = now;
  iteration.ending =
      result.outcome == Outcome::kInterrupted && fenced_ ? Ending::kInterrupted : Ending::kFailed;
  if (iteration.walking) {
    iteration.returned = true;
    return false;
  }
  const Turn turn = AfterRequest(iteration);
  return turn == Turn::kNext ? Walk(iteration) : turn == Turn::kOver;
}

// Whether all of them hold. Of what the generator itself has interrupted nothing is expected.
bool FlowWalker::Check(Iteration& iteration, const ResponseChecks& checks, Result* result,
                       Nanos now) {
  if (result->outcome == Outcome::kInterrupted) return false;
  if (iteration.answered && checks.interest().body) {
    const Outcome decoded = checks.Decode(iteration.kept, &decoder_);
    if (decoded != Outcome::kOk) {
      *result = {decoded, 0, result->bytes_received, result->bytes_sent, result->wire};
    }
    iteration.answered = decoded == Outcome::kOk;
  }
  std::vector<Captured>& captured = iteration.state->captured;
  const ResponseChecks::Counts counts =
      iteration.answered ? checks.Judge(*result, now - iteration.intended, iteration.kept, &json_,
                                        &captured, observer_ == nullptr ? nullptr : &failed_checks_)
                         : checks.JudgeNone(&captured);
  RequestStats& numbers = stats(iteration);
  numbers.checks_passed += counts.passed;
  numbers.checks_failed += counts.failed;
  if (result->outcome == Outcome::kBadStatus && checks.Allows(result->status)) {
    result->outcome = Outcome::kOk;
  }
  first_failed_ = counts.first_failed;
  if (counts.failed > 0 && iteration.answered && observer_ == nullptr &&
      failures_.Wants(FailureRecorder::KindOf(iteration, *result, first_failed_))) {
    // Once more, for the few that are told in words.
    checks.Judge(*result, now - iteration.intended, iteration.kept, &json_, &captured,
                 &failed_checks_);
  }
  return counts.failed == 0;
}

// What the generator itself has interrupted is no failure of anybody.
void FlowWalker::NoteFailure(Iteration& iteration, const Result& result, Nanos now) {
  if (result.outcome == Outcome::kInterrupted) return;
  const FailureKind kind = FailureRecorder::KindOf(iteration, result, first_failed_);
  if (failures_.Wants(kind)) failures_.Add(kind, iteration, result, failed_checks_, now);
  failed_checks_.clear();
  first_failed_ = 0;
}

// An iteration that has begun already has a request more that was started, and that got no
// connection in time.
bool FlowWalker::OnExpired(Iteration& iteration, Nanos now) {
  if (iteration.started) {
    return OnDone(iteration, {fenced_ ? Outcome::kInterrupted : Outcome::kConnectTimeout}, now);
  }
  if (iteration.traced != nullptr) tracer_->Release(iteration);
  iteration.step_failed = true;
  iteration.ending = Ending::kDropped;
  iteration.returned = true;
  if (observer_ != nullptr) {
    observer_->OnAnswer(iteration, {Outcome::kConnectTimeout}, {}, now);
    observer_->OnEnd(iteration);
  }
  return !iteration.walking;
}

FlowWalker::Turn FlowWalker::AfterRequest(Iteration& iteration) {
  if (iteration.answered) iteration.backoff = 0;
  if (!iteration.step_failed) return Turn::kNext;
  if (iteration.ending == Ending::kDropped) return Turn::kOver;
  if (iteration.program->on_error != v1::Flow::ON_ERROR_CONTINUE ||
      iteration.ending == Ending::kInterrupted) {
    return End(iteration, iteration.ending);
  }
  if (iteration.answered) return Turn::kNext;
  iteration.backoff = NextBackoff(iteration.backoff);
  return PauseUntil(iteration, iteration.ready + iteration.backoff);
}

FlowWalker::Turn FlowWalker::Think(Iteration& iteration, const Instruction& think) {
  MarkStarted(iteration);
  const uint32_t step = iteration.position;
  const Nanos time = think.think.Next([&] { return Draw(iteration, step); });
  return time == 0 ? Turn::kNext : PauseUntil(iteration, iteration.ready + time);
}

FlowWalker::Turn FlowWalker::PauseUntil(Iteration& iteration, Nanos due) {
  if (fenced_) return End(iteration, Ending::kInterrupted);
  iteration.ready = due;
  thinking_.Push(due, iteration);
  return Turn::kBlocked;
}

bool FlowWalker::Resume(Iteration& iteration, Nanos now) {
  iteration.noticed = now;
  return Walk(iteration);
}

void FlowWalker::Interrupt(Iteration& iteration, Nanos now) {
  iteration.ready = now;
  End(iteration, Ending::kInterrupted);
}

FlowWalker::Turn FlowWalker::End(Iteration& iteration, Ending ending) {
  MarkStarted(iteration);
  iteration.ending = ending;
  if (observer_ != nullptr) observer_->OnEnd(iteration);
  IterationStats& stats = recorder_.iterations(flows_.scenario);
  const uint64_t age = ToMicros(iteration.ready - iteration.arrival);
  if (ending == Ending::kCompleted) {
    ++stats.completed;
    stats.duration.Record(age);
    return Turn::kOver;
  }
  ++(ending == Ending::kFailed ? stats.failed : stats.interrupted);
  stats.duration_censored.Record(age);
  if (iteration.state == nullptr) return Turn::kOver;
  for (const FlowState::OpenGroup& group : iteration.state->groups) {
    stats.groups[group.slot].duration_censored.Record(ToMicros(iteration.ready - group.begun));
  }
  iteration.state->groups.clear();
  return Turn::kOver;
}

void FlowWalker::EndGroup(Iteration& iteration) {
  const FlowState::OpenGroup group = iteration.state->groups.back();
  iteration.state->groups.pop_back();
  recorder_.iterations(flows_.scenario)
      .groups[group.slot]
      .duration.Record(ToMicros(iteration.ready - group.begun));
}

}  // namespace loadfleet
