// What a browser does around a request: cookies, redirects, and URLs that lead elsewhere. A request
// that has none of it has no Navigation, and pays for none.
#pragma once

#include <memory>
#include <string>

#include "absl/types/span.h"
#include "agent/connection/connection_pool.h"
#include "agent/http/cookie_jar.h"
#include "agent/http/kept_response.h"
#include "agent/http/location.h"
#include "agent/scenario/exchange.h"
#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Of one request. Immutable, and shared by all workers.
struct Navigation {
  OriginName origin;                             // the plan's
  Protocol clear_protocol = Protocol::kHttp1;    // of other origins
  Protocol secure_protocol = Protocol::kByAlpn;  // likewise
  bool cookies = false;
  uint32_t redirects = 0;     // that are followed at most
  bool elsewhere = false;     // its path may turn out to be a URL
  ResponseInterest interest;  // of its checks, and of this
  size_t set_cookie = 0;      // of the interest, with `cookies`
  size_t location = 0;        // of the interest, with `redirects`

  // `checks` is what else is looked at; null: nothing.
  static Navigation Of(const v1::Request& request, bool cookies, bool elsewhere,
                       const ResponseInterest* checks);
  bool leaves_its_origin() const { return redirects > 0 || elsewhere; }
};

// Where requests can go that the plan does not name. A test double stands in for the network.
class Destinations {
 public:
  virtual ~Destinations() = default;
  // Null: load may not go there, or there are as many of them already as there may be.
  virtual Transport* To(const OriginName& origin, Protocol protocol) = 0;
};

// One iteration's, and reused: its buffers stay.
struct Visit {
  CookieJar jar;
  const OriginName* origin = nullptr;   // where its request goes
  const RequestBytes* bytes = nullptr;  // what is sent there, without what the jar adds
  uint32_t followed = 0;                // redirects
  Nanos sent = 0;                       // the first request, when any was followed
  uint64_t bytes_sent = 0;              // of those before the last
  uint64_t bytes_received = 0;          // likewise
  bool resent = false;                  // likewise

  Location there;        // the URL that was filled in, if it is one; after a redirect where it led
  Location next;         // where a redirect leads
  RequestBytes changed;  // where `bytes` are then
  RequestBytes changing;
  RequestBytes with_cookies;
  std::string cookies;
};

// One executor's; the worker's thread only.
class Navigator {
 public:
  // Borrows everything. `transports` by RequestTemplate::origin; `destinations` may be null: there
  // are no others.
  Navigator(const Clock& clock, absl::Span<Transport* const> transports, Destinations* destinations)
      : clock_(clock), transports_(transports), destinations_(destinations) {}

  // The exchange's request has a Navigation, and is filled in. Makes it ready for the transport
  // that comes back; null: load may not go there.
  Transport* Depart(Exchange* exchange, Visit* visit) const;

  // It has ended so. `more`: whether anything may be sent at all. Not null: it goes on there, once
  // more from the start. Null: that was it, and `exchange` and `result` are of all there was.
  Transport* Follow(Exchange* exchange, Visit* visit, bool more, Result* result) const;

  // Whether what is sent now is one more request of the same exchange, whose times are counted from
  // the first.
  static bool Resumes(Exchange* exchange, const Visit& visit) {
    if (visit.followed == 0) return false;
    exchange->sent = visit.sent;
    return true;
  }

 private:
  Transport* Elsewhere(const Navigation& navigation, const OriginName& origin) const;
  static bool LeadsOn(const Exchange& exchange, Visit* visit, const Result& result);
  static void Change(Visit* visit, uint16_t status);
  void AddCookies(Exchange* exchange, Visit* visit) const;
  static void Arrive(Exchange* exchange, const Visit& visit, Result* result);

  const Clock& clock_;
  const absl::Span<Transport* const> transports_;
  Destinations* const destinations_;
};

}  // namespace loadfleet
