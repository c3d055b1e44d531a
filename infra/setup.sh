#!/usr/bin/env bash
# Make the environment: `infra/setup.sh base|dev`. Needs Python >= 3.11 with venv; brings uv when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
group="$1"
python="${PYTHON:-python3}"

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
    echo "setup: $python is $("$python" -V 2>&1); Backbeat needs Python 3.11, 3.12 or 3.13 (set PYTHON=…)" >&2
    exit 1
fi

uv="$(command -v uv || true)"
if [ -z "$uv" ]; then
    uv=var/uv/bin/uv
    if [ ! -x "$uv" ]; then
        echo "setup: bringing uv" >&2
        "$python" -m venv var/uv || {
            echo "setup: '$python -m venv' failed; install uv, or your system's python3-venv package" >&2
            exit 1
        }
        var/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
    fi
fi

[ -x .venv/bin/python ] || "$uv" venv --quiet --python "$python" .venv
echo "setup: installing requirements/$group.txt" >&2
# Compiled here once, or every process would compile what it imports wherever nothing may be cached (2 s each).
"$uv" pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes --requirements "requirements/$group.txt"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch ".venv/.$group"
