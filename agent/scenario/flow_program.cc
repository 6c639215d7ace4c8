#include "agent/scenario/flow_program.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using Kind = Instruction::Kind;
using Steps = google::protobuf::RepeatedPtrField<v1::Step>;

class Compiler {
 public:
  explicit Compiler(const FlowReferences& references) : references_(references) {}

  absl::StatusOr<FlowProgram> Compile(const v1::Flow& flow) {
    program_.on_error = flow.on_error();
    if (absl::Status status = Add(flow.steps()); !status.ok()) return status;
    Emit(Kind::kEnd);
    if (program_.counters + program_.groups > 0) program_.has_state = true;
    if (program_.first == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the flow '", flow.name(), "' has no request"));
    }
    return std::move(program_);
  }

 private:
  absl::Status Add(const Steps& steps) {
    for (const v1::Step& step : steps) {
      if (absl::Status status = Add(step); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Add(const v1::Step& step) {
    switch (step.kind_case()) {
      case v1::Step::kRequest: {
        Instruction& send = Emit(Kind::kSend);
        send.request = references_.request(step.request().index());
        if (program_.first == nullptr) program_.first = send.request;
        if (send.request->checks != nullptr || send.request->text != nullptr ||
            send.request->interest != nullptr || send.request->navigation != nullptr) {
          program_.has_state = true;
        }
        return absl::OkStatus();
      }
      case v1::Step::kThink:
        Emit(Kind::kThink).think = ThinkTime(step.think());
        return absl::OkStatus();
      case v1::Step::kGroup:
        return AddGroup(step.group());
      case v1::Step::kRepeat:
        return AddRepeat(step.repeat());
      case v1::Step::kCondition:
        return AddIf(step.condition());
      default:
        return absl::InvalidArgumentError("this agent does not know all steps of the plan");
    }
  }

  absl::Status AddGroup(const v1::Group& group) {
    const uint32_t slot = references_.group_slot(group.index());
    Emit(Kind::kBeginGroup).slot = slot;
    program_.groups = std::max(program_.groups, ++open_groups_);
    if (absl::Status status = Add(group.steps()); !status.ok()) return status;
    --open_groups_;
    Emit(Kind::kEndGroup).slot = slot;
    return absl::OkStatus();
  }

  absl::Status AddRepeat(const v1::Repeat& repeat) {
    const uint32_t slot = program_.counters++;
    Instruction& set = Emit(Kind::kSetCounter);
    set.slot = slot;
    set.times = repeat.times();
    const auto begin = static_cast<uint32_t>(program_.instructions.size());
    if (absl::Status status = Add(repeat.steps()); !status.ok()) return status;
    Instruction& back = Emit(Kind::kRepeat);
    back.slot = slot;
    back.target = begin;
    return absl::OkStatus();
  }

  absl::Status AddIf(const v1::If& condition) {
    auto value = TextTemplate::Of(condition.value(), TextTemplate::Place::kBody,
                                  references_.capture_slot, references_.setup);
    if (!value.ok()) return value.status();
    const size_t unless = program_.instructions.size();
    Emit(Kind::kUnless).slot = static_cast<uint32_t>(program_.conditions.size());
    program_.conditions.push_back({*std::move(value), condition.test(), condition.literal()});
    program_.has_state = true;
    if (absl::Status status = Add(condition.steps()); !status.ok()) return status;
    program_.instructions[unless].target = static_cast<uint32_t>(program_.instructions.size());
    return absl::OkStatus();
  }

  Instruction& Emit(Kind kind) {
    program_.instructions.emplace_back().kind = kind;
    return program_.instructions.back();
  }

  const FlowReferences& references_;
  FlowProgram program_;
  uint32_t open_groups_ = 0;
};

}  // namespace

absl::StatusOr<FlowProgram> CompileFlow(const v1::Flow& flow, const FlowReferences& references) {
  return Compiler(references).Compile(flow);
}

}  // namespace loadfleet
