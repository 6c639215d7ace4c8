// Responses of HTTP/1.1 that may fail, kept from their first bytes on for people to read.
#pragma once

#include <string_view>

#include "agent/http/response_parser.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

// After the first read of a response that is not whole; `wire` is what it brought. One that comes
// in one read needs none of this (Result::wire), nor does a success that nobody checks.
inline void ShowIfItMayFail(ResponseParser& parser, Exchange& exchange, std::string_view wire) {
  if (!parser.MayFail() && exchange.request->checks == nullptr) return;
  if (exchange.shown == nullptr) exchange.listener->OnMayFail(exchange);
  if (exchange.shown != nullptr) parser.Show(exchange.shown, wire.data(), wire.size());
}

}  // namespace loadfleet
