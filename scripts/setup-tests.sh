#!/usr/bin/env bash
# Installs what the integration tests need from the distribution's own archive (Debian and Ubuntu). No service is
# started: the tests start their own servers in namespaces. Without these packages the tests that need them are
# skipped and say so.
set -euo pipefail

packages=(
  nginx redis-server                         # the servers that are audited
  strace iproute2 util-linux procps systemd  # ss, ip, unshare, nsenter, setpriv, systemd-socket-activate
  python3 qemu-system-x86 qemu-utils busybox-static kmod lz4 zstd mmdebstrap e2fsprogs # test/tools/vmtest
)

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! command -v apt-get >/dev/null; then
  echo "setup-tests: no apt-get here; install by hand: ${packages[*]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup-tests: everything is installed"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "setup-tests: needs root to install: ${missing[*]}" >&2
  exit 1
fi

# invoke-rc.d asks this file; 101 forbids to start or restart anything (/usr/share/doc/init-system-helpers).
policy=/usr/sbin/policy-rc.d
kept=''
put_policy_back() {
  rm -f "$policy"
  if [ -n "$kept" ]; then mv "$kept" "$policy"; fi
}
if [ -e "$policy" ]; then
  kept="$policy.kept-by-backlogctl-tests"
  mv "$policy" "$kept"
fi
trap put_policy_back EXIT
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
echo "setup-tests: installing ${missing[*]}"
apt-get -qq update </dev/null
# From Debian 13 on virtiofsd is a package of its own.
if [ ! -e /usr/lib/qemu/virtiofsd ] && apt-cache show virtiofsd >/dev/null 2>&1 && ! is_installed virtiofsd; then
  missing+=(virtiofsd)
fi
apt-get -qq install --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null
echo "setup-tests: done"
