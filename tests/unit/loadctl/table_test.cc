#include "loadctl/terminal/table.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({"RUN", "NAME", "STATE"});
  table.AddRow({"r-0001", "a", "running"});
  table.AddRow({"r-2", "caf\xC3\xA9 au lait", "ended"});
  EXPECT_EQ(table.ToText(),
            "RUN     NAME          STATE\n"
            "r-0001  a             running\n"
            "r-2     caf\xC3\xA9 au lait  ended\n");
}

TEST(Table, CellsCannotControlTheTerminal) {
  Table table({"NAME"});
  table.AddRow({"a\x1b[2Jb\n"});
  EXPECT_EQ(table.ToText(), "NAME\na[2Jb\n");
}

}  // namespace
}  // namespace loadfleet
