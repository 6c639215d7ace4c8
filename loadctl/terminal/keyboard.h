// Single keys from a terminal, without a return key.
#pragma once

#include <termios.h>

namespace loadfleet {

// While it lives, the terminal behind `fd` hands over keys as they are pressed and does not echo
// them; Ctrl-C still is a signal. Not thread-safe; does not own `fd`.
class Keyboard {
 public:
  explicit Keyboard(int fd);
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  int fd() const { return fd_; }

  // The next key, or 0 when there is none (any more). To be called when fd() is readable.
  char Read() const;

 private:
  const int fd_;
  termios before_ = {};
  bool is_terminal_;
};

}  // namespace loadfleet
