#include "agent/scenario/request_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/http/request_bytes.h"
#include "common/limits.h"
#include "common/template_text.h"

namespace loadfleet {
namespace {

using Place = TextTemplate::Place;

constexpr char kPath[] = ":path";
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

bool AnythingToFillIn(const v1::Request& request) {
  return IsTemplate(request.target()) ||
         (request.body_form() != v1::BODY_FORM_LITERAL && IsTemplate(request.body())) ||
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
  text->origin_ =
      absl::StrCat(request.origin().scheme() == v1::SCHEME_HTTPS ? "https://" : "http://",
                   Authority(request.origin()), "/");
  text->target_ = compile(request.target(), Place::kTarget);
  text->head_ = compile(RenderHead(request, keep_alive, kBodySize), Place::kHeader);
  text->body_ = request.body_form() == v1::BODY_FORM_LITERAL
                    ? TextTemplate::Literal(request.body())
                    : compile(request.body(), PlaceOf(request.body_form()));
  for (const HeaderField& field :
       http2 ? RequestFields(request, kBodySize) : std::vector<HeaderField>()) {
    text->fields_.emplace_back(
        field.name, compile(field.value, field.name == kPath ? Place::kTarget : Place::kHeader));
  }
  if (!status.ok()) return status;
  return text;
}

bool RequestText::constant() const {
  return target_.constant() && head_.constant() && body_.constant() &&
         std::all_of(fields_.begin(), fields_.end(),
                     [](const auto& field) { return field.second.constant(); });
}

absl::Status RequestText::FillOnce(RequestBytes* out) const {
  const std::vector<Captured> nothing;
  const std::string nobody;
  const auto draw = [] { return uint64_t{0}; };
  std::string scratch;
  if (Fill({nothing, 0, 0, 0, nobody, SystemClock(), draw}, &scratch, out)) return absl::OkStatus();
  return absl::InvalidArgumentError("with what setup has captured it is no valid request");
}

// A URL of the request's own origin is a path too: links are often written so.
bool RequestText::FillTarget(const TextTemplate& target, const IterationValues& values,
                             std::string* out) const {
  const size_t begin = out->size();
  if (!target.Append(values, out)) return false;
  if (absl::StartsWith(absl::string_view(*out).substr(begin), origin_)) {
    out->erase(begin, origin_.size() - 1);
  }
  const size_t size = out->size() - begin;
  return size > 0 && size <= limits::kTargetBytes && (*out)[begin] == '/';
}

bool RequestText::Fill(IterationValues values, std::string* scratch, RequestBytes* out) const {
  scratch->clear();
  if (!body_.Append(values, scratch) || scratch->size() > limits::kBodyBytes) return false;
  values.body_size = out->body_size = scratch->size();
  out->wire.assign(method_).append(" ");
  if (!FillTarget(target_, values, &out->wire) || !head_.Append(values, &out->wire)) return false;
  out->wire.append(*scratch);
  out->fields.resize(fields_.size());
  for (size_t i = 0; i < fields_.size(); ++i) {
    HeaderField& field = out->fields[i];
    field.name = fields_[i].first;
    field.value.clear();
    const bool filled = field.name == kPath ? FillTarget(fields_[i].second, values, &field.value)
                                            : fields_[i].second.Append(values, &field.value);
    if (!filled) return false;
  }
  return true;
}

}  // namespace loadfleet
