#include "agent/scenario/navigation.h"

#include <utility>

#include "agent/http/request_changes.h"

namespace loadfleet {
namespace {

constexpr uint16_t kMovedPermanently = 301;
constexpr uint16_t kFound = 302;
constexpr uint16_t kSeeOther = 303;
constexpr uint16_t kTemporaryRedirect = 307;
constexpr uint16_t kPermanentRedirect = 308;

// RFC 9110, 15.4: those whose Location is where to go now.
bool IsRedirect(uint16_t status) {
  return status == kMovedPermanently || status == kFound || status == kSeeOther ||
         status == kTemporaryRedirect || status == kPermanentRedirect;
}

// Whether a GET without a body follows: always after 303, and as every browser has it after a POST.
bool BecomesGet(uint16_t status, absl::string_view method) {
  if (method == "GET" || method == "HEAD") return false;
  if (status == kSeeOther) return true;
  return (status == kMovedPermanently || status == kFound) && method == "POST";
}

absl::string_view MethodOf(const RequestBytes& request) {
  return absl::string_view(request.wire).substr(0, request.wire.find(' '));
}

}  // namespace

Navigation Navigation::Of(const v1::Request& request, bool cookies, bool elsewhere,
                          const ResponseInterest* checks) {
  Navigation made;
  made.origin.secure = request.origin().scheme() == v1::SCHEME_HTTPS;
  made.origin.host = request.origin().host();
  made.origin.port = static_cast<uint16_t>(request.origin().port());
  // What a version means for one scheme alone says nothing of the other.
  if (request.version() == v1::HTTP_VERSION_1_1) made.secure_protocol = Protocol::kHttp1;
  if (request.version() == v1::HTTP_VERSION_2) made.secure_protocol = Protocol::kHttp2;
  if (request.version() == v1::HTTP_VERSION_H2C) made.clear_protocol = Protocol::kHttp2;
  made.cookies = cookies;
  made.redirects = request.redirects();
  made.elsewhere = elsewhere;
  if (checks != nullptr) made.interest = *checks;
  if (cookies) made.set_cookie = made.interest.SlotOf("set-cookie");
  made.interest.only_cookies =
      cookies && made.redirects == 0 && (checks == nullptr || !checks->any());
  if (made.redirects > 0) made.location = made.interest.SlotOf("location");
  return made;
}

Transport* Navigator::Depart(Exchange* exchange, Visit* visit) const {
  const Navigation& navigation = *exchange->request->navigation;
  visit->followed = 0;
  visit->bytes_sent = visit->bytes_received = 0;
  visit->resent = false;
  visit->origin = &navigation.origin;
  visit->bytes = &exchange->bytes();
  Transport* transport = transports_[exchange->request->origin];
  if (navigation.elsewhere && !visit->there.origin.host.empty()) {
    RequestChanges changes;
    changes.origin = visit->origin = &visit->there.origin;
    ChangeRequest(*visit->bytes, changes, &visit->changed);
    exchange->filled_in = visit->bytes = &visit->changed;
    transport = Elsewhere(navigation, *visit->origin);
  }
  AddCookies(exchange, visit);
  return transport;
}

// Null: load may not go there.
Transport* Navigator::Elsewhere(const Navigation& navigation, const OriginName& origin) const {
  if (destinations_ == nullptr) return nullptr;
  return destinations_->To(origin,
                           origin.secure ? navigation.secure_protocol : navigation.clear_protocol);
}

void Navigator::AddCookies(Exchange* exchange, Visit* visit) const {
  if (!exchange->request->navigation->cookies || visit->jar.empty()) return;
  visit->cookies.clear();
  visit->jar.AppendFor(*visit->origin, TargetOf(*visit->bytes), HeaderOf(*visit->bytes, "cookie"),
                       clock_.Now(), &visit->cookies);
  if (visit->cookies.empty()) return;
  RequestChanges changes;
  changes.cookies = visit->cookies;
  ChangeRequest(*visit->bytes, changes, &visit->with_cookies);
  exchange->filled_in = &visit->with_cookies;
}

Transport* Navigator::Follow(Exchange* exchange, Visit* visit, bool more, Result* result) const {
  const Navigation& navigation = *exchange->request->navigation;
  if (HasResponse(result->outcome) && navigation.cookies) {
    if (const std::string* lines = exchange->kept->value(navigation.set_cookie)) {
      visit->jar.Store(*lines, *visit->origin, TargetOf(*visit->bytes),
                       {clock_.Now(), clock_.WallMillis()});
    }
  }
  const bool leads_on = LeadsOn(*exchange, visit, *result);
  if (leads_on && !more) {
    *result = {Outcome::kInterrupted, 0, result->bytes_received, result->bytes_sent};
  }
  if (!leads_on || !more) {
    Arrive(exchange, *visit, result);
    return nullptr;
  }
  const OriginName& next = visit->next.origin;
  Transport* const transport = next == navigation.origin ? transports_[exchange->request->origin]
                                                         : Elsewhere(navigation, next);
  if (transport == nullptr) {
    *result = {Outcome::kBlockedTarget, 0, result->bytes_received, result->bytes_sent};
    Arrive(exchange, *visit, result);
    return nullptr;
  }
  if (visit->followed++ == 0) visit->sent = exchange->sent;
  visit->bytes_sent += result->bytes_sent;
  visit->bytes_received += result->bytes_received;
  visit->resent = visit->resent || exchange->resent;
  Change(visit, result->status);
  exchange->filled_in = visit->bytes;
  exchange->sent = 0;
  exchange->resent = false;
  AddCookies(exchange, visit);
  exchange->kept->Begin(navigation.interest);
  return transport;
}

// Where to is in visit->next then.
bool Navigator::LeadsOn(const Exchange& exchange, Visit* visit, const Result& result) {
  const Navigation& navigation = *exchange.request->navigation;
  if (!HasResponse(result.outcome) || !IsRedirect(result.status)) return false;
  if (visit->followed >= navigation.redirects) return false;
  const std::string* location = exchange.kept->value(navigation.location);
  return location != nullptr &&
         ResolveLocation(*location, *visit->origin, TargetOf(*visit->bytes), &visit->next);
}

void Navigator::Change(Visit* visit, uint16_t status) {
  RequestChanges changes;
  changes.target = visit->next.target;
  if (BecomesGet(status, MethodOf(*visit->bytes))) {
    changes.method = "GET";
    changes.without_body = true;
  }
  if (visit->next.origin != *visit->origin) {
    changes.origin = &visit->next.origin;
    changes.without_credentials = true;
  }
  ChangeRequest(*visit->bytes, changes, &visit->changing);
  std::swap(visit->changed, visit->changing);
  visit->bytes = &visit->changed;
  std::swap(visit->there, visit->next);
  visit->origin = &visit->there.origin;
}

void Navigator::Arrive(Exchange* exchange, const Visit& visit, Result* result) {
  if (visit.followed == 0) return;
  exchange->sent = visit.sent;
  exchange->resent = exchange->resent || visit.resent;
  result->bytes_sent += visit.bytes_sent;
  result->bytes_received += visit.bytes_received;
}

}  // namespace loadfleet
