#!/usr/bin/env bash
# The load tool that the collector is measured with: vegeta, built into var/vegeta.
#
#   infra/vegeta.sh install    build it (once; later calls need no network); print its place
set -euo pipefail
NAME=vegeta
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

VERSION=v12.12.0
PLACE="$ROOT/var/vegeta/$VERSION"

build() {
    echo "vegeta.sh: building vegeta $VERSION with go (a minute, once)" >&2
    go_build "$1" "github.com/tsenart/vegeta/v12@$VERSION" . vegeta
}

[[ "${1:-}" == install ]] || { echo "usage: vegeta.sh install" >&2; exit 2; }
fetch "$PLACE" build
echo "$PLACE/vegeta"
