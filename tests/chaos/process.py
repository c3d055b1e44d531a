"""A member's process, as the runner holds it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

from tests.chaos.member import Life

FAR = float("inf")


@dataclass
class Member:
    """A process, and when it is to be killed, stopped, woken or asked to leave (monotonic seconds)."""

    process: ForkServerProcess
    life: Life
    kill_at: float = FAR
    stop_at: float = FAR
    wake_at: float = FAR
    leave_at: float = FAR
    killed: bool = False

    def signal(self, number: int) -> None:
        """Send it, if there is still somebody."""
        if self.process.is_alive() and self.process.pid is not None:
            os.kill(self.process.pid, number)

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        try:
            return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED
        except psutil.NoSuchProcess:
            return False


def last_line(log: Path) -> str:
    """What a member said last."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1].removeprefix("backbeat: ") if lines else ""
