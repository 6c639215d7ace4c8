// What travels and what is stored must be readable by other versions: fields are added, never
// renumbered, retyped or removed. tests/golden/protos.txt holds every one; whoever adds a field
// adds its line there, and a line that changes or goes is a new protocol major.
#include <fstream>
#include <sstream>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::string TypeOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

void Describe(const EnumDescriptor& type, std::ostream& out) {
  for (int i = 0; i < type.value_count(); ++i) {
    out << type.full_name() << " " << type.value(i)->number() << " " << type.value(i)->name()
        << "\n";
  }
}

void Describe(const Descriptor& message, std::ostream& out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    out << message.full_name() << " " << field.number() << " "
        << (field.is_repeated() ? "repeated " : "") << TypeOf(field) << " " << field.name() << "\n";
  }
  for (int i = 0; i < message.enum_type_count(); ++i) Describe(*message.enum_type(i), out);
  for (int i = 0; i < message.nested_type_count(); ++i) Describe(*message.nested_type(i), out);
}

std::string DescribeAll() {
  std::ostringstream out;
  for (const FileDescriptor* file :
       {v1::Plan::descriptor()->file(), v1::Window::descriptor()->file(),
        v1::Register::descriptor()->file(), v1::Report::descriptor()->file(),
        v1::PlanSource::descriptor()->file()}) {
    for (int i = 0; i < file->enum_type_count(); ++i) Describe(*file->enum_type(i), out);
    for (int i = 0; i < file->message_type_count(); ++i) Describe(*file->message_type(i), out);
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        const auto& method = *file->service(i)->method(j);
        out << method.full_name() << " " << (method.client_streaming() ? "stream " : "")
            << method.input_type()->full_name() << " -> "
            << (method.server_streaming() ? "stream " : "") << method.output_type()->full_name()
            << "\n";
      }
    }
  }
  return out.str();
}

TEST(Protos, AreWhatOtherVersionsExpect) {
  std::ifstream file(GOLDEN);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(DescribeAll(), golden.str());
}

}  // namespace
}  // namespace loadfleet
