# Installs the sections of deploy/packages.txt that a verb names. Sourced by ./dev.

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root, and there is no sudo; as root: apt-get install ${missing[*]}"
  fi
}

# ensure_packages SECTION...: silent and without network when nothing is missing.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: nothing is installed, CMake looks for the same libraries by name"
    return
  fi
  local wanted missing
  mapfile -t wanted < <("$root/deploy/packages" "$@")
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' 2>/dev/null |
      awk '$1 == "installed" { sub(/:.*/, "", $2); print $2 }' | sort))
  [[ ${#missing[@]} -eq 0 ]] && return
  say "installing ${missing[*]}"
  as_root bash "$root/dev.d/install.sh" "${missing[@]}"
}
