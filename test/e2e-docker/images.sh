#!/usr/bin/env bash
# images.sh – gives the engine of engine.sh the images that Fabric's peer expects from a registry, made from this machine's
# programs: one to build and run Node.js chaincode in, and where their tools are installed one for Java and one for Go. Prints
# the settings of the tests as `export NAME=value` lines. DOCKER_E2E_PLATFORMS=node makes fewer.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DOCKER_E2E_ENDPOINT:?start the engine first: eval \"\$(test/e2e-docker/engine.sh start)\"}"
rootfs=test/e2e/cluster
export CLUSTER_CACHE=$PWD/.cache/e2e-docker CLUSTER_STATE=$PWD/.cache/e2e-docker/state IMAGE_NO_IMPORT=1
mkdir -p "$CLUSTER_CACHE"
engine() { env -u DOCKER_HOST docker -H "$DOCKER_E2E_ENDPOINT" "$@"; }
has() { engine image inspect "$1" >/dev/null 2>&1; }
say() { printf 'images: %s\n' "$*" >&2; }
wanted() { [[ " ${DOCKER_E2E_PLATFORMS:-node java go} " = *" $1 "* ]]; }
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
import() { # <ref> <root file system> <Dockerfile instruction…>
  local ref=$1 dir=$2 changes=(); shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  mkdir -p "$dir/chaincode/input" "$dir/chaincode/output"
  tar -C "$dir" --owner=0 --group=0 --numeric-owner -c . | engine import "${changes[@]}" - "$ref" >/dev/null
  say "$ref"
}

node=localhost/nodeenv:1
if ! has $node; then
  $rootfs/nodeImage $node 2>/dev/null
  import $node .cache/nodeenv "ENV PATH=$path" "ENV npm_config_update_notifier=false"
fi
echo "export DOCKER_E2E_NODE_IMAGE=$node"

java=localhost/javaenv:1
if wanted java && command -v javac >/dev/null && command -v mvn >/dev/null; then
  if ! has $java; then
    $rootfs/javaImage $java 2>/dev/null
    home=.cache/javaenv/root/chaincode-java
    mkdir -p $home/chaincode
    printf '%s\n' '#!/bin/sh' 'cd /chaincode/input/src && mvn -o -B -q -Dmaven.repo.local=/m2 package -DskipTests -Dmaven.test.skip=true &&' \
      '  cp target/chaincode.jar /chaincode/output/' >$home/build.sh
    printf '%s\n' '#!/bin/sh' 'exec java -jar /root/chaincode-java/chaincode/chaincode.jar "$@"' >$home/start
    chmod +x $home/build.sh $home/start
    import $java .cache/javaenv "ENV JAVA_HOME=/opt/jdk" "ENV PATH=/opt/jdk/bin:/opt/maven/bin:$path" "WORKDIR /root/chaincode-java"
  fi
  echo "export DOCKER_E2E_JAVA_IMAGE=$java"
fi

go=localhost/goenv:1
if wanted go && command -v go >/dev/null; then
  if ! has $go; then
    dir=.cache/goenv
    goroot=$(go env GOROOT)
    rm -rf $dir
    $rootfs/rootfs $dir busybox
    mkdir -p $dir/usr/local/go/pkg $dir/opt/gopath
    for part in bin src pkg/tool pkg/include VERSION go.env; do
      [ ! -e "$goroot/$part" ] || tar -C "$goroot" -ch --exclude=testdata --exclude='*_test.go' "$part" | tar -x -C $dir/usr/local/go
    done
    import $go $dir "ENV PATH=/usr/local/go/bin:$path" "ENV GOROOT=/usr/local/go" "ENV GOPATH=/opt/gopath" "ENV GO111MODULE=off" \
      "ENV GOFLAGS=" "ENV GOTOOLCHAIN=local" "ENV GOCACHE=/tmp/go-cache" "ENV CGO_ENABLED=0" "ENV HOME=/root"
  fi
  echo "export DOCKER_E2E_GO_IMAGE=$go"
fi
