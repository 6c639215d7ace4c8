#include "common/plan/outputs_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kFormats[] = {"csv",  "hgrm",  "hlog",     "html",
                                          "json", "junit", "markdown", "text"};

bool BelowThePlan(absl::string_view file) {
  if (file.empty() || file.front() == '/') return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(file, '/');
  return std::find(parts.begin(), parts.end(), "..") == parts.end();
}

}  // namespace

void ReadOutputs(MapReader map, v1::Plan* plan) {
  for (const absl::string_view format : kFormats) {
    const Node* file = map.Text(format, "a file's name");
    if (file == nullptr) continue;
    if (!CheckName(absl::StrCat("`", format, "`"), file->text, file->place, map.problems())) {
      continue;
    }
    if (!BelowThePlan(file->text)) {
      map.Add(format, file->place,
              absl::StrCat("a plan's outputs lie below its own folder, ", Quoted(file->text),
                           " does not; `--out FILE` writes anywhere"));
      continue;
    }
    v1::Output* output = plan->add_outputs();
    output->set_format(std::string(format));
    output->set_file(file->text);
  }
  map.Finish();
}

}  // namespace loadfleet
