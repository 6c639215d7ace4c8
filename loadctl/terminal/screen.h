// What is known of the terminal that loadctl was started in.
#pragma once

#include <cstddef>

namespace loadfleet {

// Whether `fd` is a terminal that can move its cursor (TERM is not "dumb").
bool IsScreen(int fd);

// Whether to colour what goes to `fd`: a screen, and NO_COLOR is not set (https://no-color.org).
bool WantsColor(int fd);

// The width of the terminal behind `fd`; 80 when it does not say.
size_t ScreenColumns(int fd);

}  // namespace loadfleet
