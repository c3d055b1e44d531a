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

# fetch PLACE FUNCTION: have FUNCTION fill a fresh folder that then becomes PLACE.
fetch() {
    [[ -d "$1" ]] && return
    mkdir -p "${1%/*}"
    FRESH="$(mktemp -d "${1%/*}/.fetch.XXXXXX")"
    trap 'chmod -R u+w "$FRESH" 2>/dev/null; rm -rf "$FRESH"' EXIT
    "$2" "$FRESH" || exit 1
    # Someone who was faster has the same.
    [[ -d "$1" ]] || mv "$FRESH/made" "$1"
}

# Not `go install`: that first asks the module proxy for the list of all versions, which not every proxy gives.
build_bento() {
    local module="github.com/warpstreamlabs/bento@v$BENTO" source
    command -v go >/dev/null || fail "no go: install Go, which builds Bento"
    echo "peers.sh: building Bento $BENTO with go (ten minutes or more, once)" >&2
    source="$(cd "$1" && go mod download -json "$module" 2>"$1/log" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    [[ -n "$source" ]] || fail "go could not fetch Bento: $(tail -n 1 "$1/log")"
    (cd "$source" && go build -trimpath "-ldflags=-s -w -X main.Version=$BENTO" -o "$1/made/bento" ./cmd/bento) \
        >"$1/log" 2>&1 || fail "go could not build Bento: $(tail -n 1 "$1/log")"
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
    mvn -B -q -Dstyle.color=never -f "$POM" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$1/made" >"$1/log" 2>&1 ||
        fail "Maven could not bring Iceberg's sink: $(grep -m 1 ERROR "$1/log" || tail -n 1 "$1/log")"
}

case "${1:-}" in
    bento) version=$BENTO; fetch "$ROOT/var/peers/bento/$version" build_bento ;;
    quixstreams) version=$QUIXSTREAMS; fetch "$ROOT/var/peers/quixstreams/$version" install_quixstreams ;;
    iceberg) version=$ICEBERG; fetch "$ROOT/var/peers/iceberg/$version" copy_iceberg ;;
    *) echo "usage: peers.sh bento|quixstreams|iceberg" >&2; exit 2 ;;
esac
echo "$version $ROOT/var/peers/$1/$version"
