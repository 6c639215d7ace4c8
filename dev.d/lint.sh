# ./dev lint. What a checker found clean is remembered under build/lint by the content of the file and of every header of ours that
# it reaches, so that a second call looks only at what has changed. Sourced by ./dev.

lint_cache=build/lint
lint_failed=0

stage_failed() {
  printf 'lint: %s\n' "$*" >&2
  lint_failed=1
}

lint() {
  lint_format
  lint_paths
  # The generated protobuf headers must exist before anything is parsed.
  compile release loadfleet_rpc >/dev/null
  mkdir -p "$lint_cache"
  fingerprints >"$lint_cache/fingerprints"
  lint_headers
  lint_tidy
  [[ $lint_failed -eq 0 ]] || return 1
  say "lint: clean"
}

lint_format() {
  say "lint: clang-format"
  git ls-files -z '*.h' '*.cc' | xargs -0 clang-format-14 --dry-run -Werror || stage_failed "./dev format mends this"
}

# A checkout must stand alone: no file may point at its parent folders or at somebody's home.
lint_paths() {
  say "lint: paths"
  local file path
  while IFS=: read -r file path; do
    path=${path#"${path%%.*}"}
    [[ $(realpath -m "$(dirname "$file")/$path") == "$root"/* ]] || stage_failed "$file: $path leaves the repository"
  done < <(git grep -IoE '(^|[^A-Za-z0-9_./-])(\.\./)+[A-Za-z0-9_./-]*' -- ':!dev.d/lint.sh' || true)
  ! git grep -InE "(/home|/Users)/[a-z]|$root(/|\$)" -- ':!dev.d/lint.sh' || stage_failed "a path of one machine"
}

# One line per source file: its path and a hash of it, of all that it includes from this repository, and of what judges it.
fingerprints() {
  local judges
  judges=$(cat .clang-tidy dev.d/lint.sh CMakePresets.json cmake/*.cmake proto/CMakeLists.txt proto/loadfleet/v1/*.proto | sha256sum)
  git ls-files '*.h' '*.cc' | xargs sha256sum | awk '{ print $2, $1 }' >"$lint_cache/contents"
  git grep -hE '^#include "' -- '*.h' '*.cc' >/dev/null || return 0
  git grep -E '^#include "' -- '*.h' '*.cc' | sed -E 's/^([^:]+):#include "([^"]+)".*/\1 \2/' |
    awk -v judges="$judges" '
      FILENAME != "-" { hash[$1] = $2; next }
      $2 in hash { includes[$1] = includes[$1] " " $2 }
      function reach(file, seen,   i, n, list) {
        if (file in seen) return
        seen[file]
        n = split(includes[file], list, " ")
        for (i = 1; i <= n; i++) reach(list[i], seen)
      }
      END {
        for (file in hash) {
          delete seen
          reach(file, seen)
          line = file " " judges
          for (other in hash) if (other in seen) line = line " " hash[other]
          print line
        }
      }' "$lint_cache/contents" - |
    while read -r file rest; do
      printf '%s %s\n' "$file" "$(sha256sum <<<"$rest" | cut -c1-32)"
    done
}

# unchecked KIND FILE...: those that KIND has not yet found clean, as "file fingerprint".
unchecked() {
  local kind=$1 file
  shift
  for file in "$@"; do
    local print
    print=$(awk -v file="$file" '$1 == file { print $2 }' "$lint_cache/fingerprints")
    [[ -e $lint_cache/$kind.$print ]] || printf '%s %s\n' "$file" "$print"
  done
}

# A header that its own .cc includes first is shown to be self-contained by the build; the others are compiled alone.
lint_headers() {
  say "lint: self-contained headers"
  local header flags alone=()
  for header in $(git ls-files '*.h'); do
    local source=${header%.h}.cc
    if [[ ! -e $source ]] || [[ $(grep -m1 '^#include' "$source") != "#include \"$header\"" ]]; then alone+=("$header"); fi
  done
  flags=$(grep -ohE -- '-(I|isystem )[^ "\\]+' build/release/compile_commands.json | sort -u | tr '\n' ' ')
  export flags lint_cache
  unchecked header "${alone[@]}" | xargs -r -P "$jobs" -L 1 bash -c '
    g++ -std=c++20 $flags -x c++ -include "$1" -fsyntax-only - <<<"" && touch "$lint_cache/header.$2"' _ ||
    stage_failed "a header does not compile alone"
}

# clang-tidy reads the commands of g++; -Wthread-safety makes it check the locks too, which g++ cannot.
lint_tidy() {
  say "lint: clang-tidy"
  export lint_cache
  mapfile -t sources < <(git ls-files 'common/*.cc' 'agent/*.cc' 'master/*.cc' 'loadctl/*.cc' 'target/*.cc')
  unchecked tidy "${sources[@]}" | xargs -r -P "$jobs" -L 1 bash -c '
    if found=$(clang-tidy-14 -p build/release --quiet --extra-arg=-Wthread-safety "$1" 2>/dev/null); then
      touch "$lint_cache/tidy.$2"
    else
      printf "%s\n" "$found"
      exit 1
    fi' _ || stage_failed "clang-tidy"
}
