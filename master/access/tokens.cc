#include "master/access/tokens.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/sha256.h"
#include "common/text.h"

namespace loadfleet {
namespace {

bool IsHash(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

}  // namespace

absl::StatusOr<Tokens> Tokens::Read(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--tokens: ", text.status().message()));
  }
  return Parse(*text, path);
}

absl::StatusOr<Tokens> Tokens::Parse(absl::string_view text, absl::string_view path) {
  Tokens tokens;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": ", what));
    };
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() != 3) return wrong("expected NAME ROLE SHA256");
    if (words[0].size() > limits::kNameBytes) return wrong("the name is too long");
    const std::optional<Role> role = ParseRole(words[1]);
    if (role != Role::kOperator && role != Role::kViewer) {
      return wrong(
          absl::StrCat(Quoted(words[1]), " is no role of a token: expected operator or viewer"));
    }
    if (!IsHash(words[2])) {
      return wrong("expected the SHA-256 of the token as 64 hexadecimal digits (sha256sum)");
    }
    for (const Known& known : tokens.known_) {
      if (known.holder.name == words[0]) {
        return wrong(absl::StrCat("the name ", Quoted(words[0]), " stands here twice"));
      }
    }
    tokens.known_.push_back({{std::string(words[0]), *role}, absl::HexStringToBytes(words[2])});
  }
  if (tokens.known_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no token"));
  }
  return tokens;
}

std::optional<Tokens::Holder> Tokens::Find(absl::string_view token) const {
  Sha256 digest;
  digest.Add(token);
  const std::string hash = digest.Finish();
  const Known* found = nullptr;
  for (const Known& known : known_) {
    if (CRYPTO_memcmp(known.hash.data(), hash.data(), hash.size()) == 0) found = &known;
  }
  if (found == nullptr) return std::nullopt;
  return found->holder;
}

}  // namespace loadfleet
