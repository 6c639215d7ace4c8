// Operators' tokens: secrets that stand for a name and a role, of which only hashes are kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/net/certificate.h"

namespace loadfleet {

// Immutable.
class Tokens {
 public:
  struct Holder {
    std::string name;
    Role role = Role::kViewer;
  };

  // A line for each: NAME ROLE SHA256, separated by spaces; role is operator or viewer, the hash of
  // the token 64 hexadecimal digits. Empty lines and lines that begin with # are passed over.
  // INVALID_ARGUMENT names the file and the line, never what stands there in place of a hash.
  static absl::StatusOr<Tokens> Read(const std::string& path);
  static absl::StatusOr<Tokens> Parse(absl::string_view text, absl::string_view path);

  // Whose it is. Takes as long whatever the token is.
  std::optional<Holder> Find(absl::string_view token) const;

  size_t size() const { return known_.size(); }

 private:
  struct Known {
    Holder holder;
    std::string hash;  // 32 bytes
  };

  std::vector<Known> known_;
};

}  // namespace loadfleet
