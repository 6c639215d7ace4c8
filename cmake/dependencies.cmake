# Everything here is packaged by Debian 12 (./dev installs it); other systems need the same CMake names.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(ZLIB REQUIRED)

find_path(CIVETWEB_INCLUDE civetweb.h REQUIRED)
find_library(CIVETWEB_LIBRARY civetweb REQUIRED)
add_library(civetweb INTERFACE)
target_include_directories(civetweb SYSTEM INTERFACE ${CIVETWEB_INCLUDE})
target_link_libraries(civetweb INTERFACE ${CIVETWEB_LIBRARY})

find_path(LIBYAML_INCLUDE yaml.h REQUIRED)
find_library(LIBYAML_LIBRARY yaml REQUIRED)
add_library(libyaml INTERFACE)
target_include_directories(libyaml SYSTEM INTERFACE ${LIBYAML_INCLUDE})
target_link_libraries(libyaml INTERFACE ${LIBYAML_LIBRARY})

find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
add_library(re2 INTERFACE)
target_include_directories(re2 SYSTEM INTERFACE ${RE2_INCLUDE})
target_link_libraries(re2 INTERFACE ${RE2_LIBRARY})

find_path(NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(nghttp2 INTERFACE)
target_include_directories(nghttp2 SYSTEM INTERFACE ${NGHTTP2_INCLUDE})
target_link_libraries(nghttp2 INTERFACE ${NGHTTP2_LIBRARY})

find_path(BROTLI_INCLUDE brotli/decode.h REQUIRED)
find_library(BROTLIDEC_LIBRARY brotlidec REQUIRED)
add_library(brotlidec INTERFACE)
target_include_directories(brotlidec SYSTEM INTERFACE ${BROTLI_INCLUDE})
target_link_libraries(brotlidec INTERFACE ${BROTLIDEC_LIBRARY})

find_path(CARES_INCLUDE ares.h REQUIRED)
find_library(CARES_LIBRARY cares REQUIRED)
add_library(cares INTERFACE)
target_include_directories(cares SYSTEM INTERFACE ${CARES_INCLUDE})
target_link_libraries(cares INTERFACE ${CARES_LIBRARY})

# nghttp2 and OpenSSL allocate for every request: tcmalloc does that for a tenth less CPU time than glibc. Linked into
# programs only; sanitizers bring an allocator of their own.
find_library(TCMALLOC_LIBRARY tcmalloc_minimal REQUIRED)
add_library(allocator INTERFACE)
if(NOT LOADFLEET_SANITIZE AND NOT LOADFLEET_FUZZ)
  target_link_options(allocator INTERFACE -Wl,--push-state,--no-as-needed ${TCMALLOC_LIBRARY} -Wl,--pop-state)
endif()

# Debian ships llhttp as C source (package node-llhttp) and no library.
find_path(LLHTTP_INCLUDE llhttp.h PATH_SUFFIXES llhttp PATHS /usr/share/include REQUIRED)
find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp REQUIRED)
add_library(llhttp STATIC ${LLHTTP_SOURCE}/llhttp.c ${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
target_compile_options(llhttp PRIVATE -O3 -w)
