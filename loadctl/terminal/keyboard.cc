#include "loadctl/terminal/keyboard.h"

#include <unistd.h>

namespace loadfleet {

Keyboard::Keyboard(int fd) : fd_(fd), is_terminal_(tcgetattr(fd, &before_) == 0) {
  if (!is_terminal_) return;
  termios single = before_;
  single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  single.c_cc[VMIN] = 1;
  single.c_cc[VTIME] = 0;
  tcsetattr(fd_, TCSADRAIN, &single);
}

Keyboard::~Keyboard() {
  if (is_terminal_) tcsetattr(fd_, TCSADRAIN, &before_);
}

char Keyboard::Read() const {
  char key = 0;
  return read(fd_, &key, 1) == 1 ? key : '\0';
}

}  // namespace loadfleet
