#!/bin/sh
# The first process of a sandbox, started by test/tools/sandbox.ts in fresh network, mount and PID namespaces.
# What the tests do here ends here: the root is a tmpfs with this machine's directories bound into it, /proc/sys is
# read-only but for the network namespace's own keys, /etc and what servers write to are private. It ends, and
# everything with it, when its standard input is closed.
set -eu
product=$1 node=$2

# Still the outer /proc: our PID as nsenter(1) outside needs it.
read -r outer _ </proc/self/stat

mount --make-rprivate /
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
mkdir /run/root
mount -t tmpfs -o mode=755 tmpfs /run/root
# Without the files of the top directory: a container's marker in it would make this a container.
for entry in /*; do
  if [ -L "$entry" ]; then
    cp -a "$entry" "/run/root$entry"
  elif [ -d "$entry" ]; then
    mkdir "/run/root$entry"
    case $entry in
      /proc | /sys | /run) ;;
      *) mount --rbind "$entry" "/run/root$entry" ;;
    esac
  fi
done
mkdir /run/root/old
cd /run/root
pivot_root . old

mount -t proc -o nosuid,nodev,noexec proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys

mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
mkdir /run/product /run/node /run/overlay
mount --bind "/old$product" /run/product
mount -o remount,bind,ro /run/product
touch /run/node/node
mount --bind "/old$node" /run/node/node
umount -l /old
rmdir /old

mount -t tmpfs -o mode=755 tmpfs /run/overlay
mkdir /run/overlay/upper /run/overlay/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/overlay/upper,workdir=/run/overlay/work overlay /etc
rm -rf /etc/sysctl.conf /etc/sysctl.d /etc/nginx /etc/redis /etc/backlogctl
mkdir -p /etc/sysctl.d /etc/nginx /etc/redis
# Where what we change is written down: of this machine's own, nothing is touched.
mkdir /run/overlay/lib /run/overlay/lib-work
mount -t overlay -o lowerdir=/var/lib,upperdir=/run/overlay/lib,workdir=/run/overlay/lib-work overlay /var/lib
rm -rf /var/lib/backlogctl
for private in /usr/lib/sysctl.d /usr/local/lib/sysctl.d /var/log /var/lib/nginx /var/lib/redis; do
  if [ -d "$private" ]; then mount -t tmpfs -o mode=755 tmpfs "$private"; fi
done

ip link set lo up
echo "ready $outer"
exec cat
