"""A Streamlit server as a child process, and what it holds in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from infra.app_health import await_health


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
        await_health(f"http://127.0.0.1:{port}", child)
        yield Served(f"http://127.0.0.1:{port}", child.pid)
    finally:
        child.terminate()
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
