#!/usr/bin/env bash
# Print the path of a Chromium that the browser tests can drive; install one if there is none.
set -euo pipefail

find_browser() {
    local name path
    if [[ -n "${BACKBEAT_BROWSER:-}" ]]; then
        [[ -x "$BACKBEAT_BROWSER" ]] || { echo "browser.sh: BACKBEAT_BROWSER=$BACKBEAT_BROWSER is not a program" >&2; exit 1; }
        echo "$BACKBEAT_BROWSER"
        return
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if path="$(command -v "$name")"; then echo "$path"; return; fi
    done
    for path in "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [[ -x "$path" ]]; then echo "$path"; return; fi
    done
    playwright_browser
}

# The browser that `playwright install chromium` puts in its own cache, if it is there.
playwright_browser() {
    "$PYTHON" - <<'PY' 2>/dev/null || true
from pathlib import Path
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    path = playwright.chromium.executable_path
    if Path(path).exists():
        print(path)
PY
}

install_from_debian() {
    local root=()
    command -v apt-get >/dev/null || return 1
    if [[ "$(id -u)" != 0 ]]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
        root=(sudo -n)
    fi
    echo "browser.sh: installing Debian's chromium" >&2
    "${root[@]}" apt-get update -qq >&2 &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
}

PYTHON="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.venv/bin/python"
[[ -x "$PYTHON" ]] || PYTHON=python3

browser="$(find_browser)"
if [[ -z "$browser" ]]; then
    install_from_debian || "$PYTHON" -m playwright install chromium >&2 || true
    browser="$(find_browser)"
fi
if [[ -z "$browser" ]]; then
    echo "browser.sh: no Chromium: install chromium or google-chrome, or set BACKBEAT_BROWSER to one" >&2
    exit 1
fi
echo "$browser"
