add_library(loadfleet_warnings INTERFACE)
target_compile_options(loadfleet_warnings INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor
                       -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Locks are annotated with ABSL_GUARDED_BY; only clang checks them.
  target_compile_options(loadfleet_warnings INTERFACE -Wthread-safety)
endif()

# Every library and program of ours is made by these two, so that each gets the same flags.
function(loadfleet_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PRIVATE loadfleet_warnings)
endfunction()

function(loadfleet_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE loadfleet_warnings)
endfunction()
