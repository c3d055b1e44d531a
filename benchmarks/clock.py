"""Wall and CPU seconds of a piece of work, its children's included when they have ended."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
CHILDREN = (resource.RUSAGE_CHILDREN,)


@dataclass
class Clock:
    """`with Clock() as clock: …`; then `clock.wall` and `clock.cpu`, in seconds, of `processes`."""

    processes: tuple[int, ...] = BOTH
    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), self._used()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall, self.cpu = time.perf_counter() - self._wall, self._used() - self._cpu

    def _used(self) -> float:
        usages = [resource.getrusage(who) for who in self.processes]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def rates(self, count: int) -> dict[str, float]:
        """`count` per second of wall time and of CPU time."""
        return {"per_second": round(count / self.wall), "per_cpu_second": round(count / self.cpu)}
