#!/usr/bin/env bash
# engine.sh – a Docker engine of its own for tests, as root, beside whatever else runs on this machine.
#   start           installs docker.io where there is none, starts containerd and dockerd; prints the settings of the tests as
#                   `export NAME=value` lines. Changes nothing when it runs already.
#   stop            ends both and removes all that start has made
#   stop-daemon [SIGNAL]   ends dockerd alone (default TERM): clients see an engine that is down
#   start-daemon    starts it again
# Settings: DOCKER_E2E_STATE (its folder; short, because sockets lie there), DOCKER_E2E_NET, DOCKER_E2E_PORT, DOCKER_E2E_DISK.
set -euo pipefail
STATE=${DOCKER_E2E_STATE:-/tmp/chaincode-docker}
NET=${DOCKER_E2E_NET:-172.29.77}      # bridge: $NET.1/24
PORT=${DOCKER_E2E_PORT:-23760}        # of the TLS listener, on 127.0.0.1
DISK=${DOCKER_E2E_DISK:-8G}           # the engine's disk: a file, so that a test can fill it and harm nobody
BRIDGE=ccdocker0
CGROUP=chaincode-docker
PATH=/usr/bin:/bin:$PATH:/usr/sbin:/sbin
say() { printf 'engine: %s\n' "$*" >&2; }
die() { printf 'engine: error: %s\n' "$*" >&2; exit 1; }

# The start time names a process for good; a number alone may be another's by now.
starttime() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; [ "$1" != Z ] && echo "${20}"; }
alive() { local pid st; [ -s "$STATE/$1.pid" ] && read -r pid st <"$STATE/$1.pid" && [ "$(starttime "$pid" || true)" = "$st" ]; }
launch() { # <name> <command…>
  local name=$1; shift
  alive "$name" && return 0
  setsid "$@" >>"$STATE/$name.log" 2>&1 </dev/null 9>&- &
  echo "$! $(starttime $!)" >"$STATE/$name.pid"
  disown
}
finish() { # <name> [signal] – ends it and waits; after 20 s by force
  local name=$1 signal=${2:-TERM} pid st i
  alive "$name" || { rm -f "$STATE/$name.pid"; return 0; }
  read -r pid st <"$STATE/$name.pid"
  kill -"$signal" "$pid" 2>/dev/null || true
  for i in $(seq 200); do alive "$name" || break; [ "$i" != 200 ] || kill -KILL "$pid"; sleep 0.1; done
  rm -f "$STATE/$name.pid"
}
until_ok() { # <what> <command…>
  local what=$1 i; shift
  for i in $(seq 300); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  die "$what did not come up; see $STATE/*.log"
}

need_programs() {
  command -v dockerd >/dev/null && command -v containerd >/dev/null && command -v openssl >/dev/null && command -v ip >/dev/null &&
    command -v mkfs.ext4 >/dev/null && return 0
  say "installing docker.io"
  # Only the programs are wanted: the package must start no engine of its own.
  local policy=
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=yes
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io openssl iproute2 e2fsprogs iptables >/dev/null
  [ -z "$policy" ] || rm /usr/sbin/policy-rc.d
}

certificates() { # a CA, the engine's certificate and a client's
  local dir=$STATE/tls
  [ -s "$dir/client.crt" ] && return 0
  mkdir -p "$dir"; chmod 700 "$dir"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=test-ca -keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
  local name
  for name in server client; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" -keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null
    printf 'extendedKeyUsage=%sAuth\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n' "$name" >"$dir/$name.ext"
    openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 30 -extfile "$dir/$name.ext" -out "$dir/$name.crt" 2>/dev/null
  done
}

disk() {
  mountpoint -q "$STATE/data" && return 0
  mkdir -p "$STATE/data"
  [ -e "$STATE/disk" ] || { truncate -s "$DISK" "$STATE/disk"; mkfs.ext4 -q -m 0 "$STATE/disk"; }
  mount -o loop "$STATE/disk" "$STATE/data"
}

start_daemon() {
  # One that was killed has left it, and its number may be taken again.
  alive dockerd || rm -f "$STATE/run/docker.pid"
  launch dockerd dockerd --host "unix://$STATE/docker.sock" --host "tcp://127.0.0.1:$PORT" --tlsverify --tlscacert "$STATE/tls/ca.crt" \
    --tlscert "$STATE/tls/server.crt" --tlskey "$STATE/tls/server.key" --containerd "$STATE/run/containerd.sock" \
    --data-root "$STATE/data/docker" --exec-root "$STATE/run/docker" --pidfile "$STATE/run/docker.pid" --config-file "$STATE/daemon.json" \
    --cgroup-parent "$CGROUP" --bridge "$BRIDGE" --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --userland-proxy=false \
    --oom-score-adjust 0 --storage-driver overlay2
  until_ok dockerd env -u DOCKER_HOST docker -H "unix://$STATE/docker.sock" version
}

start() {
  [ "$(id -u)" = 0 ] || die "an engine can only be started as root"
  need_programs
  mkdir -p "$STATE/run"; chmod 711 "$STATE"
  exec 9>"$STATE/lock"; flock 9
  disk
  certificates
  [ -s "$STATE/daemon.json" ] || echo '{}' >"$STATE/daemon.json"
  # Containers of the host's network need no bridge; the others reach this machine at $NET.1 and nothing beyond it, so no rule of a
  # firewall is touched.
  ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
  [[ $(ip -o -4 addr show dev "$BRIDGE") == *" $NET.1/24 "* ]] || ip addr add "$NET.1/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  cat >"$STATE/containerd.toml" <<T
version = 2
root = "$STATE/data/containerd"
state = "$STATE/run/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "$STATE/run/containerd.sock"
T
  launch containerd containerd --config "$STATE/containerd.toml"
  until_ok containerd test -S "$STATE/run/containerd.sock"
  start_daemon
  cat <<S
export DOCKER_E2E_STATE=$STATE
export DOCKER_E2E_ENDPOINT=unix://$STATE/docker.sock
export DOCKER_E2E_TLS_ENDPOINT=tcp://127.0.0.1:$PORT
export DOCKER_E2E_TLS=$STATE/tls
export DOCKER_E2E_HOST=$NET.1
export DOCKER_E2E_DATA=$STATE/data
S
}

stop() {
  [ -d "$STATE" ] || return 0
  # Containers first: their shims are nobody's children.
  if alive dockerd; then
    env -u DOCKER_HOST docker -H "unix://$STATE/docker.sock" ps -aq | xargs -r env -u DOCKER_HOST docker -H "unix://$STATE/docker.sock" rm -f >/dev/null || true
  fi
  finish dockerd
  local pid
  for pid in $(pgrep -f "containerd-shim.* -address $STATE/run/containerd.sock" || true); do kill -KILL "$pid" 2>/dev/null || true; done
  finish containerd
  grep -F " $STATE/" /proc/self/mounts | awk '{print $2}' | sort -r | while read -r m; do umount -l "$m" || true; done
  ip link del "$BRIDGE" 2>/dev/null || true
  local h
  for h in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -d "${h%/}/$CGROUP" ] && find "${h%/}/$CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "$STATE"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  start-daemon) start_daemon ;;
  stop-daemon) finish dockerd "${2:-TERM}" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
