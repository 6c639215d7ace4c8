#include "common/yaml/event_parser.h"

#include <algorithm>

#include <yaml.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

bool BeginsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

const char* CharsOf(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

// What an event holds of libyaml's memory.
class HeldEvent {
 public:
  ~HeldEvent() { yaml_event_delete(&event); }

  yaml_event_t event = {};
};

void Fill(const yaml_event_t& event, YamlEvent* out) {
  switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
      out->kind = YamlEvent::Kind::kDocument;
      break;
    case YAML_SCALAR_EVENT:
      out->kind = YamlEvent::Kind::kScalar;
      out->text.assign(CharsOf(event.data.scalar.value), event.data.scalar.length);
      out->anchor = CharsOf(event.data.scalar.anchor);
      out->tag = CharsOf(event.data.scalar.tag);
      out->plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      break;
    case YAML_ALIAS_EVENT:
      out->kind = YamlEvent::Kind::kAlias;
      out->text = CharsOf(event.data.alias.anchor);
      break;
    case YAML_SEQUENCE_START_EVENT:
      out->kind = YamlEvent::Kind::kSequence;
      out->anchor = CharsOf(event.data.sequence_start.anchor);
      out->tag = CharsOf(event.data.sequence_start.tag);
      break;
    case YAML_SEQUENCE_END_EVENT:
      out->kind = YamlEvent::Kind::kSequenceEnd;
      break;
    case YAML_MAPPING_START_EVENT:
      out->kind = YamlEvent::Kind::kMap;
      out->anchor = CharsOf(event.data.mapping_start.anchor);
      out->tag = CharsOf(event.data.mapping_start.tag);
      break;
    case YAML_MAPPING_END_EVENT:
      out->kind = YamlEvent::Kind::kMapEnd;
      break;
    default:
      out->kind = YamlEvent::Kind::kEnd;
      break;
  }
}

}  // namespace

bool YamlEvent::IsNull() const {
  return kind == Kind::kScalar && plain &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

struct YamlEventParser::Libyaml {
  Libyaml() { yaml_parser_initialize(&parser); }
  ~Libyaml() { yaml_parser_delete(&parser); }

  yaml_parser_t parser;
};

YamlEventParser::YamlEventParser(absl::string_view text)
    : text_(text), parser_(std::make_unique<Libyaml>()) {
  yaml_parser_set_encoding(&parser_->parser, YAML_UTF8_ENCODING);  // else it would guess
  yaml_parser_set_input_string(&parser_->parser,
                               reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
}

YamlEventParser::~YamlEventParser() = default;

YamlEvent YamlEventParser::Next() {
  if (last_.kind == YamlEvent::Kind::kError) return last_;
  while (true) {
    HeldEvent held;
    if (yaml_parser_parse(&parser_->parser, &held.event) == 0) return last_ = Error();
    // A stream and its documents begin and end around what anybody asks for.
    if (held.event.type == YAML_STREAM_START_EVENT || held.event.type == YAML_DOCUMENT_END_EVENT) {
      continue;
    }
    YamlEvent event;
    Fill(held.event, &event);
    const yaml_mark_t& mark = held.event.start_mark;
    event.place = PlaceOf(mark.index, mark.line, mark.column);
    event.is_key = Nest(event.kind);
    return event;
  }
}

// Follows what is open. Whether this is a key.
bool YamlEventParser::Nest(YamlEvent::Kind kind) {
  using Kind = YamlEvent::Kind;
  if (kind == Kind::kSequenceEnd || kind == Kind::kMapEnd) open_.pop_back();
  const bool opens = kind == Kind::kSequence || kind == Kind::kMap;
  if (!opens && kind != Kind::kScalar && kind != Kind::kAlias) return false;
  bool key = false;
  if (!open_.empty() && open_.back().map) {
    key = open_.back().key_is_next;
    open_.back().key_is_next = !key;
  }
  if (opens) open_.push_back({kind == Kind::kMap, true});
  return key;
}

YamlEvent YamlEventParser::Error() {
  const yaml_parser_t& parser = parser_->parser;
  YamlEvent error;
  error.kind = YamlEvent::Kind::kError;
  error.text = parser.problem == nullptr ? "this is no YAML" : parser.problem;
  if (parser.context != nullptr) absl::StrAppend(&error.text, " ", parser.context);
  if (absl::StrContains(error.text, "parsing a block")) {
    absl::StrAppend(&error.text, " that begins on line ", parser.context_mark.line + 1,
                    "; is this line indented like that one?");
  }
  if (parser.error == YAML_READER_ERROR) {  // it has read further than it has looked
    const absl::string_view before = text_.substr(0, parser.problem_offset);
    const size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
    error.place.line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    error.place.column = static_cast<uint32_t>(before.size() - begin) + 1;
    return error;
  }
  const yaml_mark_t& mark = parser.problem_mark;
  error.place = PlaceOf(mark.index, mark.line, mark.column);
  if (byte_ < text_.size() && text_[byte_] == '\t') {
    error.text = "a tab where YAML is indented with spaces";
  }
  return error;
}

// From the place before: however long its lines are, a text is walked over twice at most.
YamlPlace YamlEventParser::PlaceOf(size_t index, size_t line, size_t column) {
  for (; index_ < index && byte_ < text_.size(); ++index_) {
    do {
      ++byte_;
    } while (byte_ < text_.size() && !BeginsCharacter(text_[byte_]));
  }
  for (; index_ > index; --index_) {
    do {
      --byte_;
    } while (!BeginsCharacter(text_[byte_]));
  }
  if (line != line_) {
    line_ = line;
    line_begin_ = byte_;
    for (; column > 0 && line_begin_ > 0; --column) {
      do {
        --line_begin_;
      } while (line_begin_ > 0 && !BeginsCharacter(text_[line_begin_]));
    }
  }
  return {static_cast<uint32_t>(line) + 1, static_cast<uint32_t>(byte_ - line_begin_) + 1};
}

}  // namespace loadfleet
