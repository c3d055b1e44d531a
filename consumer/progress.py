"""How far the sink is: a line that renews itself on a terminal, an event every ten seconds elsewhere."""

from __future__ import annotations

from consumer.status_line import StatusLine
from consumer.tally import Tally
from consumer.watch.journal import JOURNAL


class Progress(StatusLine):
    """Rows landed, rows per second since the start, rows Kafka still has, and the time they will take."""

    def __init__(self) -> None:
        super().__init__("waiting for partitions", renewed=not JOURNAL.machine_readable)

    def landed(self, tally: Tally, lag: int) -> None:
        """Show the counts; `lag` in rows."""
        rate = tally.rows / self.elapsed
        if not self.renews:
            JOURNAL.info("landed", **tally.summary(), rows_per_second=round(rate), lag=lag)
            return
        left = f", about {lag / rate:,.0f} s left" if lag and rate else ""
        self.show(
            f"{tally.rows:,} rows landed in {tally.objects:,} objects, {rate:,.0f} rows/s, lag {lag:,}{left}"
        )
