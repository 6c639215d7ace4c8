// Undoes the codings of a response's content (RFC 9110, 8.4.1): gzip and deflate by zlib, br by
// libbrotli.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// One thread only. Keeps zlib's window, and no content.
class ContentDecoder {
 public:
  enum class Result : uint8_t {
    kDone,
    kUnknown,   // a coding that is none of these: nothing was done
    kBroken,    // it is not what its coding says
    kTooLarge,  // more than limits::kDecodedBodyBytes come out: it was not read further
  };

  ContentDecoder();
  ~ContentDecoder();

  // `codings` as Content-Encoding has them: in the order in which they were applied. `content`
  // becomes what they were applied to; after anything but kDone it is of no use.
  Result Decode(absl::string_view codings, std::string* content);

 private:
  struct Zlib;

  Result Inflate(absl::string_view content, std::string* out);
  static Result InflateBrotli(absl::string_view content, std::string* out);

  std::unique_ptr<Zlib> zlib_;  // made when the first is needed
};

}  // namespace loadfleet
