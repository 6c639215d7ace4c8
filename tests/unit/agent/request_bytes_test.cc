#include "agent/http/request_bytes.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

v1::Request Get(const std::string& host, uint32_t port, const std::string& target) {
  v1::Request request;
  request.set_method("GET");
  request.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
  request.mutable_origin()->set_host(host);
  request.mutable_origin()->set_port(port);
  request.set_target(target);
  return request;
}

void AddHeader(v1::Request& request, const std::string& name, const std::string& value) {
  v1::Header* header = request.add_headers();
  header->set_name(name);
  header->set_value(value);
}

TEST(RenderRequest, AGetIsTheShortestRequestThatServersExpect) {
  EXPECT_EQ(RenderRequest(Get("localhost", 8080, "/ping?x=1"), true),
            "GET /ping?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: loadfleet\r\n\r\n");
}

TEST(RenderRequest, DefaultPortsAreLeftOutAndIpv6IsBracketed) {
  EXPECT_EQ(Authority(Get("example.test", 80, "/").origin()), "example.test");
  EXPECT_EQ(Authority(Get("::1", 8080, "/").origin()), "[::1]:8080");
}

TEST(RenderRequest, ABodyCarriesItsLengthAndThePlansHeadersWin) {
  v1::Request request = Get("h", 80, "/");
  request.set_method("POST");
  request.set_body("abc");
  AddHeader(request, "host", "other");
  AddHeader(request, "USER-AGENT", "mine");
  EXPECT_EQ(RenderRequest(request, true),
            "POST / HTTP/1.1\r\nhost: other\r\nUSER-AGENT: mine\r\nContent-Length: 3\r\n\r\nabc");
}

TEST(RenderRequest, APostWithoutABodySaysSo) {
  v1::Request request = Get("h", 80, "/");
  request.set_method("POST");
  EXPECT_NE(RenderRequest(request, true).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(RenderRequest, WithoutKeepAliveTheConnectionCloses) {
  EXPECT_NE(RenderRequest(Get("h", 80, "/"), false).find("Connection: close\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace loadfleet
