"""`make screenshots`: every page of the app on the newest snapshot, as docs/pages/<page>.png."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from infra.app_health import await_health

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "pages"
PORT = 8599
SIZE = ViewportSize(width=1440, height=900)
COLOURS = 128  # a page has few: a third of the bytes, and no difference to see
_DRAWN = """title => {
    const app = document.querySelector('[data-testid="stApp"]');
    const busy = '[data-testid="stSkeleton"], [data-stale="true"]';
    return app?.dataset.testScriptState === 'notRunning' && !document.querySelector(busy)
        && document.querySelector('h1')?.textContent.trim() === title
        && [...document.querySelectorAll('.stVegaLiteChart')]
            .every(c => c.querySelector('svg.marks, canvas'));
}"""


def main() -> None:
    """Start the app, walk its menu, keep a picture of each page."""
    command = [sys.executable, str(ROOT / "backbeat.py"), "app", "--port", str(PORT), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:  # noqa: S603 - our own command
        try:
            await_health(f"http://localhost:{PORT}", child)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=os.environ["BACKBEAT_BROWSER"])
                _walk(browser.new_page(viewport=SIZE))
                browser.close()
        finally:
            child.terminate()


def _walk(page: Page) -> None:
    page.goto(f"http://localhost:{PORT}")
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.wait_for(timeout=60_000)
    pages = [(link.inner_text().split("\n")[-1], link.get_attribute("href") or "") for link in links.all()]
    for title, address in pages:
        page.goto(address)
        page.wait_for_function(_DRAWN, arg=title, timeout=60_000)
        page.wait_for_timeout(1_000)  # the live page fills up, of which no event tells
        path = TARGET / f"{title.lower().replace(' ', '-')}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
        sys.stderr.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
