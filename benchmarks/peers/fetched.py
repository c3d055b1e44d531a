"""The peers that this machine can run: each fetched once by infra/peers.sh."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.engine import Engine
from benchmarks.peers import bento, iceberg, quix
from benchmarks.stage import ROOT

# Name → what makes an engine of the place where infra/peers.sh has put it, and its version.
PEERS: dict[str, Callable[[Path, str], Engine]] = {
    "bento": lambda place, version: bento.engine(place / "bento", version),
    "quixstreams": quix.engine,
    "iceberg": iceberg.engine,
}


def fetch(name: str) -> Engine:
    """The peer `name`; RuntimeError with the reason when it cannot be had here."""
    script = [str(ROOT / "infra" / "peers.sh"), name]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    version, place = done.stdout.strip().split(" ", 1)
    return PEERS[name](Path(place), version)
