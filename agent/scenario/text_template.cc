#include "agent/scenario/text_template.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/percent_encoding.h"
#include "common/template_text.h"

namespace loadfleet {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  out->append(text, static_cast<size_t>(end.ptr - text));
}

// RFC 9562, 5.4.
void AppendUuid(uint64_t high, uint64_t low, std::string* out) {
  high = (high & ~uint64_t{0xf000}) | 0x4000;
  low = (low & ~(uint64_t{3} << 62)) | (uint64_t{1} << 63);
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out->push_back('-');
    const uint64_t half = digit < 16 ? high : low;
    out->push_back(absl::ascii_tolower(kHex[(half >> (60 - digit % 16 * 4)) & 15]));
  }
}

void AppendRandomString(int64_t length, absl::FunctionRef<uint64_t()> draw, std::string* out) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr uint64_t kCount = sizeof(kLetters) - 1;
  uint64_t random = 0;
  for (int64_t i = 0; i < length; ++i) {
    if (i % 8 == 0) random = draw();
    out->push_back(kLetters[random % kCount]);
    random /= kCount;
  }
}

// RFC 8259, 7.
void AppendInJson(absl::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out->push_back(kHex[static_cast<unsigned char>(c) & 15]);
    } else {
      out->push_back(c);
    }
  }
}

}  // namespace

absl::StatusOr<TextTemplate> TextTemplate::Of(absl::string_view text, Place place, SlotOf slot_of,
                                              const SetupValues& setup) {
  auto parts = ParseTemplate(text);
  if (!parts.ok()) return parts.status();
  static constexpr std::pair<absl::string_view, Kind> kNames[] = {
      {"vu", Kind::kVu},
      {"iteration", Kind::kIteration},
      {"arrival", Kind::kArrival},
      {"agent", Kind::kAgent},
      {"uuid", Kind::kUuid},
      {"timestamp", Kind::kTimestamp},
      {"request.body_size", Kind::kBodySize}};
  TextTemplate made;
  made.place_ = place;
  for (TemplatePart& part : *parts) {
    Segment& segment = made.segments_.emplace_back();
    segment.from = part.from;
    segment.to = part.to;
    switch (part.kind) {
      case TemplatePart::Kind::kLiteral:
        segment.text = std::move(part.text);
        break;
      case TemplatePart::Kind::kRandomInt:
        segment.kind = Kind::kRandomInt;
        break;
      case TemplatePart::Kind::kRandomString:
        segment.kind = Kind::kRandomString;
        break;
      case TemplatePart::Kind::kVariable: {
        const auto known =
            std::find_if(std::begin(kNames), std::end(kNames),
                         [&part](const auto& name) { return name.first == part.text; });
        if (known != std::end(kNames)) {
          segment.kind = known->second;
          break;
        }
        absl::string_view name = part.text;
        if (absl::ConsumePrefix(&name, kSetupPrefix)) {
          const auto value = setup.find(std::string(name));
          if (value == setup.end()) break;  // optional there, and not found
          if (made.AppendText(value->second, &segment.text)) break;
          return absl::InvalidArgumentError(
              absl::StrCat("what setup has captured as '", name, "' cannot stand in a header"));
        }
        segment.kind = Kind::kCapture;
        auto slot = slot_of(part.text);
        if (!slot.ok()) return slot.status();
        segment.slot = *slot;
        break;
      }
    }
  }
  return made;
}

TextTemplate TextTemplate::Literal(std::string text) {
  TextTemplate made;
  made.segments_.emplace_back().text = std::move(text);
  return made;
}

std::optional<uint32_t> TextTemplate::OnlyCapture() const {
  if (segments_.size() != 1 || segments_.front().kind != Kind::kCapture) return std::nullopt;
  return segments_.front().slot;
}

bool TextTemplate::constant() const {
  return std::all_of(segments_.begin(), segments_.end(), [](const Segment& segment) {
    return segment.kind == Kind::kLiteral || segment.kind == Kind::kBodySize;
  });
}

bool TextTemplate::AppendText(absl::string_view text, std::string* out) const {
  switch (place_) {
    case Place::kTarget:
      AppendVisible(text, out);
      return true;
    case Place::kJson:
      AppendInJson(text, out);
      return true;
    case Place::kForm:
      AppendFormEncoded(text, out);
      return true;
    case Place::kHeader:
      if (text.size() > limits::kHeaderBytes) return false;
      if (std::any_of(text.begin(), text.end(),
                      [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; })) {
        return false;
      }
      break;
    case Place::kBody:
      break;
  }
  out->append(text.data(), text.size());
  return true;
}

bool TextTemplate::Append(const IterationValues& values, std::string* out) const {
  for (const Segment& segment : segments_) {
    if (out->size() > limits::kBodyBytes) return false;  // a capture many times over
    switch (segment.kind) {
      case Kind::kLiteral:
        out->append(segment.text);
        break;
      case Kind::kCapture: {
        const Captured& captured = values.captured[segment.slot];
        if (captured.present && !AppendText(captured.text, out)) return false;
        break;
      }
      case Kind::kVu:
        AppendNumber(values.vu, out);
        break;
      case Kind::kIteration:
        AppendNumber(values.iteration, out);
        break;
      case Kind::kArrival:
        AppendNumber(values.arrival, out);
        break;
      case Kind::kAgent:
        if (!AppendText(values.agent, out)) return false;
        break;
      case Kind::kUuid: {
        const uint64_t high = values.draw();
        AppendUuid(high, values.draw(), out);
        break;
      }
      case Kind::kTimestamp:
        AppendNumber(values.clock.WallMillis(), out);
        break;
      case Kind::kRandomInt: {
        const auto span = static_cast<uint64_t>(segment.to - segment.from) + 1;
        AppendNumber(segment.from + static_cast<int64_t>(values.draw() % span), out);
        break;
      }
      case Kind::kRandomString:
        AppendRandomString(segment.to, values.draw, out);
        break;
      case Kind::kBodySize:
        AppendNumber(values.body_size, out);
        break;
    }
  }
  return true;
}

}  // namespace loadfleet
