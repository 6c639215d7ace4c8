// What a plan holds that nobody may see but the agents: the values of the variables that it lists
// in `secrets`, private keys, and what an Authorization header says.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The values of a plan's secrets in every form that the plan and the agent make of them. Immutable
// but for Add; copies are cheap enough for the control plane.
class Secrets {
 public:
  // Shorter ones would be found in every other word.
  static constexpr size_t kLeastBytes = 4;

  // As it is, and as JSON, a form, a URL, base64 and a message that quotes it have it.
  void Add(absl::string_view value);
  // What `auth: {basic: ...}` has made of them: base64 of the user, a colon and the password.
  void AddCredentialsOf(const v1::Plan& plan);

  bool empty() const { return forms_.empty(); }

  // `text` with *** in the place of each of them; also where a message has cut one short ("...").
  std::string Hide(absl::string_view text) const;
  // Every text of the message, of all depths. In a v1::ExchangeRecord what a text ends with may
  // have been cut short too.
  void HideIn(google::protobuf::Message* message) const;

 private:
  void AddForm(std::string form);
  size_t CutShort(absl::string_view text) const;

  std::vector<std::string> forms_;  // the longest first: one may be part of another
};

// What may be stored and shown.
v1::Plan WithoutSecrets(v1::Plan plan, const Secrets& secrets = {});

}  // namespace loadfleet
