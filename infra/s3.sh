#!/usr/bin/env bash
# A real S3 server on this machine: versitygw over a folder, state in DIR, reachable on 127.0.0.1 only.
#
#   infra/s3.sh install             build it with go into var/s3 (once; later starts need no network)
#   infra/s3.sh start DIR [PORT]    print its endpoint once it answers; bucket `lake` is there
#   infra/s3.sh stop DIR
#
# The keys that open it: BACKBEAT_S3_ACCESS_KEY_ID and BACKBEAT_S3_SECRET_ACCESS_KEY (key and secret if unset).
set -euo pipefail
NAME=s3
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

# 1.8.0 is the first release whose If-None-Match is atomic: in 1.7.0 two to fourteen of 32 racing PUTs won.
VERSION=v1.8.0
# What a listing names is encoded where that is asked for (versity/versitygw#1985): DuckDB takes a bare + for a space.
PATCH="$ROOT/infra/s3/encoding-type.patch"
PLACE="$ROOT/var/s3/$VERSION+encoding-type"
SERVER="$PLACE/versitygw"

build() {
    echo "s3.sh: building versitygw $VERSION with go (a minute or two, once)" >&2
    go_build "$1" "github.com/versity/versitygw@$VERSION" ./cmd/versitygw versitygw "" "$PATCH"
}

install() {
    fetch "$PLACE" build
}

answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start() {
    local dir="$1" port="$2"
    if ! running "$dir"; then
        port="${port:-$(cat "$dir/port" 2>/dev/null || free_port)}"
        echo "$port" >"$dir/port"
        mkdir -p "$dir/buckets/lake"
        ROOT_ACCESS_KEY_ID="${BACKBEAT_S3_ACCESS_KEY_ID:-key}" \
            ROOT_SECRET_ACCESS_KEY="${BACKBEAT_S3_SECRET_ACCESS_KEY:-secret}" \
            "$SERVER" --port "127.0.0.1:$port" --quiet posix "$dir/buckets" \
            >"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        await "$dir" 20 answers "$port"
    fi
    echo "http://127.0.0.1:$(cat "$dir/port")"
}

main "$@"
