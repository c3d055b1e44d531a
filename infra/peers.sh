#!/usr/bin/env bash
# The sinks that ours is measured beside, each in an environment of its own under var/peers.
#
#   infra/peers.sh bento|quixstreams|iceberg    fetch it once (later calls need no network); print its version and place
set -euo pipefail
NAME=peers
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

BENTO=1.20.0
QUIXSTREAMS=3.28.1
POM="$ROOT/infra/iceberg/pom.xml"
ICEBERG="$(sed -n 's:.*<iceberg.version>\(.*\)</iceberg.version>.*:\1:p' "$POM")"

build_bento() {
    echo "peers.sh: building Bento $BENTO with go (ten minutes or more, once)" >&2
    go_build "$1" "github.com/warpstreamlabs/bento@v$BENTO" ./cmd/bento bento "-X main.Version=$BENTO"
}

install_quixstreams() {
    local uv
    uv="$(command -v uv || echo "$ROOT/var/uv/bin/uv")"
    echo "peers.sh: installing quixstreams $QUIXSTREAMS" >&2
    "$uv" venv --quiet --relocatable --python "${PYTHON:-python3}" "$1/made" >"$1/log" 2>&1 &&
        "$uv" pip install --quiet --python "$1/made/bin/python" "quixstreams[s3,parquet]==$QUIXSTREAMS" \
            >>"$1/log" 2>&1 || fail "quixstreams could not be installed: $(tail -n 1 "$1/log")"
}

copy_iceberg() {
    command -v mvn >/dev/null || fail "no mvn: install Maven, which brings Iceberg's sink"
    echo "peers.sh: fetching Kafka Connect and Iceberg $ICEBERG through Maven (180 MB, once)" >&2
    maven_copy "$1" "$POM" "Iceberg's sink"
}

case "${1:-}" in
    bento) version=$BENTO; fetch "$ROOT/var/peers/bento/$version" build_bento ;;
    quixstreams) version=$QUIXSTREAMS; fetch "$ROOT/var/peers/quixstreams/$version" install_quixstreams ;;
    iceberg) version=$ICEBERG; fetch "$ROOT/var/peers/iceberg/$version" copy_iceberg ;;
    *) echo "usage: peers.sh bento|quixstreams|iceberg" >&2; exit 2 ;;
esac
echo "$version $ROOT/var/peers/$1/$version"
