"""How much memory a process tree takes at most."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType
from typing import Self

import psutil

_LOOK_EVERY_S = 0.2


class Peak:
    """`with Peak() as peak: …`; then `peak.gib`: the most that all children of this process held together."""

    def __init__(self) -> None:
        self._most = 0
        self._end = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    @property
    def gib(self) -> float:
        """Resident memory at its peak."""
        return round(self._most / 2**30, 2)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        ourselves = psutil.Process()
        while not self._end.wait(_LOOK_EVERY_S):
            self._most = max(self._most, sum(map(_resident, ourselves.children(recursive=True))))


def _resident(process: psutil.Process) -> int:
    try:
        found: int = process.memory_info().rss
    except psutil.NoSuchProcess:  # it has just ended
        return 0
    return found
