"""Wall and CPU seconds of a piece of work, its children's included when they have ended."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass
class Clock:
    """`with Clock() as clock: …`; then `clock.wall` and `clock.cpu`, in seconds."""

    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), _cpu()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall, self.cpu = time.perf_counter() - self._wall, _cpu() - self._cpu

    def rates(self, count: int) -> dict[str, float]:
        """`count` per second of wall time and of CPU time."""
        return {"per_second": round(count / self.wall), "per_cpu_second": round(count / self.cpu)}
