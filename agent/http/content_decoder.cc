#include "agent/http/content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

using Result = ContentDecoder::Result;

constexpr size_t kFirstRoom = 4 << 10;
// Of zlib's window: the largest, with zlib's or gzip's frame around the data, or with none.
constexpr int kFramed = MAX_WBITS + 32;
constexpr int kBare = -MAX_WBITS;

// Makes more room in `out`, of which `used` bytes are taken. False: it has grown to its limit.
bool Grow(size_t used, std::string* out) {
  if (used >= limits::kDecodedBodyBytes) return false;
  out->resize(std::min(std::max(kFirstRoom, 2 * used), limits::kDecodedBodyBytes));
  return true;
}

uint8_t* Bytes(const char* text) {
  // Both libraries take pointers to mutable bytes, and only read what is theirs to read.
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text));
}

// What calls itself deflate has zlib's frame (RFC 1950) by the book, and none by some servers.
bool HasFrame(absl::string_view content) {
  if (content.size() < 2) return true;
  const auto first = static_cast<uint8_t>(content[0]);
  const auto second = static_cast<uint8_t>(content[1]);
  const bool gzip = first == 0x1f && second == 0x8b;
  return gzip || ((first & 0x0f) == Z_DEFLATED && (first * 256 + second) % 31 == 0);
}

}  // namespace

struct ContentDecoder::Zlib {
  z_stream stream{};
  bool ready = inflateInit2(&stream, kFramed) == Z_OK;
  ~Zlib() {
    if (ready) inflateEnd(&stream);
  }
};

ContentDecoder::ContentDecoder() = default;
ContentDecoder::~ContentDecoder() = default;

Result ContentDecoder::Decode(absl::string_view codings, std::string* content) {
  std::vector<absl::string_view> names = absl::StrSplit(codings, ',');
  std::reverse(names.begin(), names.end());
  for (absl::string_view name : names) {
    name = absl::StripAsciiWhitespace(name);
    if (name.empty() || absl::EqualsIgnoreCase(name, "identity")) continue;
    std::string decoded;
    Result result = Result::kUnknown;
    if (absl::EqualsIgnoreCase(name, "br")) {
      result = InflateBrotli(*content, &decoded);
    } else if (absl::EqualsIgnoreCase(name, "gzip") || absl::EqualsIgnoreCase(name, "x-gzip") ||
               absl::EqualsIgnoreCase(name, "deflate")) {
      result = Inflate(*content, &decoded);
    }
    if (result != Result::kDone) return result;
    content->swap(decoded);
  }
  return Result::kDone;
}

Result ContentDecoder::Inflate(absl::string_view content, std::string* out) {
  if (zlib_ == nullptr) zlib_ = std::make_unique<Zlib>();
  z_stream& stream = zlib_->stream;
  const int window = HasFrame(content) ? kFramed : kBare;
  if (!zlib_->ready || inflateReset2(&stream, window) != Z_OK) return Result::kBroken;
  stream.next_in = Bytes(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  size_t used = 0;
  while (true) {
    if (used == out->size() && !Grow(used, out)) return Result::kTooLarge;
    stream.next_out = Bytes(out->data()) + used;
    stream.avail_out = static_cast<uInt>(out->size() - used);
    const int state = inflate(&stream, Z_NO_FLUSH);
    used = out->size() - stream.avail_out;
    if (state == Z_STREAM_END) {
      // gzip may have another member behind the first (RFC 1952, 2.2).
      if (stream.avail_in == 0 || window == kBare) break;
      if (inflateReset(&stream) != Z_OK) return Result::kBroken;
    } else if (state != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      return Result::kBroken;  // or it ends too early, as Z_BUF_ERROR says too
    }
  }
  out->resize(used);
  return Result::kDone;
}

Result ContentDecoder::InflateBrotli(absl::string_view content, std::string* out) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (decoder == nullptr) return Result::kBroken;
  const uint8_t* next_in = Bytes(content.data());
  size_t left_in = content.size();
  size_t used = 0;
  while (true) {
    if (used == out->size() && !Grow(used, out)) return Result::kTooLarge;
    uint8_t* next_out = Bytes(out->data()) + used;
    size_t left_out = out->size() - used;
    const BrotliDecoderResult state = BrotliDecoderDecompressStream(
        decoder.get(), &left_in, &next_in, &left_out, &next_out, nullptr);
    used = out->size() - left_out;
    if (state == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (state != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Result::kBroken;
  }
  out->resize(used);
  return Result::kDone;
}

}  // namespace loadfleet
