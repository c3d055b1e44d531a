#!/usr/bin/env bash
# The load tool that the collector is measured with: vegeta, built into var/vegeta.
#
#   infra/vegeta.sh install    build it (once; later calls need no network); print its place
set -euo pipefail
NAME=vegeta
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

VERSION=v12.12.0
TOOL="$ROOT/var/vegeta/$VERSION/vegeta"

# Not `go install`: that first asks the module proxy for the list of all versions, which not every proxy gives.
install() {
    [[ -x "$TOOL" ]] && return
    command -v go >/dev/null || fail "no go: install Go, which builds vegeta"
    mkdir -p "$ROOT/var/vegeta"
    FRESH="$(mktemp -d "$ROOT/var/vegeta/.build.XXXXXX")"
    trap 'rm -rf "$FRESH"' EXIT
    echo "vegeta.sh: building vegeta $VERSION with go (a minute, once)" >&2
    local source
    source="$(cd "$FRESH" && go mod download -json "github.com/tsenart/vegeta/v12@$VERSION" 2>"$FRESH/log" |
        sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    [[ -n "$source" ]] || fail "go could not fetch vegeta: $(tail -n 1 "$FRESH/log")"
    (cd "$source" && go build -trimpath "-ldflags=-s -w" -o "$FRESH/bin/vegeta" .) >"$FRESH/log" 2>&1 ||
        fail "go could not build vegeta: $(tail -n 1 "$FRESH/log")"
    # Someone who was faster has the same program.
    [[ -d "${TOOL%/*}" ]] || mv "$FRESH/bin" "${TOOL%/*}"
}

[[ "${1:-}" == install ]] || { echo "usage: vegeta.sh install" >&2; exit 2; }
install
echo "$TOOL"
