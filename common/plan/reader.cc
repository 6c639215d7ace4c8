#include "common/plan/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/limits.h"
#include "common/nearest_word.h"
#include "common/plan/read_keys.h"
#include "common/units.h"

namespace loadfleet {
namespace {

const Node& EmptyMap() {
  static const Node& empty = *new Node{Node::Kind::kMap, {}, {}, false, {}, {}};
  return empty;
}

bool Contains(absl::Span<const absl::string_view> words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string UnknownKey(absl::string_view key, const std::string& map,
                       absl::Span<const absl::string_view> known) {
  std::string message = absl::StrCat("unknown key `", Shown(key), "`");
  if (!map.empty()) absl::StrAppend(&message, " in ", map);
  absl::StrAppend(&message, DidYouMean(key, {known.begin(), known.end()}));
  return message;
}

}  // namespace

std::string NotSupported(absl::string_view word) {
  return absl::StrCat("`", word, "` is not supported by this version");
}

MapReader::MapReader(const Node* node, std::string name, Place place, Problems* problems)
    : node_(&EmptyMap()), name_(std::move(name)), place_(place), problems_(problems) {
  if (node == nullptr || node->kind == Node::Kind::kNull) return;
  if (node->kind == Node::Kind::kMap) {
    node_ = node;
    return;
  }
  unreadable_ = true;
  if (node->kind == Node::Kind::kRefused) return;
  problems_->Add(node->place,
                 absl::StrCat(name_, ": expected a map of keys, got ", KindName(node->kind)));
}

const Entry* MapReader::Lookup(absl::string_view key) {
  if (!Contains(known_, key)) known_.push_back(key);
  const auto found = std::find_if(node_->entries.begin(), node_->entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == node_->entries.end() ? nullptr : &*found;
}

bool MapReader::Has(absl::string_view key) {
  return Lookup(key) != nullptr;
}

const Entry* MapReader::Find(absl::string_view key) {
  if (ReadKeys* read_keys = problems_->read_keys()) read_keys->AddKey(name_, key);
  const Entry* entry = Lookup(key);
  if (entry == nullptr || entry->value.kind == Node::Kind::kRefused) return nullptr;
  if (entry->value.kind != Node::Kind::kNull) return entry;
  Add(key, entry->place, "has no value");
  return nullptr;
}

const Node* MapReader::Text(absl::string_view key, absl::string_view form) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return nullptr;
  if (entry->value.kind == Node::Kind::kScalar) return &entry->value;
  Add(key, entry->value.place,
      absl::StrCat("expected ", form, ", got ", KindName(entry->value.kind)));
  return nullptr;
}

MapReader MapReader::Map(absl::string_view key) {
  const Entry* entry = Find(key);
  return {entry == nullptr ? nullptr : &entry->value, absl::StrCat("`", key, "`"),
          entry == nullptr ? place_ : entry->place, problems_};
}

std::optional<Nanos> MapReader::Duration(absl::string_view key, Nanos min, Nanos max) {
  return Read<Nanos>(
      key, "a duration such as 30s", [&](absl::string_view text) -> absl::StatusOr<Nanos> {
        absl::StatusOr<Nanos> value = ParseDuration(text);
        if (!value.ok() || (*value >= min && *value <= max)) return value;
        return absl::InvalidArgumentError(absl::StrCat(
            "expected ", FormatDuration(min), " to ", FormatDuration(max), ", got ", Quoted(text)));
      });
}

std::optional<uint64_t> MapReader::Count(absl::string_view key, uint64_t min, uint64_t max) {
  return Read<uint64_t>(key, "a whole number",
                        [&](absl::string_view text) -> absl::StatusOr<uint64_t> {
                          absl::StatusOr<uint64_t> value = ParseCount(text);
                          if (!value.ok() || (*value >= min && *value <= max)) return value;
                          return absl::InvalidArgumentError(
                              absl::StrCat("expected ", min, " to ", max, ", got ", Quoted(text)));
                        });
}

std::optional<double> MapReader::Share(absl::string_view key) {
  return Read<double>(key, "a share such as 90%", ParsePercent);
}

std::optional<bool> MapReader::Bool(absl::string_view key) {
  static constexpr Choice<bool> kWords[] = {{"true", true}, {"false", false}};
  return OneOf<bool>(key, kWords);
}

void MapReader::NoteWord(absl::string_view key, absl::string_view word) {
  if (ReadKeys* read_keys = problems_->read_keys()) read_keys->AddWord(name_, key, word);
}

void MapReader::Know(absl::Span<const absl::string_view> keys) {
  known_.insert(known_.end(), keys.begin(), keys.end());
}

void MapReader::Require(absl::string_view key, absl::string_view example) {
  if (Has(key) || unreadable_) return;
  problems_->Add(place_, absl::StrCat("`", key, "` is missing",
                                      name_.empty() ? "" : absl::StrCat(" in ", name_),
                                      ", such as `", example, "`"));
}

void MapReader::Refuse(absl::Span<const absl::string_view> keys, absl::string_view reason) {
  for (const absl::string_view key : keys) {
    if (const Entry* entry = Lookup(key)) {
      problems_->Add(entry->place, absl::StrCat("`", key, "` ", reason));
    }
  }
}

void MapReader::RefuseUnread(absl::Span<const absl::string_view> keys, absl::string_view reason) {
  for (const absl::string_view key : keys) {
    if (!Contains(known_, key)) Refuse({key}, reason);
  }
}

void MapReader::Add(absl::string_view key, Place place, absl::string_view message) {
  problems_->Add(place, absl::StrCat("`", key, "`: ", message));
}

void MapReader::Finish() {
  for (const Entry& entry : node_->entries) {
    if (Contains(known_, entry.key)) continue;
    problems_->Add(entry.place, problems_->WouldKeep(entry.place)
                                    ? UnknownKey(entry.key, name_, known_)
                                    : std::string());
  }
}

absl::Span<const Entry> NamedEntries(const Entry* entry, size_t limit, Problems* problems) {
  if (entry == nullptr) return {};
  const Node& node = entry->value;
  if (node.kind == Node::Kind::kRefused) return {};
  if (node.kind != Node::Kind::kMap) {
    problems->Add(node.place, absl::StrCat("`", entry->key, "`: expected a map of names, got ",
                                           KindName(node.kind)));
    return {};
  }
  if (node.entries.size() > limit) {
    problems->Add(entry->place, absl::StrCat("`", entry->key, "` has ", node.entries.size(),
                                             " entries, the limit is ", limit));
    return {};
  }
  return node.entries;
}

bool CheckName(absl::string_view what, absl::string_view name, Place place, Problems* problems) {
  if (name.empty() || name.size() > limits::kNameBytes) {
    problems->Add(place, absl::StrCat(what, ": a name has 1 to ", limits::kNameBytes,
                                      " bytes, this one ", name.size()));
    return false;
  }
  if (std::any_of(name.begin(), name.end(), [](char c) { return absl::ascii_iscntrl(c); })) {
    problems->Add(place, absl::StrCat(what, ": control character in ", Quoted(name)));
    return false;
  }
  return true;
}

}  // namespace loadfleet
