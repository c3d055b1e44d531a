"""One file on its way through a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zipfile import BadZipFile

from contracts.errors import BackbeatError
from producer.importers.context import Context
from producer.importers.converted import Converted, Download, Episode
from producer.importers.dropped_file import DroppedFile
from producer.importers.reading import Reading
from producer.importers.receipt import LakeStore
from producer.importers.report import FileReport
from producer.reports.landed import land

# Telling a progress bar of every row would take longer than converting it.
_TELL_EVERY = 2_000


@dataclass
class Item:
    """A file, its report, and what of it is for landing/."""

    file: DroppedFile
    report: FileReport
    episodes: set[Episode] = field(default_factory=set)
    downloads: list[Download] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether it has rows that are not imported yet."""
        return not (self.report.already_imported or self.report.is_reference)

    @property
    def has_events(self) -> bool:
        """Whether there is something in it to publish."""
        return self.is_new and self.file.format.report is None

    def rows(self, tell: Callable[[Reading], None] = lambda _reading: None) -> Iterator[Any]:
        """What the file's format reads; `tell` gets the reading now and then, and at the end."""
        place = self.file.place
        try:
            with place.open() as file:
                reading = Reading(file)
                for number, row in enumerate(self.file.format.read(reading), 1):
                    yield row
                    if number % _TELL_EVERY == 0:
                        tell(reading)
                tell(reading)
            if reading.damage:
                with place.open() as file:
                    self.report.damage = reading.damage.told(file)
        except (OSError, BadZipFile) as error:
            raise BackbeatError(f"{place.name}: cannot be read any more: {error}") from error

    def converted(
        self, context: Context, tell: Callable[[Reading], None] = lambda _reading: None
    ) -> Iterator[Converted]:
        """The events and refusals that its rows become."""
        return self.file.format.convert(self.rows(tell), context)

    def land(
        self, store: LakeStore, context: Context, imported_at: datetime, advance: Callable[[int, int], None]
    ) -> None:
        """Land a platform's report; the file's report is filled in. Nothing where it is none."""
        recognised = self.file.format.report
        if recognised is None:
            return
        place, report = self.file.place, self.report
        landed = land(place, recognised, self.file.digest, context, imported_at, store, advance)
        report.rows_in, report.rejected = landed.rows_in, landed.rejected
        report.accepted = landed.rows_in - landed.rejected
        report.by_reason.update(landed.by_reason)
        report.measure = recognised.known.report.measure
        report.measure_total = f"{landed.total.normalize():f}"
        report.stated_total = None if landed.stated is None else f"{landed.stated.normalize():f}"
