"""Pulling from platforms' APIs of our own into a lake, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from producer.importers.context import Context
from producer.importers.pseudonym import Pseudonyms
from producer.pulls.landing import HowFar, Pulled, pull
from producer.pulls.ledger import PullStore
from producer.pulls.platforms import PLATFORMS, streams_of
from tests.api_server import ApiServer, settings_for
from tests.importing import MemoryStore

TODAY = date(2026, 3, 20)
S = TypeVar("S", bound=PullStore)


class ListedStore(MemoryStore):
    """A lake in memory that can be listed."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        return iter(sorted(key for key in self if key.startswith(prefix) and key > start_after))


class Puller(Generic[S]):
    """Pulls at `server` into `store`; `paused` are the rests it took (s)."""

    def __init__(self, server: ApiServer, store: S, folder: Path) -> None:
        self.store = store
        self.paused: list[float] = []
        self._server, self._folder = server, folder

    def pull(self, platform: str, today: date = TODAY, since: date | None = None, **changes: Any) -> Pulled:
        """Pull the one account of a platform; `changes` are settings."""
        settings = settings_for(self._server, self._folder, **changes)
        (stream,) = streams_of(platform, settings, today, self.paused.append)
        far = HowFar(settings.pull_look_back_days, settings.pull_first_days, since)
        return pull(stream, far, self.store, Context(Pseudonyms(b"key"), datetime.now(UTC)))

    def pull_all(self) -> list[tuple[int, int]]:
        """Pull every platform: documents and rows of each."""
        return [(done.documents, done.rows_in) for done in map(self.pull, PLATFORMS) if done.error is None]
