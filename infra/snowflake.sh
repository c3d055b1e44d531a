#!/usr/bin/env bash
# A Snowflake emulator on this machine (fakesnow, mended by infra/snowflake_emulator.py), on 127.0.0.1 only.
#
#   infra/snowflake.sh install             make its environment in var/snowflake (once; it needs duckdb 2, the project 1.5)
#   infra/snowflake.sh start DIR [PORT]    print host:port once it answers; `s3://<name>/…` is the folder DIR/buckets/<name>
#   infra/snowflake.sh stop DIR
set -euo pipefail
NAME=snowflake
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

REQUIREMENTS="$ROOT/requirements/emulator.txt"
VENV="$ROOT/var/snowflake/venv"

install() {
    cmp -s "$REQUIREMENTS" "$VENV/.installed" && return
    local uv
    uv="$(command -v uv || echo "$ROOT/var/uv/bin/uv")"
    [[ -x "$uv" ]] || fail "no uv: run make setup, which brings it"
    echo "snowflake.sh: installing requirements/emulator.txt (once)" >&2
    "$uv" venv --quiet --clear --python python3 "$VENV" || fail "no environment could be made in $VENV"
    "$uv" pip install --quiet --python "$VENV/bin/python" --compile-bytecode --require-hashes \
        --requirements "$REQUIREMENTS" || fail "requirements/emulator.txt could not be installed"
    cp "$REQUIREMENTS" "$VENV/.installed"
}

answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start() {
    local dir="$1" port="$2"
    if ! running "$dir"; then
        port="${port:-$(free_port)}"
        echo "$port" >"$dir/port"
        mkdir -p "$dir/buckets" "$dir/tmp"
        # fakesnow leaves its folder for stages where temporary files are.
        TMPDIR="$dir/tmp" PYTHONPATH="$ROOT" "$VENV/bin/python" -m infra.snowflake_emulator \
            --port "$port" --buckets "$dir/buckets" >"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        await "$dir" 60 answers "$port"
    fi
    echo "127.0.0.1:$(cat "$dir/port")"
}

main "$@"
