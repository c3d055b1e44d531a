# What the scripts that fetch and start programs share; to be sourced. The caller sets NAME.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() {
    echo "$NAME.sh: $*" >&2
    exit 1
}

# fetch PLACE FUNCTION: have FUNCTION fill a fresh folder's `made`, which then becomes PLACE; nothing if it is there.
fetch() {
    [[ -d "$1" ]] && return
    mkdir -p "${1%/*}"
    FRESH="$(mktemp -d "${1%/*}/.fetch.XXXXXX")"
    trap 'chmod -R u+w "$FRESH" 2>/dev/null; rm -rf "$FRESH"' EXIT
    "$2" "$FRESH" || exit 1
    # Someone who was faster has the same.
    [[ -d "$1" ]] || mv "$FRESH/made" "$1"
}

# go_build DIR MODULE@VERSION PACKAGE PROGRAM [FLAGS [PATCH]]: build a program of a module into DIR/made; FLAGS are the
# linker's, PATCH is a file. Not `go install`: that first asks the module proxy for the list of all versions, which not every
# proxy gives.
go_build() {
    local source
    command -v go >/dev/null || fail "no go: install Go, which builds $4"
    source="$(cd "$1" && go mod download -json "$2" 2>"$1/log" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    [[ -n "$source" ]] || fail "go could not fetch $4: $(tail -n 1 "$1/log")"
    if [[ -n "${6:-}" ]]; then
        cp -r "$source" "$1/source" && chmod -R u+w "$1/source" && source="$1/source"
        # Not as a part of our own repository, in which the folder may lie.
        (cd "$source" && GIT_CEILING_DIRECTORIES="$(dirname "$source")" git apply "$6") >"$1/log" 2>&1 ||
            fail "$6 does not fit $2: $(tail -n 1 "$1/log")"
    fi
    (cd "$source" && go build -trimpath "-ldflags=-s -w ${5:-}" -o "$1/made/$4" "$3") >"$1/log" 2>&1 ||
        fail "go could not build $4: $(tail -n 1 "$1/log")"
}

# maven_copy DIR POM WHAT: put all jars that POM names into DIR/made.
maven_copy() {
    mvn -B -q -Dstyle.color=never -f "$2" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$1/made" >"$1/log" 2>&1 ||
        fail "Maven could not bring $3: $(grep -m 1 ERROR "$1/log" || tail -n 1 "$1/log")"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# running DIR: whether the server that was started for DIR is alive (and not another process with its id).
running() {
    local pid
    pid="$(cat "$1/pid" 2>/dev/null)" || return 1
    [[ "$(ps -o command= -p "$pid" 2>/dev/null)" == *"$1"* ]]
}

# await DIR SECONDS TEST…: until TEST succeeds; fails with the log's last line when the server ends or time runs out.
await() {
    local dir="$1" seconds="$2"
    local until=$((SECONDS + seconds))
    shift 2
    until "$@"; do
        # Twice: a process that is about to become the server has no command line for an instant.
        running "$dir" || { sleep 0.1; running "$dir"; } || fail "the server ended: $(tail -n 1 "$dir/log")"
        ((SECONDS < until)) || { stop "$dir"; fail "the server did not answer within $seconds s: see $dir/log"; }
        sleep 0.1
    done
}

# stop DIR: ask it to end, make it end after 20 s. A server that is not running is stopped already.
stop() {
    local until=$((SECONDS + 20))
    if running "$1"; then
        kill "$(cat "$1/pid")" 2>/dev/null || true
        while running "$1"; do
            ((SECONDS < until)) || { kill -9 "$(cat "$1/pid")" 2>/dev/null || true; break; }
            sleep 0.1
        done
    fi
    rm -f "$1/pid"
}

# The whole command line: install | start DIR [PORT [MORE…]] | stop DIR.
main() {
    case "${1:-}" in
        install) install ;;
        start) [[ -n "${2:-}" ]] || usage; mkdir -p "$2"; install; start "$(cd "$2" && pwd)" "${3:-}" "${@:4}" ;;
        stop) [[ -d "${2:-}" ]] || usage; stop "$(cd "$2" && pwd)" ;;
        *) usage ;;
    esac
}

usage() {
    echo "usage: $NAME.sh install | start DIR [PORT] | stop DIR" >&2
    exit 2
}
