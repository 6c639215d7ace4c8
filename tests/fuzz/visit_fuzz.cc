#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "agent/http/content_decoder.h"
#include "agent/http/cookie_jar.h"
#include "agent/http/location.h"
#include "common/limits.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/require.h"

namespace loadfleet {
namespace {

const OriginName kOrigin = {false, "www.shop.test", 8080};
constexpr char kTarget[] = "/a/b/c?d";

bool Visible(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

void FuzzLocation(absl::string_view text) {
  Location location;
  if (!ResolveLocation(text, kOrigin, kTarget, &location)) return;
  const std::string& target = location.target;
  Require(!target.empty() && target[0] == '/', "a target begins with a slash");
  Require(Visible(target) && target.find('#') == std::string::npos, "it fits a request line");
  Require(target.size() <= limits::kTargetBytes, "it is no longer than servers take");
  Require(!location.origin.host.empty() && Visible(location.origin.host), "there is a host");
  Require(location.origin.port != 0, "and a port");
  std::string url = location.origin.secure ? "https://" : "http://";
  AppendAuthority(location.origin, &url);
  Location again;
  Require(ParseLocation(url + target, &again), "what was resolved is a URL");
  Require(again.origin == location.origin && again.target == target, "and the same one");
}

void FuzzCookies(absl::string_view lines) {
  CookieJar jar;
  jar.Store(lines, kOrigin, kTarget, {0, 784'111'777'000});
  Require(jar.size() <= limits::kCookies, "a jar is bounded");
  for (const OriginName& origin : {kOrigin, OriginName{true, "shop.test", 443}}) {
    std::string header;
    jar.AppendFor(origin, kTarget, "own=1", 0, &header);
    Require(header.size() <= limits::kHeaderBytes, "a header is bounded");
    Require(std::none_of(header.begin(), header.end(),
                         [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; }),
            "it ends no line");
  }
  std::string elsewhere;
  jar.AppendFor({false, "other.test", 80}, kTarget, "", 0, &elsewhere);
  Require(elsewhere.empty(), "another site gets nothing");
}

void FuzzContent(absl::string_view codings, absl::string_view content) {
  std::string text(content);
  if (ContentDecoder().Decode(codings, &text) != ContentDecoder::Result::kDone) return;
  Require(text.size() <= std::max(limits::kDecodedBodyBytes, content.size()), "it is bounded");
}

}  // namespace

void FuzzVisit(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'l':
      return FuzzLocation(rest);
    case 'c':
      return FuzzCookies(rest);
    case 'g':
      return FuzzContent("gzip", rest);
    case 'd':
      return FuzzContent("deflate", rest);
    case 'b':
      return FuzzContent("br", rest);
    default:
      return;
  }
}

}  // namespace loadfleet
