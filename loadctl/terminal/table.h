// Rows under headings, each column as wide as it must be.
#pragma once

#include <string>
#include <vector>

namespace loadfleet {

class Table {
 public:
  explicit Table(std::vector<std::string> headings);

  // As many cells as headings. What a cell holds is made safe to print.
  void AddRow(const std::vector<std::string>& cells);

  // Two spaces between columns, none at the end of a line; ends with a newline.
  std::string ToText() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace loadfleet
