#!/bin/sh
# Keeps a container engine for a test: starts it in namespaces of its own (mounts, processes, and
# the network if asked), follows the words on standard input, and leaves nothing behind when that
# ends, which it also does when the test is killed.
#
# Usage: engine.sh FOLDER NAME none|bridge|namespace PROGRAM [ARGUMENT...]
# NAME is that of the cgroup, and of the bridge. Writes the process that `nsenter` can enter, then
# the word after each one it followed: start, stop (SIGTERM), kill (SIGKILL).
set -u

inside() {
  folder=$1 name=$2 network=$3
  shift 3
  # As the outside counts it: /proc is still that of the outside.
  read -r process _ </proc/self/stat
  mount -t proc proc /proc && mount -t tmpfs tmpfs /run || exit 1
  # Podman asks it for the packages of programs, several times whenever it says who it is, which takes a second each time.
  if [ -e /usr/bin/dpkg-query ]; then mount --bind /bin/false /usr/bin/dpkg-query; fi
  mkdir -p "$folder/tmp"
  export TMPDIR="$folder/tmp" HOME="$folder"
  # What Podman's monitors write about memory goes to where they stand.
  cd "$folder" || exit 1
  if [ "$network" = namespace ]; then
    ip link set lo up
    # A resolver of the loopback, as many systems have it; a test may serve there.
    echo 'nameserver 127.0.0.53' >"$folder/resolv.conf"
    if [ -e /etc/resolv.conf ]; then mount --bind "$folder/resolv.conf" /etc/resolv.conf; fi
  fi
  echo "$process"
  engine=
  while read -r word; do
    case $word in
      start)
        "$@" </dev/null >>"$folder/log" 2>&1 &
        engine=$!
        ;;
      stop)
        kill -TERM "$engine"
        wait "$engine"
        ;;
      kill)
        kill -KILL "$engine"
        wait "$engine"
        # Process numbers are small here: one that Docker wrote down may soon be another's.
        rm -f "$folder/dockerd.pid" "$folder/exec/containerd/containerd.pid"
        ;;
    esac 2>/dev/null
    echo "$word"
  done
  # This is the first process of its namespace: all others are the engine's and its containers'.
  kill -KILL -1 2>/dev/null
  wait
  exit 0
}

if [ "$1" = --inside ]; then
  shift
  inside "$@"
fi

folder=$1 name=$2 network=$3
# Podman's containers have one cgroup in common, which the last one to end removes.
exec 9</sys/fs/cgroup
flock -s 9
net=
case $network in
  namespace) net=--net ;;
  bridge) ip link add "$name" type bridge && ip address add "$4" dev "$name" && ip link set "$name" up &&
    echo 0 >"/proc/sys/net/ipv4/conf/$name/forwarding" ;;
esac || exit 1
script=$0
if [ "$network" = bridge ]; then
  shift 4
  set -- "$folder" "$name" "$network" "$@"
fi
# shellcheck disable=SC2086 # one word or none
unshare --mount --pid --fork --kill-child $net sh "$script" --inside "$@" 9<&-

if [ "$network" = bridge ]; then
  ip link delete "$name"
  # The bridges of networks that an engine did not remove because it was killed.
  for bridge in $(grep -a -o 'br-[0-9a-f]\{12\}' "$folder/data/network/files/local-kv.db" | sort -u); do
    ip link delete "$bridge" 2>/dev/null
  done
fi
find /sys/fs/cgroup -depth -type d -path "*/$name/*" -exec rmdir {} + 2>/dev/null
find /sys/fs/cgroup -depth -type d -name "$name" -exec rmdir {} + 2>/dev/null
flock -n -x 9 && find /sys/fs/cgroup -maxdepth 2 -name libpod_parent -exec rmdir {} + 2>/dev/null
rm -rf "$folder"
