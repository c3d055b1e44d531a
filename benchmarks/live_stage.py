"""A live path under measurement: on a core of its own, with events and readers from the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.stage import ROOT, Stage, pinned

RATE, READERS, PROBING = 10_000, 1_000, 50


@dataclass(frozen=True)
class Live:
    """A live path under measurement."""

    process: psutil.Process
    url: str

    def cpu(self) -> float:
        """CPU seconds it has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def told(self, path: str) -> Any:
        """The document of an answer."""
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:  # noqa: S310 - our own
            return json.load(answer)

    def counted(self) -> int:
        """Events it has taken."""
        return sum(self.told("/v1/now?limit=0")["totals"].values())

    def ready(self) -> bool:
        """Whether it has read what was there."""
        return not self.told("/v1/now?limit=0")["rebuilding"]


@contextmanager
def live(stage: Stage) -> Iterator[Live]:
    """A live path on the engine's core, that has read what was there."""
    environment = {**os.environ, "BACKBEAT_KAFKA_BOOTSTRAP": stage.bootstrap, "BACKBEAT_LIVE_PORT": "0"}
    command = pinned(stage.cores.engine, [sys.executable, "-m", "backbeat", "live"])
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            first = process.stderr.readline() if process.stderr else ""
            running = Live(psutil.Process(process.pid), json.loads(first)["url"])
            while not running.ready():
                time.sleep(0.05)
            yield running
        finally:
            process.terminate()
            process.wait(30)


def load(stage: Stage, seconds: float) -> subprocess.Popen[str]:
    module = [sys.executable, "-m", "benchmarks.live_load", stage.bootstrap, str(RATE), str(seconds)]
    return subprocess.Popen(pinned(stage.cores.rest, module), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def readers(stage: Stage, url: str, seconds: float) -> subprocess.Popen[str]:
    """Readers, once all of them are connected."""
    at = urlsplit(url)
    numbers = [str(at.hostname), str(at.port), str(READERS), str(PROBING), str(seconds)]
    module = [sys.executable, "-m", "benchmarks.live_readers", *numbers]
    process = subprocess.Popen(
        pinned(stage.cores.rest, module), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if process.stderr is None or process.stderr.readline() != "connected\n":
        raise RuntimeError("the readers could not connect")
    return process
