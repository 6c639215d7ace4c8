// Looks up values in a JSON text, by simdjson.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/json_path.h"

namespace loadfleet {

// A value that is no object and no array.
struct JsonScalar {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString };
  Kind kind = Kind::kNull;
  bool truth = false;
  double number = 0;
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

  // After a Read that succeeded. A string without its quotes, everything else as JSON has it. False
  // and `out` as it was: there is nothing, or null.
  bool Get(const JsonPath& path, std::string* out) const;
  bool Equals(const JsonPath& path, const JsonScalar& scalar) const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace loadfleet
