#include "loadctl/import/shell_words.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

constexpr size_t kNone = absl::string_view::npos;

// Unicode's code point as UTF-8 (RFC 3629).
void AppendUtf8(uint32_t code, std::string* out) {
  const auto add = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | (code >> 6));
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | ((code >> 18) & 0x07));
    add(0x80 | ((code >> 12) & 0x3f));
    add(0x80 | ((code >> 6) & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

class Splitter {
 public:
  explicit Splitter(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<std::string>> Split() {
    while (at_ < text_.size()) {
      if (absl::Status status = Step(); !status.ok()) return status;
    }
    EndWord();
    return std::move(words_);
  }

 private:
  absl::Status Step() {
    const char c = text_[at_];
    if (c == '\'') return SingleQuoted();
    if (c == '"') return DoubleQuoted();
    if (c == '$') return Dollar();
    if (c == '\\') return Backslash();
    if (absl::ascii_isspace(c)) {
      EndWord();
      ++at_;
      return absl::OkStatus();
    }
    if (absl::StrContains("`|;&<>()", c)) {
      return Error(at_, absl::StrCat("`", absl::string_view(&c, 1),
                                     "` is for a shell to act upon; put it into quotes"));
    }
    if (c == '#' && !in_word_) {  // a comment
      at_ = std::min(text_.find('\n', at_), text_.size());
      return absl::OkStatus();
    }
    Add(c);
    ++at_;
    return absl::OkStatus();
  }

  absl::Status SingleQuoted() {
    const size_t end = text_.find('\'', at_ + 1);
    if (end == kNone) return Error(at_, "this ' has no end");
    AddAll(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return absl::OkStatus();
  }

  absl::Status DoubleQuoted() {
    const size_t begin = at_++;
    in_word_ = true;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return absl::OkStatus();
      }
      if (c == '\\' && at_ + 1 < text_.size() && absl::StrContains("$`\"\\\n", text_[at_ + 1])) {
        if (text_[++at_] != '\n') Add(text_[at_]);
      } else if (c == '`' || (c == '$' && Expands())) {
        return Error(at_, "a shell would expand this; replace it by its value");
      } else {
        Add(c);
      }
    }
    return Error(begin, "this \" has no end");
  }

  absl::Status Dollar() {
    if (absl::StartsWith(text_.substr(at_), "$'")) return AnsiQuoted();
    if (Expands()) return Error(at_, "a shell would expand this; replace it by its value");
    Add('$');
    ++at_;
    return absl::OkStatus();
  }

  absl::Status Backslash() {
    if (at_ + 1 == text_.size()) return Error(at_, "nothing follows this backslash");
    // Windows line ends too: what is pasted may have them.
    if (absl::StartsWith(text_.substr(at_), "\\\r\n")) ++at_;
    if (text_[at_ + 1] != '\n') Add(text_[at_ + 1]);
    at_ += 2;
    return absl::OkStatus();
  }

  // Whether what begins at this $ is a parameter, a command or arithmetic.
  bool Expands() const {
    if (at_ + 1 >= text_.size()) return false;
    const char next = text_[at_ + 1];
    return absl::ascii_isalnum(next) || absl::StrContains("_{(@*#?$!-", next);
  }

  absl::Status AnsiQuoted() {
    const size_t begin = at_;
    in_word_ = true;
    for (at_ += 2; at_ < text_.size();) {
      const char c = text_[at_++];
      if (c == '\'') return absl::OkStatus();
      if (c != '\\') {
        Add(c);
      } else if (absl::Status status = AnsiEscape(); !status.ok()) {
        return status;
      }
    }
    return Error(begin, "this $' has no end");
  }

  // `at_` is behind the backslash.
  absl::Status AnsiEscape() {
    static constexpr absl::string_view kFrom = "abefnrtv\\'\"?";
    static constexpr absl::string_view kTo = "\a\b\x1b\f\n\r\t\v\\'\"?";
    const size_t place = at_ - 1;
    if (at_ == text_.size()) return Error(place, "nothing follows this backslash");
    const char c = text_[at_++];
    if (const size_t known = kFrom.find(c); known != kNone) {
      Add(kTo[known]);
    } else if (c == 'x') {
      return Code(place, 16, 2, false);
    } else if (c == 'u') {
      return Code(place, 16, 4, true);
    } else if (c == 'U') {
      return Code(place, 16, 8, true);
    } else if (c >= '0' && c <= '7') {
      --at_;
      return Code(place, 8, 3, false);
    } else {
      Add('\\');
      Add(c);
    }
    return absl::OkStatus();
  }

  absl::Status Code(size_t place, uint32_t base, size_t most, bool unicode) {
    uint32_t code = 0;
    size_t digits = 0;
    for (; digits < most && at_ < text_.size(); ++digits, ++at_) {
      const char c = absl::ascii_tolower(text_[at_]);
      const uint32_t digit = absl::ascii_isdigit(c) ? static_cast<uint32_t>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a') + 10
                                                    : base;
      if (digit >= base) break;
      code = code * base + digit;
    }
    if (digits == 0 || code > 0x10ffff) return Error(place, "no character has this code");
    in_word_ = true;
    if (unicode) {
      AppendUtf8(code, &word_);
    } else {
      Add(static_cast<char>(code));
    }
    return absl::OkStatus();
  }

  void Add(char c) {
    in_word_ = true;
    word_.push_back(c);
  }
  void AddAll(absl::string_view text) {
    in_word_ = true;
    word_.append(text.data(), text.size());
  }
  void EndWord() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  absl::Status Error(size_t at, absl::string_view what) const {
    const absl::string_view before = text_.substr(0, at);
    const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return absl::InvalidArgumentError(absl::StrCat(
        std::count(before.begin(), before.end(), '\n') + 1, ":", at - line_begin + 1, ": ", what));
  }

  const absl::string_view text_;
  size_t at_ = 0;
  bool in_word_ = false;  // `''` is a word too
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ShellWords(absl::string_view text) {
  return Splitter(text).Split();
}

}  // namespace loadfleet
