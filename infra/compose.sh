#!/usr/bin/env bash
# compose.yaml as Docker Compose reads it, without Docker: its own loader (compose-go), built into var/compose.
#
#   infra/compose.sh install          build it with go (once, some seconds; later calls need no network)
#   infra/compose.sh model [FILE…]    print the whole model as JSON, anchors and variables resolved; fails where it is not valid
set -euo pipefail
NAME=compose
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

VERSION=v2.16.2
PLACE="$ROOT/var/compose/$VERSION"

build() {
    echo "compose.sh: building compose-go $VERSION with go (once)" >&2
    go_build "$1" "github.com/compose-spec/compose-go/v2@$VERSION" ./cmd compose-spec
}

[[ "${1:-}" == install || "${1:-}" == model ]] || { echo "usage: compose.sh install | model [FILE…]" >&2; exit 2; }
fetch "$PLACE" build
[[ "$1" == install ]] || exec "$PLACE/compose-spec" --format json "${@:2}"
