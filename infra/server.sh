# What infra/kafka.sh and infra/s3.sh share; to be sourced. The caller sets NAME.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() {
    echo "$NAME.sh: $*" >&2
    exit 1
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
