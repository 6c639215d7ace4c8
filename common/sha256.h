// SHA-256 of what comes piece by piece.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace loadfleet {

// One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(absl::string_view bytes);
  // The 32 bytes; nothing may follow.
  std::string Finish();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace loadfleet
