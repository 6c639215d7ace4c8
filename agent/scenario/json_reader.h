// Looks up values in a JSON text, by simdjson.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/json_number.h"
#include "common/json_path.h"

namespace loadfleet {

// A value that is no object and no array.
struct JsonScalar {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString };
  Kind kind = Kind::kNull;
  bool truth = false;
  Decimal number;
  std::string text;

  // Nothing: `json` is no such value.
  static std::optional<JsonScalar> Parse(std::string_view json);
};

// One thread only. Keeps its buffers.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();

  // False when it is no JSON. `text` may be given room behind its end, and must stay as it is until
  // the next call.
  bool Read(std::string* text);

  // After a Read that succeeded. A string without its quotes, everything else as the text has it, a
  // list or an object without its spaces. False and `out` as it was: there is nothing, or null.
  bool Get(const JsonPath& path, std::string* out) const;
  // False: there is nothing, a list or an object.
  bool GetScalar(const JsonPath& path, JsonScalar* out) const;
  // Numbers by their value, of whatever size and exactly: 7.0 is 7.
  bool Equals(const JsonPath& path, const JsonScalar& scalar) const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace loadfleet
