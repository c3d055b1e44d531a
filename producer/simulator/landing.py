"""Where the simulator's own reference data goes: the episodes CSV in the lake's landing."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from contracts.lake import LANDING, landing_key
from producer.simulator.catalogue import episodes_csv
from producer.simulator.config import SimulationConfig
from producer.simulator.whole_file import whole


class LakeStore(Protocol):
    """What landing a file needs of a lake: create an object under a key, unless it is there."""

    def create(self, key: str, body: bytes) -> bool:
        """True: this call wrote it; False: it was there. BackbeatError when the lake is broken."""


StoreFor = Callable[[str], LakeStore]


class LandingFolder:
    """A landing that is a plain folder, for runs without a lake."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, key: str, body: bytes) -> bool:
        """Write `body` at `key` (below `landing/`), whole or not at all."""
        path = self._folder / key.removeprefix(f"{LANDING}/")
        if path.exists():
            return False
        with whole(path) as partial:
            partial.write_bytes(body)
        return True


def land_episodes(config: SimulationConfig, store: LakeStore) -> str:
    """Land the simulated episodes; returns their key, which follows from the bytes."""
    body = episodes_csv(config)
    key = landing_key("episodes", sha256(body).hexdigest(), "csv")
    store.create(key, body)
    return key
