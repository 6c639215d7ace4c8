// YAML text as events, each with its place: libyaml's parser, which holds no more of a text than
// what it looks at, and takes ten milliseconds for a megabyte of any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace loadfleet {

struct YamlPlace {
  uint32_t line = 0;    // from 1; 0: no place
  uint32_t column = 0;  // from 1, in bytes
};

struct YamlEvent {
  enum class Kind {
    kDocument,  // one begins
    kScalar,
    kAlias,  // `text` is whose
    kSequence,
    kSequenceEnd,
    kMap,  // then keys and values in turn, until its end
    kMapEnd,
    kEnd,    // of the text
    kError,  // `text` says what is wrong there; nothing comes after it
  };

  Kind kind = Kind::kEnd;
  YamlPlace place;
  std::string text;     // of a scalar, as it is when all quotes and escapes are undone
  std::string anchor;   // without the `&`; empty: none
  std::string tag;      // empty: none
  bool plain = false;   // a scalar without quotes, so that `5` may be a number and `~` nothing
  bool is_key = false;  // it is a key of the map around it, or stands where one should

  // Nothing at all, `~` or `null` (YAML 1.2.2, 10.2.1.1).
  bool IsNull() const;
};

// A cursor. Not thread-safe.
class YamlEventParser {
 public:
  // `text`: UTF-8; outlives this.
  explicit YamlEventParser(absl::string_view text);
  ~YamlEventParser();

  // kEnd and kError repeat themselves.
  YamlEvent Next();

 private:
  struct Libyaml;

  YamlEvent Error();
  bool Nest(YamlEvent::Kind kind);
  YamlPlace PlaceOf(size_t index, size_t line, size_t column);

  const absl::string_view text_;
  const std::unique_ptr<Libyaml> parser_;
  YamlEvent last_;  // of kind kError: it has come

  struct Collection {
    bool map;
    bool key_is_next;
  };
  std::vector<Collection> open_;

  // Where the place before was: libyaml counts characters.
  size_t index_ = 0;  // in characters
  size_t byte_ = 0;
  size_t line_ = 0;
  size_t line_begin_ = 0;  // byte
};

}  // namespace loadfleet
