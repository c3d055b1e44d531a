"""A real app on a fixture snapshot, and a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.snapshot_builder import build_snapshot

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class App:
    """A running app, the folder it follows, and the port where it looks for the live service."""

    url: str
    folder: Path
    live_port: int

    @property
    def snapshots(self) -> Path:
        return self.folder / "snapshots"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_health(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert child.poll() is None, "the app ended before it answered"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # no event tells that a port is open
    pytest.fail(f"the app did not answer at {url}")


@contextmanager
def serving(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[App]:
    """`backbeat app` on a free port, as somebody would start it; it must end on SIGTERM."""
    port = free_port()
    running = App(f"http://localhost:{port}", folder, free_port())
    environment = {
        **os.environ,
        "BACKBEAT_SNAPSHOTS": str(running.snapshots),
        "BACKBEAT_LIVE_URL": f"http://127.0.0.1:{running.live_port}",
        **(settings or {}),
    }
    command = [sys.executable, str(ROOT / "backbeat.py"), "app", "--port", str(port), "--no-open"]
    with (folder / "app.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            await_health(running.url, child)
            yield running
        finally:
            child.terminate()
            assert child.wait(timeout=20) is not None


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a fixture snapshot."""
    folder = tmp_path_factory.mktemp("app")
    build_snapshot(folder)
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, found or installed by infra/browser.sh."""
    found = os.environ.get("BACKBEAT_BROWSER") or subprocess.check_output(
        [str(ROOT / "infra" / "browser.sh")], text=True
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found.strip(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1100}, accept_downloads=True)
    yield context.new_page()
    context.close()
