// What servers compress, and what hostile ones send in its place.
#include "agent/http/content_decoder.h"

#include <zlib.h>

#include <gtest/gtest.h>

#include "common/limits.h"

namespace loadfleet {
namespace {

using Result = ContentDecoder::Result;

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;
constexpr int kBare = -MAX_WBITS;

std::string Deflated(const std::string& text, int window) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// RFC 7932: brotli's empty window of 16 bits, and "hello" as one uncompressed piece.
const std::string kBrotliHello("\x0b\x02\x80hello\x03", 9);

class Decoder : public ::testing::Test {
 protected:
  std::string Decode(const std::string& codings, std::string content) {
    result_ = decoder_.Decode(codings, &content);
    return result_ == Result::kDone ? content : "";
  }

  ContentDecoder decoder_;
  Result result_ = Result::kDone;
};

TEST_F(Decoder, UndoesWhatServersDo) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(Decode("gzip", Deflated(text, kGzip)), text);
  EXPECT_EQ(Decode("x-gzip", Deflated(text, kGzip)), text);
  EXPECT_EQ(Decode("deflate", Deflated(text, kZlib)), text);
  EXPECT_EQ(Decode("Deflate", Deflated(text, kBare)), text) << "some servers leave the frame out";
  EXPECT_EQ(Decode("br", kBrotliHello), "hello");
  EXPECT_EQ(Decode("identity", "hello"), "hello");
  EXPECT_EQ(Decode("gzip", Deflated("", kGzip)), "");
  EXPECT_EQ(result_, Result::kDone);
}

TEST_F(Decoder, UndoesTheLastCodingFirst) {
  EXPECT_EQ(Decode("deflate, gzip", Deflated(Deflated("hello", kZlib), kGzip)), "hello");
}

TEST_F(Decoder, ReadsGzipInSeveralMembers) {
  EXPECT_EQ(Decode("gzip", Deflated("hello ", kGzip) + Deflated("world", kGzip)), "hello world");
}

TEST_F(Decoder, LeavesAloneWhatItDoesNotKnow) {
  Decode("zstd", "hello");
  EXPECT_EQ(result_, Result::kUnknown);
}

TEST_F(Decoder, WhatEndsTooEarlyOrIsNothingOfTheKindIsBroken) {
  const std::string whole = Deflated("hello, hello, hello", kGzip);
  for (size_t end = 0; end < whole.size(); ++end) {
    Decode("gzip", whole.substr(0, end));
    EXPECT_EQ(result_, Result::kBroken) << end;
  }
  Decode("gzip", "hello");
  EXPECT_EQ(result_, Result::kBroken);
  Decode("br", kBrotliHello.substr(0, 5));
  EXPECT_EQ(result_, Result::kBroken);
}

TEST_F(Decoder, CutsABombOffAtTheLimit) {
  const std::string bomb = Deflated(std::string(limits::kDecodedBodyBytes + 1, '\0'), kGzip);
  EXPECT_LT(bomb.size(), limits::kKeptBodyBytes);
  Decode("gzip", bomb);
  EXPECT_EQ(result_, Result::kTooLarge);
  Decode("gzip, gzip", Deflated(bomb, kGzip));
  EXPECT_EQ(result_, Result::kTooLarge);
  EXPECT_EQ(Decode("gzip", Deflated("hello", kGzip)), "hello") << "the next is read again";
}

TEST_F(Decoder, WhatJustFitsIsWhole) {
  const std::string text(limits::kDecodedBodyBytes - 1, '\0');
  EXPECT_EQ(Decode("gzip", Deflated(text, kGzip)).size(), text.size());
}

}  // namespace
}  // namespace loadfleet
