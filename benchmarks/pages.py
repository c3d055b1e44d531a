"""App: milliseconds until a page is drawn in a real Chromium; beside it, an empty Streamlit app."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.error import URLError

from playwright.sync_api import Browser, sync_playwright

ROUNDS = 7
# Path → charts on the page.
PAGES = {"": 2, "trends": 3, "top_songs": 1, "your_listening": 3, "recommendations": 0, "podcasts": 2}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
_NO_TABLE = -1
_EMPTY = "import streamlit as st\nst.title('Empty')\n"
# Drawn: the heading, every chart and table are there, nothing is being computed or left over from before.
_DRAWN = """charts => {
    const busy = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
    const tables = [...document.querySelectorAll('[data-testid="stDataFrame"]')];
    return document.querySelector('h1') && !document.querySelector(busy)
        && document.querySelectorAll('.stVegaLiteChart canvas, .stVegaLiteChart svg.marks').length >= charts
        && (charts < 0 || tables.length > 0) && tables.every(table => table.querySelector('canvas'));
}"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """A Streamlit server as a child process; yields its address once it is healthy."""
    port = _free_port()
    child = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_health(f"http://127.0.0.1:{port}/_stcore/health", child)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


def _await_health(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"Streamlit did not answer at {url}")


def _loads(browser: Browser, url: str, charts: int) -> list[float]:
    """Milliseconds of each load, in one browser context: its cache is warm after the first."""
    context = browser.new_context(viewport={"width": 1600, "height": 1100})
    page = context.new_page()
    times = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_function(_DRAWN, arg=charts, timeout=60_000)
        times.append(1000 * (time.perf_counter() - started))
    context.close()
    return times


def _figures(times: list[float]) -> dict[str, int]:
    return {"first_ms": round(times[0]), "reload_ms_median": round(median(times[1:]))}


def measure(environment: dict[str, str]) -> dict[str, object]:
    """First load in a new browser and the median reload, per page, and of an empty app in the same run."""
    streamlit = [sys.executable, "-m", "streamlit", "run"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        empty = Path(folder) / "empty.py"
        empty.write_text(_EMPTY)
        browser = playwright.chromium.launch(executable_path=os.environ["BACKBEAT_BROWSER"], args=list(FLAGS))
        with served([*streamlit, str(empty)], {}) as url:
            bare = _figures(_loads(browser, url, _NO_TABLE))
        with served([*streamlit, "streamlit_app/app.py"], environment) as url:
            pages = {
                page or "overview": _figures(_loads(browser, f"{url}/{page}", charts))
                for page, charts in PAGES.items()
            }
        browser.close()
    slowest = max(figures["reload_ms_median"] for figures in pages.values())
    return {
        "rounds": ROUNDS,
        "pages": pages,
        "empty_app": bare,
        "slowest_reload_to_empty_app": round(slowest / bare["reload_ms_median"], 2),
    }
