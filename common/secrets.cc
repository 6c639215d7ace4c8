#include "common/secrets.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/percent_encoding.h"
#include "common/plan_shape.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kHidden = "***";
constexpr char kCut[] = "...";

std::string InJson(absl::string_view text) {
  const std::string quoted = nlohmann::json(std::string(text))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// With everything encoded that a client may leave as it is.
std::string InUrl(absl::string_view text) {
  std::string encoded;
  AppendPercentEncoded(text, &encoded);
  return encoded;
}

std::string InForm(absl::string_view text) {
  std::string encoded;
  AppendFormEncoded(text, &encoded);
  return encoded;
}

// As the agent makes a text fit for a request line.
std::string InRequestLine(absl::string_view text) {
  std::string encoded;
  AppendVisible(text, &encoded);
  return encoded;
}

}  // namespace

void Secrets::Add(absl::string_view value) {
  if (value.size() < kLeastBytes) return;
  AddForm(std::string(value));
  AddForm(InJson(value));
  AddForm(InForm(value));
  AddForm(InUrl(value));
  AddForm(InRequestLine(value));
  AddForm(absl::Base64Escape(value));
  AddForm(absl::Utf8SafeCEscape(value));
}

void Secrets::AddForm(std::string form) {
  const auto longer = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  };
  const auto at = std::lower_bound(forms_.begin(), forms_.end(), form, longer);
  if (at == forms_.end() || *at != form) forms_.insert(at, std::move(form));
}

void Secrets::AddCredentialsOf(const v1::Plan& plan) {
  if (empty()) return;
  for (const v1::Request* request : RequestsOf(plan)) {
    for (const v1::Header& header : request->headers()) {
      absl::string_view encoded = header.value();
      std::string decoded;
      if (!absl::EqualsIgnoreCase(header.name(), "Authorization") ||
          !absl::ConsumePrefix(&encoded, "Basic ") || !absl::Base64Unescape(encoded, &decoded)) {
        continue;
      }
      if (Hide(decoded) != decoded) AddForm(std::string(encoded));
    }
  }
}

// How many bytes at the end of `text` are the beginning of a secret.
size_t Secrets::CutShort(absl::string_view text) const {
  size_t longest = 0;
  for (const absl::string_view form : forms_) {
    for (size_t size = std::min(text.size(), form.size() - 1); size >= kLeastBytes; --size) {
      if (!absl::EndsWith(text, form.substr(0, size))) continue;
      longest = std::max(longest, size);
      break;
    }
  }
  return longest;
}

std::string Secrets::Hide(absl::string_view text) const {
  std::string shown(text);
  for (const std::string& form : forms_) {
    for (size_t at = shown.find(form); at != shown.npos; at = shown.find(form, at)) {
      shown.replace(at, form.size(), kHidden.data(), kHidden.size());
      at += kHidden.size();
    }
  }
  if (empty()) return shown;
  for (size_t at = shown.find(kCut); at != shown.npos; at = shown.find(kCut, at + 1)) {
    const size_t cut = CutShort(absl::string_view(shown).substr(0, at));
    if (cut == 0) continue;
    shown.replace(at - cut, cut, kHidden.data(), kHidden.size());
    at = at - cut + kHidden.size();
  }
  return shown;
}

void Secrets::HideIn(Message* message) const {
  if (empty()) return;
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  const bool record = message->GetDescriptor() == v1::ExchangeRecord::descriptor();
  const auto hidden = [this, record](const std::string& text) {
    std::string shown = Hide(text);
    if (const size_t cut = record ? CutShort(shown) : 0; cut > 0) {
      shown.replace(shown.size() - cut, cut, kHidden.data(), kHidden.size());
    }
    return shown;
  };
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        HideIn(field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, i)
                                    : reflection.MutableMessage(message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && field->is_repeated()) {
        reflection.SetRepeatedString(message, field, i,
                                     hidden(reflection.GetRepeatedString(*message, field, i)));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection.SetString(message, field, hidden(reflection.GetString(*message, field)));
      }
    }
  }
}

v1::Plan WithoutSecrets(v1::Plan plan, const Secrets& secrets) {
  plan.mutable_tls()->clear_key();
  plan.clear_setup_values();
  for (v1::Flow& flow : *plan.mutable_flows()) {
    for (v1::Request* request : MutableRequestsOf(&flow)) {
      for (v1::Header& header : *request->mutable_headers()) {
        if (absl::EqualsIgnoreCase(header.name(), "Authorization")) header.set_value("(hidden)");
      }
    }
  }
  const google::protobuf::RepeatedPtrField<std::string> names = plan.secrets();
  secrets.HideIn(&plan);
  *plan.mutable_secrets() = names;
  return plan;
}

}  // namespace loadfleet
