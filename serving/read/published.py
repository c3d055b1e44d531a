"""The newest published snapshot, open for reading, and the switch to the next one while requests go on.

Each file gets an in-memory DuckDB of its own that attaches it: within one process DuckDB would otherwise
go on serving an older file for as long as any handle to it lives.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from contracts.web.journal import note
from contracts.web.refusal import RefusalError
from serving.read.metrics import QUERIES, SWITCHES, WAITING
from serving.read.questions import SAMPLES
from serving.settings import ReadSettings
from serving.snapshot import newest

Row = dict[str, Any]


class Version:
    """One snapshot: its name, its connection, and the answers that were made from it."""

    def __init__(self, path: Path, settings: ReadSettings) -> None:
        self.name = path.stem
        self.etag = f'"{version("backbeat")}-{path.stem.removeprefix("snapshot-")}"'
        self._limit = settings.serve_cache_mib * 2**20
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._readers = 0
        self._is_over = False
        # One thread: each query runs on the thread that asks, and as many at once as there are of those.
        config = {"threads": "1", "memory_limit": f"{settings.serve_memory_mib}MiB"}
        self._database = duckdb.connect(config={**config, "autoinstall_known_extensions": "false"})
        literal = str(path).replace("'", "''")
        try:
            self._database.execute(f"attach '{literal}' as published (read_only)")
        except duckdb.Error:
            self._database.close()
            raise

    def rows(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        """The rows of `sql`, with its `$name` parameters bound. Call it in a thread."""
        with self._database.cursor() as cursor:
            cursor.execute("use published")
            cursor.execute(sql, dict(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def warm(self) -> None:
        """Ask everything once: cold, the first listener's numbers took 350 ms, afterwards 7."""
        for sql, parameters in SAMPLES:
            with suppress(duckdb.CatalogException, duckdb.BinderException):  # whoever asks is told so
                self.rows(sql, parameters)

    def answer(self, question: str) -> bytes | None:
        """As it was answered before."""
        found = self._answers.get(question)
        if found is not None:
            self._answers.move_to_end(question)
        return found

    def keep(self, question: str, answer: bytes) -> None:
        """Keep an answer, and let go of those that were not asked for the longest time."""
        self._bytes += len(answer) - len(self._answers.pop(question, b""))
        self._answers[question] = answer
        while self._bytes > self._limit:
            _, gone = self._answers.popitem(last=False)
            self._bytes -= len(gone)

    def enter(self) -> None:
        """Somebody reads it."""
        self._readers += 1

    def leave(self) -> None:
        """Somebody has read it."""
        self._readers -= 1
        self._close_unread()

    def end(self) -> None:
        """There is a newer one: close this when nobody reads it any more."""
        self._is_over = True
        self._close_unread()

    def _close_unread(self) -> None:
        if self._is_over and not self._readers:
            self._database.close()


class Published:
    """Follows the folder of snapshots; belongs to one event loop."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._version: Version | None = None
        self._slots = asyncio.Semaphore(settings.serve_queries)
        self._waiting = 0
        self.problem = ""

    @property
    def current(self) -> Version:
        """The newest version; `RefusalError` 503 while there is none."""
        if self._version is None:
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, self.reasons()[0], 10)
        return self._version

    def reasons(self) -> list[str]:
        """Why there is nothing to read; nothing when there is."""
        if self._version is not None:
            return []
        folder = self._settings.snapshots
        return [self.problem or f"no snapshot in {folder} (BACKBEAT_SNAPSHOTS): run `backbeat publish`"]

    async def follow(self) -> None:
        """Look for a newer snapshot, again and again."""
        while True:
            await asyncio.sleep(self._settings.serve_follow_seconds)
            await self.look()

    async def look(self) -> None:
        """Switch to the newest snapshot if there is a newer one; what cannot be opened is told once."""
        try:
            found = await asyncio.to_thread(self._newer)
        except (duckdb.Error, OSError) as error:
            problem = f"{self._settings.snapshots} (BACKBEAT_SNAPSHOTS): {str(error).splitlines()[0]}"
            if problem != self.problem:
                note("snapshot_unreadable", reason=problem)
            self.problem = problem
            return
        self.problem = ""
        if found is not None:
            before, self._version = self._version, found
            SWITCHES.inc()
            note("snapshot_read", snapshot=found.name)
            if before is not None:
                before.end()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a query's turn; `RefusalError` 503 when too many wait already."""
        if self._waiting >= self._settings.serve_waiting:
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests wait.", 1)
        self._waiting += 1
        WAITING.set(self._waiting)
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
            WAITING.set(self._waiting)
        try:
            QUERIES.inc()
            yield
        finally:
            self._slots.release()

    def close(self) -> None:
        """Let go of the file."""
        if self._version is not None:
            self._version.end()

    def _newer(self) -> Version | None:
        path = newest(self._settings.snapshots)
        if path is None or (self._version is not None and path.stem == self._version.name):
            return None
        found = Version(path, self._settings)
        found.warm()
        return found
