#!/bin/sh
# Fetches the real loaders of four Debian releases into a private cache, for runs.py: nothing is installed, and the
# machine's own package lists stay as they are. Needs apt-get, dpkg-deb, the Debian archive's keyring, and a Debian
# mirror in apt's configuration. A release that cannot be had is named, and the others are fetched. Prints the cache.
set -eu
cache=${LOADER_ROOTS:-$HOME/.cache/backlogctl-loaders}
mkdir -p "$cache"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m1 '/debian/*$') || mirror=

fetch() {
  work=$cache/.apt/$1
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/preferences"
  : >"$work/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$work/sources.list"
  cat >"$work/apt.conf" <<CONF
Dir::State "$work"; Dir::State::status "$work/status"; Dir::State::lists "$work/lists"; Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "$work/preferences";
APT::Architecture "amd64"; APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false";
CONF
  APT_CONFIG=$work/apt.conf apt-get -qq update &&
    APT_CONFIG=$work/apt.conf apt-get -qqy --no-install-recommends -d install procps systemd busybox >/dev/null &&
    unpack "$1"
}

# A root is there only once it is whole.
unpack() {
  root=$cache/.new-$1
  rm -rf "$root"
  mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/usr/local"
  for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$root/$directory"; done
  for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root" || return 1
  done
  mv "$root" "$cache/$1"
  rm -rf "$work"
}

for suite in bullseye bookworm trixie sid; do
  [ -d "$cache/$suite" ] || { [ -n "$mirror" ] && fetch "$suite"; } || echo "setup_roots: $suite cannot be had" >&2
done
echo "$cache"
