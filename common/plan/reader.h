// Reads the keys of one map of the plan, with a problem for each that is wrong, unknown or missing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/clock.h"
#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "common/units.h"

namespace loadfleet {

// The key that a person most likely meant by `word`, by edit distance (a swap of neighbours counts as one edit); empty
// when none is near.
absl::string_view NearestKey(absl::string_view word, absl::Span<const absl::string_view> keys);

// A word of a closed set. `supported` false: this version knows the word and refuses it by name.
template <typename T>
struct Choice {
  absl::string_view word;
  T value;
  bool supported = true;
};

// A key is known once it has been asked for, so that the list of known keys is the code that reads them. Each reading
// method leaves `*out`, which holds the default, as it is when the key is absent or wrong. Finish() comes last.
//
// Keys and names must be literals: they are kept as views.
class MapReader {
 public:
  // `name` is the map in messages ("`agents`"); `place` where it is named. A `node` that is no map is a problem, and reads
  // as an empty one; a null pointer reads as an empty one in silence.
  MapReader(const Node* node, std::string name, Place place, Problems* problems);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  Place place() const { return place_; }
  const std::string& name() const { return name_; }
  Problems* problems() { return problems_; }

  // The entry of `key`, or null. One without a value is a problem and null too.
  const Entry* Find(absl::string_view key);

  // Its scalar text; null when absent, or no text (a problem that names the expected `form`).
  const std::string* FindText(absl::string_view key, absl::string_view form);

  // `parse` turns the text into a value or says what is wrong with it. True when `*out` was set.
  template <typename T>
  bool Read(absl::string_view key, absl::string_view form,
            const std::function<absl::StatusOr<T>(absl::string_view)>& parse, T* out);

  bool ReadDuration(absl::string_view key, Nanos min, Nanos max, int64_t* out);
  bool ReadCount(absl::string_view key, uint64_t min, uint64_t max, uint64_t* out);
  bool ReadShare(absl::string_view key, double* out);
  bool ReadBool(absl::string_view key, bool* out);
  template <typename T>
  bool ReadChoice(absl::string_view key, absl::Span<const Choice<T>> choices, T* out);

  // Like ReadDuration and ReadCount; its absence is a problem that ends with `such_as`.
  void RequireDuration(absl::string_view key, Nanos min, Nanos max, absl::string_view such_as,
                       int64_t* out);
  void Missing(absl::string_view key, absl::string_view such_as);

  // Each of `keys` that is present is a problem: "`rate` <reason>".
  void Refuse(absl::Span<const absl::string_view> keys, absl::string_view reason);

  // A problem for every key not asked for: those in `later` are of the plan format but not of this version.
  void Finish(absl::Span<const absl::string_view> later = {});

 private:
  void AddUnknown(const Entry& entry);
  void AddProblem(absl::string_view key, Place place, absl::string_view message);

  static const Node& EmptyMap();

  const Node* node_;
  const std::string name_;
  const Place place_;
  Problems* const problems_;
  std::vector<absl::string_view> known_;
};

// The entries of a map whose keys are names of the author's choice, at most `limit`; none when `entry` is null or no map
// or has more, which are problems.
absl::Span<const Entry> NamedEntries(const Entry* entry, size_t limit, Problems* problems);

std::string NotSupported(absl::string_view word);

template <typename T>
bool MapReader::Read(absl::string_view key, absl::string_view form,
                     const std::function<absl::StatusOr<T>(absl::string_view)>& parse, T* out) {
  const std::string* text = FindText(key, form);
  if (text == nullptr) return false;
  absl::StatusOr<T> value = parse(*text);
  if (!value.ok()) {
    AddProblem(key, Find(key)->value.place, value.status().message());
    return false;
  }
  *out = *std::move(value);
  return true;
}

template <typename T>
bool MapReader::ReadChoice(absl::string_view key, absl::Span<const Choice<T>> choices, T* out) {
  std::string form = "one of";
  for (const Choice<T>& choice : choices) {
    if (!choice.supported) continue;
    form.append(form.back() == 'f' ? " " : ", ").append(choice.word);
  }
  return Read<T>(
      key, form,
      [&](absl::string_view text) -> absl::StatusOr<T> {
        for (const Choice<T>& choice : choices) {
          if (choice.word != text) continue;
          if (choice.supported) return choice.value;
          return absl::InvalidArgumentError(NotSupported(choice.word));
        }
        return absl::InvalidArgumentError("expected " + form + ", got " + Quoted(text));
      },
      out);
}

}  // namespace loadfleet
