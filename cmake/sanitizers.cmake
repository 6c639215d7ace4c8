if(LOADFLEET_SANITIZE)
  # GCC: "-fsanitize options may cause -Wmaybe-uninitialized to warn of what is initialized"; std::regex does.
  add_compile_options(-Wno-maybe-uninitialized)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
