#include "agent/scenario/request_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "agent/http/request_bytes.h"
#include "common/limits.h"
#include "common/template_text.h"

namespace loadfleet {
namespace {

using Place = TextTemplate::Place;

constexpr char kPath[] = ":path";  // as the request line has it
// No capture can have that name.
constexpr char kBodySize[] = "{{ request.body_size }}";

Place PlaceOf(v1::BodyForm form) {
  switch (form) {
    case v1::BODY_FORM_JSON:
      return Place::kJson;
    case v1::BODY_FORM_URLENCODED:
      return Place::kForm;
    default:
      return Place::kBody;
  }
}

bool AnythingToFillIn(const std::string& body, v1::BodyForm form) {
  return form != v1::BODY_FORM_LITERAL && IsTemplate(body);
}

bool AnythingToFillIn(const v1::Request& request) {
  return IsTemplate(request.target()) || AnythingToFillIn(request.body(), request.body_form()) ||
         std::any_of(request.body_parts().begin(), request.body_parts().end(),
                     [](const v1::BodyPart& part) {
                       return AnythingToFillIn(part.content(), part.form());
                     }) ||
         std::any_of(request.headers().begin(), request.headers().end(),
                     [](const v1::Header& header) { return IsTemplate(header.value()); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<const RequestText>> RequestText::Of(
    const v1::Request& request, bool keep_alive, bool http2, TextTemplate::SlotOf slot_of,
    const TextTemplate::SetupValues& setup) {
  if (!AnythingToFillIn(request)) return nullptr;
  auto text = std::make_unique<RequestText>();
  absl::Status status;
  const auto compile = [&](absl::string_view from, Place place) -> TextTemplate {
    auto made = TextTemplate::Of(from, place, slot_of, setup);
    status.Update(made.status());
    return made.ok() ? *std::move(made) : TextTemplate();
  };
  text->method_ = request.method();
  text->origin_ = {request.origin().scheme() == v1::SCHEME_HTTPS, request.origin().host(),
                   static_cast<uint16_t>(request.origin().port())};
  text->may_lead_elsewhere_ = absl::StartsWith(request.target(), "{{");
  text->target_ = compile(request.target(), Place::kTarget);
  text->head_ = compile(RenderHead(request, keep_alive, kBodySize), Place::kHeader);
  const auto add_to_body = [&](const std::string& content, v1::BodyForm form) {
    text->body_.push_back(form == v1::BODY_FORM_LITERAL ? TextTemplate::Literal(content)
                                                        : compile(content, PlaceOf(form)));
  };
  if (request.body_parts().empty()) add_to_body(request.body(), request.body_form());
  for (const v1::BodyPart& part : request.body_parts()) add_to_body(part.content(), part.form());
  for (const HeaderField& field :
       http2 ? RequestFields(request, kBodySize) : std::vector<HeaderField>()) {
    text->fields_.emplace_back(
        field.name, field.name == kPath ? TextTemplate() : compile(field.value, Place::kHeader));
  }
  if (!status.ok()) return status;
  return text;
}

bool RequestText::constant() const {
  return !may_lead_elsewhere_ && target_.constant() && head_.constant() &&
         std::all_of(body_.begin(), body_.end(),
                     [](const TextTemplate& part) { return part.constant(); }) &&
         std::all_of(fields_.begin(), fields_.end(),
                     [](const auto& field) { return field.second.constant(); });
}

absl::Status RequestText::FillOnce(RequestBytes* out) const {
  const std::vector<Captured> nothing;
  const std::string nobody;
  const auto draw = [] { return uint64_t{0}; };
  std::string scratch;
  Location there;
  if (Fill({nothing, 0, 0, 0, nobody, SystemClock(), draw}, &scratch, out, &there)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("with what setup has captured it is no valid request");
}

// A URL of the request's own origin is a path too: links are often written so.
bool RequestText::FillTarget(const IterationValues& values, std::string* out,
                             Location* there) const {
  const size_t begin = out->size();
  if (!target_.Append(values, out)) return false;
  const absl::string_view filled = absl::string_view(*out).substr(begin);
  if (may_lead_elsewhere_ && !absl::StartsWith(filled, "/")) {
    if (!ParseLocation(filled, there)) return false;
    out->replace(begin, out->npos, there->target);
    if (there->origin == origin_) there->origin.host.clear();
  }
  const size_t size = out->size() - begin;
  return size > 0 && size <= limits::kTargetBytes && (*out)[begin] == '/';
}

bool RequestText::Fill(IterationValues values, std::string* scratch, RequestBytes* out,
                       Location* there) const {
  there->origin.host.clear();
  scratch->clear();
  for (const TextTemplate& part : body_) {
    if (!part.Append(values, scratch)) return false;
  }
  if (scratch->size() > limits::kBodyBytes) return false;
  values.body_size = out->body_size = scratch->size();
  out->wire.assign(method_).append(" ");
  const size_t target = out->wire.size();
  if (!FillTarget(values, &out->wire, there)) return false;
  const size_t target_size = out->wire.size() - target;
  if (!head_.Append(values, &out->wire)) return false;
  out->wire.append(*scratch);
  out->fields.resize(fields_.size());
  for (size_t i = 0; i < fields_.size(); ++i) {
    HeaderField& field = out->fields[i];
    field.name = fields_[i].first;
    field.value.clear();
    if (field.name == kPath) {
      field.value.assign(out->wire, target, target_size);
    } else if (!fields_[i].second.Append(values, &field.value)) {
      return false;
    }
  }
  return true;
}

}  // namespace loadfleet
