"""One engine at work (on Linux): from its start until a reader finds every record in the store."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from benchmarks.stage import pinned, say

_LOOK_EVERY_SECONDS = 0.25
_TELL_EVERY_SECONDS = 5.0
_PATIENCE_SECONDS = 60.0
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """What to run: arguments, the environment beside this process's, and whether it ends by itself."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    ends: bool = False


@dataclass(frozen=True)
class Usage:
    """Seconds by the clock and of CPU until the last rows were there, CPU to the end; memory; last words."""

    wall: float
    cpu: float
    cpu_to_exit: float
    peak_rss_mib: float
    last_line: str


class Process:
    """A command running on `cores`, its output in `folder`/log; ended, one way or the other, on exit."""

    def __init__(self, command: Command, cores: Collection[int], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        self._ends, self._peaks = command.ends, dict[int, int]()
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                pinned(cores, command.arguments),
                env={**os.environ, **command.environment},
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        self._over = os.pidfd_open(self._child.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        os.close(self._over)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def ended(self, within: float) -> bool:
        """Whether it ends within so many seconds. It stays a zombie, whose CPU time can still be read."""
        self._note_peak()
        return bool(select.select([self._over], [], [], within)[0])

    def cpu(self) -> float:
        """CPU seconds so far, of it and of all that it has started."""
        family = [psutil.Process(self._child.pid)]
        family += family[0].children(recursive=True)
        return sum(sum(one.cpu_times()[:4]) for one in family)

    def end(self) -> float:
        """Await its end, or ask for it; its CPU seconds in all. RuntimeError if it failed by itself."""
        if not self.ended(_PATIENCE_SECONDS if self._ends else 0):
            self._child.terminate()
            if not self.ended(_PATIENCE_SECONDS):
                self._child.kill()
                self.ended(_PATIENCE_SECONDS)
        used = self.cpu()
        if self._child.wait() and self._ends:
            raise RuntimeError(f"{self._child.args!r} failed: {self.last_line()}")
        return used

    def last_line(self) -> str:
        """What it said last."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def peak_rss_mib(self) -> float:
        """The most memory that it had, as last looked at (what its children have comes on top)."""
        return sum(self._peaks.values()) / 1024

    def _note_peak(self) -> None:
        for one in [
            self._child.pid,
            *[child.pid for child in psutil.Process(self._child.pid).children(True)],
        ]:
            try:
                found = _PEAK.search(Path(f"/proc/{one}/status").read_text())
            except OSError:  # ended meanwhile
                continue
            if found:
                self._peaks[one] = int(found[1])


def follow(processes: list[Process], rows: Callable[[], int], wanted: int) -> list[tuple[float, float]]:
    """Watch until `rows()` gives `wanted`, all have ended, or nothing came for a minute.

    Returns per process the seconds by the clock and of CPU when the last rows were seen.
    """
    seen, shown = 0, 0.0
    at = [(0.0, 0.0) for _ in processes]
    changed = time.monotonic()
    ended = [False]
    while seen < wanted and not all(ended) and time.monotonic() - changed < _PATIENCE_SECONDS:
        ended = [process.ended(_LOOK_EVERY_SECONDS / len(processes)) for process in processes]
        found = rows()
        now = [(time.monotonic() - process.started, process.cpu()) for process in processes]
        if found != seen:
            seen, at, changed = found, now, time.monotonic()
        if now[0][0] - shown > _TELL_EVERY_SECONDS:
            shown = now[0][0]
            say(f"    {shown:4.0f} s  {seen:>10,} rows  {sum(cpu for _, cpu in now):6.1f} CPU-s")
    return at


def trial(
    command: Command, cores: Collection[int], rows: Callable[[], int], wanted: int, folder: Path
) -> Usage:
    """Run `command` on `cores` until `rows()` gives `wanted`, or no more come; then end it."""
    with Process(command, cores, folder) as process:
        ((wall, cpu),) = follow([process], rows, wanted)
        to_exit = process.end()
        return Usage(wall, cpu, to_exit, process.peak_rss_mib(), process.last_line())
