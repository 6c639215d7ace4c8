// Reads the keys of one map of the plan, with a problem for each that is wrong, unknown or missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/clock.h"
#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "common/text.h"

namespace loadfleet {

// A word of a closed set.
template <typename T>
struct Choice {
  absl::string_view word;
  T value;
};

// "`stages` is not supported by this version"
std::string NotSupported(absl::string_view word);

// A key is known once it has been asked for, so that the list of known keys is the code that reads
// them. Each reading method answers nothing when the key is absent, or wrong, which is a problem.
// Finish() comes last.
//
// Keys must be literals: they are kept as views. The tree outlives this.
class MapReader {
 public:
  // `name` is the map in messages ("`agents`"; the plan itself has none), `place` where it is
  // named. A `node` that is no map is a problem, and reads as an empty one; null and kNull read as
  // an empty one in silence.
  MapReader(const Node* node, std::string name, Place place, Problems* problems);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  Place place() const { return place_; }
  Problems* problems() { return problems_; }

  // Whether the key stands there, well or ill.
  bool Has(absl::string_view key);

  // The entry of `key`. One without a value is a problem and null.
  const Entry* Find(absl::string_view key);

  // Its scalar. `form` says what is expected when it is no text: "a rate such as 100/s".
  const Node* Text(absl::string_view key, absl::string_view form);

  // The map below `key`.
  MapReader Map(absl::string_view key);

  // `parse` makes absl::StatusOr<T> of the text; its message becomes the problem.
  template <typename T, typename Parse>
  std::optional<T> Read(absl::string_view key, absl::string_view form, const Parse& parse);

  std::optional<Nanos> Duration(absl::string_view key, Nanos min, Nanos max);
  std::optional<uint64_t> Count(absl::string_view key, uint64_t min, uint64_t max);
  std::optional<double> Share(absl::string_view key);
  std::optional<bool> Bool(absl::string_view key);
  template <typename T>
  std::optional<T> OneOf(absl::string_view key, absl::Span<const Choice<T>> choices);

  // Makes `keys` known without reading them.
  void Know(absl::Span<const absl::string_view> keys);

  // A problem when `key` is absent from what is a map; `example` completes "`duration` is missing,
  // such as ...".
  void Require(absl::string_view key, absl::string_view example);

  // Each of `keys` that is present is a problem: "`rate` <reason>".
  void Refuse(absl::Span<const absl::string_view> keys, absl::string_view reason);

  // Those of `keys` that nobody has asked for: as Refuse.
  void RefuseUnread(absl::Span<const absl::string_view> keys, absl::string_view reason);

  // "`key`: message" at `place`.
  void Add(absl::string_view key, Place place, absl::string_view message);

  // A problem for every key not asked for.
  void Finish();

 private:
  const Entry* Lookup(absl::string_view key);
  // That `key` may have this value, for Problems::read_keys.
  void NoteWord(absl::string_view key, absl::string_view word);

  const Node* node_;         // a map
  bool unreadable_ = false;  // the plan has something else in its place
  const std::string name_;
  const Place place_;
  Problems* const problems_;
  std::vector<absl::string_view> known_;
};

// The entries of a map whose keys are names of the author's choice, at most `limit`; none when
// `entry` is null or no map or has more, which are problems.
absl::Span<const Entry> NamedEntries(const Entry* entry, size_t limit, Problems* problems);

// A problem at `place` unless `name` fits what becomes a label and a file name: 1 to
// limits::kNameBytes bytes, no control characters. `what` as in "`name`".
bool CheckName(absl::string_view what, absl::string_view name, Place place, Problems* problems);

template <typename T, typename Parse>
std::optional<T> MapReader::Read(absl::string_view key, absl::string_view form,
                                 const Parse& parse) {
  const Node* node = Text(key, form);
  if (node == nullptr) return std::nullopt;
  absl::StatusOr<T> value = parse(node->text);
  if (value.ok()) return *std::move(value);
  Add(key, node->place, value.status().message());
  return std::nullopt;
}

template <typename T>
std::optional<T> MapReader::OneOf(absl::string_view key, absl::Span<const Choice<T>> choices) {
  std::string form;
  for (const Choice<T>& choice : choices) {
    absl::StrAppend(&form, form.empty() ? "" : " or ", choice.word);
    NoteWord(key, choice.word);
  }
  return Read<T>(key, form, [&](absl::string_view text) -> absl::StatusOr<T> {
    for (const Choice<T>& choice : choices) {
      if (choice.word == text) return choice.value;
    }
    return absl::InvalidArgumentError(absl::StrCat("expected ", form, ", got ", Quoted(text)));
  });
}

}  // namespace loadfleet
