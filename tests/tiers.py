"""Which tiers a run has: the embedded one always, the real one where it can be set up.

Tests of the real tier carry the marker `real`. Where Java, Maven, Go, PostgreSQL or the network is
missing they are left out and the run says so at its end; with CI=true that fails the run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from producer.broker import EmbeddedBroker
from tests.servers import run

_LEFT_OUT = pytest.StashKey[str]()
TIERS = ["embedded", pytest.param("real", marks=pytest.mark.real)]


@dataclass(frozen=True)
class Tier:
    """A Kafka for one test: its address, a sink name that no other test uses, and how to end it."""

    name: str
    bootstrap: str
    sink_name: str
    close: Callable[[], None]


@contextmanager
def embedded(topics: Mapping[str, int]) -> Iterator[Tier]:
    """The embedded broker with `topics` (name → partitions), as a tier."""
    with EmbeddedBroker(topics) as started:
        yield Tier("embedded", started.bootstrap, "backbeat-sink", started.close)


def leave_out_what_cannot_run(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Set the real tier up if `items` need it; take its tests out of `items` if that cannot be done."""
    real = [item for item in items if item.get_closest_marker("real")]
    if not real or config.option.collectonly or not (why := _missing()):
        return
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        raise pytest.UsageError(f"real tier missing, and CI={os.environ['CI']} demands it: {why}")
    config.hook.pytest_deselected(items=real)
    items[:] = [item for item in items if item not in real]
    config.stash[_LEFT_OUT] = f"real tier left out ({len(real)} tests): {why}"


def left_out(config: pytest.Config) -> str:
    """What the end of the run has to say; empty when nothing was left out."""
    return config.stash.get(_LEFT_OUT, "")


def _missing() -> str:
    """Why there is no real tier; empty when there is one."""
    try:
        run("kafka.sh", "install")
        run("s3.sh", "install")
        run("postgres.sh", "install")
    except RuntimeError as error:
        return str(error)
    return ""
