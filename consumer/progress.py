"""How far the sink is: a line that renews itself on a terminal, an event every ten seconds elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.status import Status

from consumer.tally import Tally
from consumer.watch.journal import JOURNAL

_TERMINAL_SECONDS = 0.5
_LOG_SECONDS = 10.0


class Progress:
    """Rows landed, rows per second since the start, rows Kafka still has, and the time they will take."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        renewed = console.is_terminal and not JOURNAL.machine_readable
        self._status = Status("waiting for partitions", console=console) if renewed else None
        self._started = time.monotonic()
        self._shown = 0.0

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def due(self) -> bool:
        """Whether it is time to show again."""
        return time.monotonic() - self._shown >= (_TERMINAL_SECONDS if self._status else _LOG_SECONDS)

    def show(self, tally: Tally, lag: int) -> None:
        """Show the counts; `lag` in rows."""
        self._shown = time.monotonic()
        rate = tally.rows / max(self._shown - self._started, 1e-3)
        if self._status is None:
            JOURNAL.info("landed", **tally.summary(), rows_per_second=round(rate), lag=lag)
            return
        left = f", about {lag / rate:,.0f} s left" if lag and rate else ""
        self._status.update(
            f"{tally.rows:,} rows landed in {tally.objects:,} objects, {rate:,.0f} rows/s, lag {lag:,}{left}"
        )
