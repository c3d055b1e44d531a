"""The files of one call: published, each row counted, then given their receipts.

    batch = Batch(files, store, context, again=False)
    batch.publish(publisher)            # then flush, and wait until everything has landed
    batch.settle()                      # only now: catalogues and receipts
    batch.reports

A damaged file is published up to the damage, which its report and its receipt tell. A run that dies in
between leaves no receipt: its rows come again with the same event ids, and silver keeps one of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from contracts.errors import BackbeatError
from contracts.lake import landing_key
from producer.importers import podcast_reference
from producer.importers.context import Context
from producer.importers.converted import Download, Episode, Rejected, without_repeats
from producer.importers.dropped_file import DroppedFile
from producer.importers.formats import FORMATS, apple_music, podcast
from producer.importers.item import Item
from producer.importers.landing_file import as_csv
from producer.importers.outbox import Outbox, Publishes
from producer.importers.reading import Reading
from producer.importers.receipt import LakeStore, Receipt, find_receipt, leave_receipt
from producer.importers.report import FileReport
from producer.importers.timestamp import wire

Advance = Callable[[int, int], None]


class Batch:
    """Files to import into one lake."""

    def __init__(
        self, files: Iterable[DroppedFile], store: LakeStore, context: Context, *, again: bool = False
    ) -> None:
        self._store = store
        self._items: list[Item] = []
        digests: set[str] = set()
        for file in sorted(files, key=_order):
            known = file.digest in digests or (not again and find_receipt(store, file.digest) is not None)
            digests.add(file.digest)
            is_reference = file.format.refers is not None
            report = FileReport(
                file.place.name, file.format.kind, already_imported=known, is_reference=is_reference
            )
            self._items.append(Item(file, report))
        self._context = self._with_references(context)

    @property
    def reports(self) -> Sequence[FileReport]:
        """One report a file, in the order of processing."""
        return [item.report for item in self._items]

    @property
    def new_bytes(self) -> int:
        """How much there is to read and publish."""
        return sum(item.file.place.size for item in self._items if item.is_new)

    @property
    def has_new(self) -> bool:
        """Whether there is a file to publish."""
        return any(item.has_events for item in self._items)

    def land(self, advance: Advance = lambda _bytes, _rows: None) -> None:
        """Land the platforms' reports without a receipt, the older files first: of two of one period the
        later one counts."""
        for number, item in enumerate(item for item in self._items if item.is_new):
            imported_at = self._context.now + timedelta(microseconds=number)
            item.land(self._store, self._context, imported_at, advance)

    def publish(self, publisher: Publishes, advance: Advance = lambda _bytes, _rows: None) -> None:
        """Convert and publish every row of the files without a receipt; `advance` is told how many more bytes
        and rows are done, now and then."""
        seen: set[bytes] = set()
        new = {item.file.digest for item in self._items if item.is_new}
        # What has been imported is not published again, but rows of the other files may repeat its rows.
        for item in self._items:
            if item.report.already_imported and not item.report.is_reference and item.file.digest not in new:
                deque(without_repeats(item.converted(self._context), seen), maxlen=0)
        outbox = Outbox(publisher)
        for item in (item for item in self._items if item.has_events):
            self._publish(item, outbox, seen, advance)
        outbox.send()

    def settle(self) -> None:
        """Land what is for landing/ and leave the receipts: call when everything published is safe."""
        for item in self._items:
            if not item.is_new:
                continue
            if item.episodes:
                self._land("episodes", podcast_reference.catalogue_csv(item.episodes))
            if item.downloads:
                self._land("podcast_downloads", as_csv(Download._fields, item.downloads))
            leave_receipt(self._store, self._receipt(item))

    def _with_references(self, context: Context) -> Context:
        countries: dict[str, str] = {}
        episodes: dict[str, Episode] = {}
        artists: dict[str, str] = {}
        for item in self._items:
            if item.file.format is podcast.USERS:
                countries |= podcast_reference.countries(item.rows())
            elif item.file.format is podcast.EPISODES:
                found = (row.episode for row in item.converted(context) if not isinstance(row, Rejected))
                episodes |= {episode.episode_id: episode for episode in found if episode}
            elif item.file.format.refers:
                for title, artist in item.file.format.refers(item.rows()).items():
                    apple_music.note_artist(artists, title, artist)
        return replace(context, countries=countries, episodes=episodes, artists=artists)

    def _publish(self, item: Item, outbox: Outbox, seen: set[bytes], advance: Advance) -> None:
        told = [0, 0]

        def tell(reading: Reading) -> None:
            advance(reading.position - told[0], item.report.rows_in - told[1])
            told[:] = reading.position, item.report.rows_in

        count = item.report.count
        for row in without_repeats(item.converted(self._context, tell), seen):
            count(row)
            if isinstance(row, Rejected):
                outbox.refuse(row)
                continue
            if row.episode:
                item.episodes.add(row.episode)
            if row.download:
                item.downloads.append(row.download)
            if row.value is not None:
                outbox.add(row.topic, row.key, row.value)
        if item.file.place.stamp() != item.file.stamp:
            raise BackbeatError(
                f"{item.file.place.name}: changed while it was being imported; import it again"
            )

    def _land(self, kind: str, body: bytes) -> None:
        self._store.create(landing_key(kind, sha256(body).hexdigest(), "csv"), body)

    def _receipt(self, item: Item) -> Receipt:
        report = item.report
        return Receipt(
            sha256=item.file.digest,
            kind=report.kind,
            rows_in=report.rows_in,
            accepted=report.accepted,
            rejected=report.rejected,
            by_reason=dict(report.by_reason),
            imported_at=wire(self._context.now),
            damage=report.damage,
        )


def _order(file: DroppedFile) -> tuple[int, int, str]:
    """References first, then histories; platforms' reports last, by the time of their files."""
    if file.format.report:
        return len(FORMATS), file.stamp[1], file.place.name
    return FORMATS.index(file.format), 0, file.place.name
