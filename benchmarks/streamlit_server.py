"""A Streamlit server as a child process, and what it holds in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError

import psutil


@dataclass(frozen=True)
class Served:
    """Where it answers, and its process."""

    url: str
    pid: int

    def rss_mib(self) -> int:
        """Resident memory now."""
        return round(psutil.Process(self.pid).memory_info().rss / 2**20)


@contextmanager
def served(script: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Streamlit on `script` at a free port, once it is healthy."""
    port = _free_port()
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    child = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, *options],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_health(f"http://127.0.0.1:{port}/_stcore/health", child)
        yield Served(f"http://127.0.0.1:{port}", child.pid)
    finally:
        child.terminate()
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"Streamlit did not answer at {url}")
