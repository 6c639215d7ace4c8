#!/usr/bin/env bash
# Installs the packages named, as root, without starting the daemons that some of them bring.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
saved=
restore() {
  rm -f "$policy"
  if [[ -n $saved ]]; then mv "$saved" "$policy"; fi
}
if [[ -e $policy || -L $policy ]]; then
  saved=$(mktemp -u "$policy.XXXXXX")
  mv "$policy" "$saved"
fi
trap restore EXIT
trap 'exit 130' INT TERM
# 101 is invoke-rc.d's "action forbidden by policy".
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
