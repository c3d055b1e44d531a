#!/usr/bin/env bash
# A real PostgreSQL on this machine: state in DIR, reachable on 127.0.0.1 only, its superuser `backbeat` without a password.
#
#   infra/postgres.sh install             find one; else unpack Debian's packages into var/postgres (no root, no service)
#   infra/postgres.sh start DIR [PORT]    print its connection URI once it answers
#   infra/postgres.sh stop DIR
#   infra/postgres.sh psql …              its client
set -euo pipefail
NAME=postgres
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

PLACE="$ROOT/var/postgres"

# Print the folder of initdb and postgres: the newest of Debian, of Homebrew, of what was unpacked, or of the PATH.
programs() {
    local path
    for path in $(ls -d "$PLACE"/usr/lib/postgresql/*/bin /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql@*/bin 2>/dev/null | sort -rV); do
        if [[ -x "$path/initdb" && -x "$path/postgres" ]]; then echo "$path"; return; fi
    done
    path="$(command -v initdb)" && dirname "$(readlink -f "$path")"
}

unpack() {
    local package
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        fail "no PostgreSQL: install it (the programs initdb and postgres)"
    package="$(apt-cache depends postgresql 2>/dev/null | grep -om 1 'postgresql-[0-9]*')" ||
        fail "no PostgreSQL, and apt knows none: run apt-get update, or install it"
    echo "postgres.sh: unpacking Debian's $package (once)" >&2
    mkdir "$1/made"
    (cd "$1" && apt-get download "$package" "${package/-/-client-}" libpq5) >"$1/log" 2>&1 ||
        fail "apt could not bring $package: $(tail -n 1 "$1/log")"
    for package in "$1"/*.deb; do dpkg -x "$package" "$1/made"; done
}

install() {
    [[ -n "$(programs)" ]] || fetch "$PLACE" unpack
}

unpacked_libraries() {
    local libraries
    libraries="$(find "$PLACE/usr/lib" -name libpq.so.5 -printf '%h\n' 2>/dev/null || true)"
    [[ -z "$libraries" ]] || export LD_LIBRARY_PATH="$libraries"
}

# PostgreSQL refuses to run as root: in a namespace of its own root is somebody else, whose files are still ours.
as_anyone() {
    unpacked_libraries
    if [[ "$(id -u)" == 0 ]]; then
        exec unshare --user --map-user=1000 --map-group=1000 "$@"
    fi
    exec "$@"
}


start() {
    local dir="$1" port="$2" bin
    bin="$(programs)"
    if ! running "$dir"; then
        port="${port:-$(cat "$dir/port" 2>/dev/null || free_port)}"
        echo "$port" >"$dir/port"
        [[ -d "$dir/data" ]] || (as_anyone "$bin/initdb" -D "$dir/data" -U backbeat -A trust -E UTF8 --locale=C.UTF-8 \
            --no-sync) >"$dir/log" 2>&1 || fail "initdb: $(tail -n 1 "$dir/log")"
        rm -f "$dir/data/postmaster.pid"
        (as_anyone "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
            -c unix_socket_directories= -c max_wal_size=4GB -c password_encryption=scram-sha-256) \
            >"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        await "$dir" 20 grep -q "ready to accept connections" "$dir/log"
    fi
    echo "postgresql://backbeat@127.0.0.1:$(cat "$dir/port")/postgres"
}

if [[ "${1:-}" == psql ]]; then
    install
    unpacked_libraries
    exec "$(programs)/psql" "${@:2}"
fi
main "$@"
