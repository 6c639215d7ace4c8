#include "tests/integration/browsed_site.h"

#include <civetweb.h>

#include <array>
#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kFirstPage = R"(<!doctype html>
<title>shop</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<img src="/teapot.gif" alt="teapot">
<script src="/shop.js"></script>
)";

constexpr absl::string_view kSecondPage = R"(<!doctype html>
<title>thanks</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<img src="/nowhere.gif" alt="missing" onerror="document.title = 'done'">
)";

constexpr absl::string_view kScript = R"(
const send = (path, body, headers = {}) => fetch(path, {method: 'POST', headers, body});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const giveUp = async (path) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await fetch(path, {signal: controller.signal}).catch(() => {});
};
const visit = async () => {
  const items = await (await fetch('/items')).json();
  await send('/orders', JSON.stringify({item: items[0], note: 'größer {x}'}), {'Content-Type': 'application/json'});
  await send('/search', new URLSearchParams({q: 'a cup & saucer', page: '1'}));
  const form = new FormData();
  form.append('text', 'plain');
  form.append('file', new Blob([new Uint8Array([0, 255, 1])]), 'bytes.bin');
  await send('/upload', form);
  await fetch('/old');
  await fetch('/items/1', {method: 'DELETE', headers: {Authorization: 'Bearer of-nobody'}});
  await fetch(URL.createObjectURL(new Blob(['blob'])));
  await fetch('data:text/plain,data');
  await giveUp('/silent');
  await new Promise((resolve) => {
    new WebSocket(location.origin.replace('http', 'ws') + '/live').onclose = resolve;
  });
  await pause(1200);
  await fetch('/items?page=2');
  location.href = '/thanks';
};
visit();
)";

// A pixel.
constexpr absl::string_view kImage = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
// ["teapot","cup"], as gzip -n makes it.
constexpr absl::string_view kItems = "H4sIAAAAAAAAA4tWKklNLMgvUdJRSi4tUIoFANQB0+MQAAAA";

struct Answer {
  int status = 200;
  const char* type = "text/plain";
  std::string body;
  const char* header = "";
};

Answer AnswerTo(absl::string_view path) {
  static constexpr char kKept[] = "Cache-Control: max-age=600\r\n";
  std::string bytes;
  if (path == "/") return {200, "text/html", std::string(kFirstPage), "Set-Cookie: sid=1\r\n"};
  if (path == "/thanks") return {200, "text/html", std::string(kSecondPage)};
  if (path == "/shop.css") return {200, "text/css", "body { margin: 0 }\n", kKept};
  if (path == "/shop.js")
    return {200, "text/javascript; charset=utf-8", std::string(kScript), kKept};
  if (path == "/old") return {302, "text/plain", "", "Location: /new\r\n"};
  if (path == "/teapot.gif" && absl::Base64Unescape(kImage, &bytes)) {
    return {200, "image/gif", bytes, kKept};
  }
  if (path == "/items" && absl::Base64Unescape(kItems, &bytes)) {
    return {200, "application/json", bytes, "Content-Encoding: gzip\r\n"};
  }
  for (const absl::string_view known : {"/orders", "/search", "/upload", "/new", "/items/1"}) {
    if (path == known) return {200, "application/json", "{}"};
  }
  return {404, "text/plain", "nothing is here\n"};
}

// The body of a request stands before the next one on its connection.
void ReadBody(mg_connection* connection) {
  std::array<char, 4'096> bytes;
  while (mg_read(connection, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

BrowsedSite::BrowsedSite() {
  static const unsigned library_is_ready = mg_init_library(0);
  static_cast<void>(library_is_ready);
  std::array<const char*, 9> options = {
      "listening_ports", "127.0.0.1:0", "num_threads", "16", "enable_keep_alive", "yes",
      "tcp_nodelay",     "1",           nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &BrowsedSite::OnRequest;
  context_ = mg_start(&callbacks, this, options.data());
  if (context_ == nullptr) throw std::runtime_error("no port to serve a site on");
}

BrowsedSite::~BrowsedSite() {
  closing_.Notify();
  mg_stop(context_);
}

std::string BrowsedSite::url() const {
  mg_server_port port{};
  mg_get_server_ports(context_, 1, &port);
  return absl::StrCat("http://127.0.0.1:", port.port);
}

std::map<std::string, int> BrowsedSite::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

int BrowsedSite::OnRequest(mg_connection* connection) {
  const mg_request_info& request = *mg_get_request_info(connection);
  auto& site = *static_cast<BrowsedSite*>(mg_get_user_data(mg_get_context(connection)));
  {
    absl::MutexLock lock(&site.mutex_);
    ++site.requests_[absl::StrCat(request.request_method, " ", request.local_uri)];
  }
  ReadBody(connection);
  if (absl::string_view(request.local_uri) == "/silent") site.closing_.WaitForNotification();
  const Answer answer = AnswerTo(request.local_uri);
  const std::string response = absl::StrCat(
      "HTTP/1.1 ", answer.status, " ", mg_get_response_code_text(connection, answer.status),
      "\r\nContent-Type: ", answer.type, "\r\nContent-Length: ", answer.body.size(), "\r\n",
      answer.header, "\r\n", answer.body);
  mg_write(connection, response.data(), response.size());
  return answer.status;
}

}  // namespace loadfleet
