#include "loadctl/terminal/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace loadfleet {

bool IsScreen(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) == 1 && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

bool WantsColor(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return IsScreen(fd) && (no_color == nullptr || *no_color == '\0');
}

size_t ScreenColumns(int fd) {
  winsize size = {};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace loadfleet
