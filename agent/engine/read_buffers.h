// Where a loop's sockets are read into: one set for all of them, since each read is used up before
// the next.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

namespace loadfleet {

// One thread only.
class ReadBuffers {
 public:
  static constexpr size_t kRead = 64 << 10;  // of the kernel at once
  // TLS may hold back the beginning of one record (16 KiB and what surrounds it, RFC 8446 5.2).
  static constexpr size_t kBytes = kRead + (32 << 10);

  // As HTTP sees them; kBytes of them.
  char* bytes() { return bytes_.data(); }

  // As the socket has them under TLS; kRead of them.
  char* cipher() {
    if (cipher_ == nullptr) cipher_ = std::make_unique<std::array<char, kRead>>();
    return cipher_->data();
  }

 private:
  std::array<char, kBytes> bytes_;
  std::unique_ptr<std::array<char, kRead>> cipher_;
};

}  // namespace loadfleet
