"""The files of one call: checked whole before the first row leaves, published, then given their receipts.

    batch = Batch(files, store, context, again=False)
    batch.publish(publisher.publish)    # then flush, and wait until everything has landed
    batch.settle()                      # only now: catalogues and receipts
    batch.reports

A run that dies in between leaves no receipt: its rows come again with the same event ids, and silver keeps
one of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from contracts.errors import BackbeatError
from contracts.lake import landing_key
from producer.importers import download_log, lastfm, podcast_log, podcast_reference, rows, spotify
from producer.importers.context import Context
from producer.importers.converted import Converted, Download, Episode, Rejected, without_repeats
from producer.importers.dropped_file import DroppedFile
from producer.importers.landing_file import as_csv
from producer.importers.receipt import LakeStore, Receipt, find_receipt, leave_receipt
from producer.importers.recognise import Kind
from producer.importers.report import FileReport
from producer.importers.timestamp import wire


class Publish(Protocol):
    """How a row leaves: see `producer.publisher.Publisher.publish`."""

    def __call__(
        self, topic: str, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]] | None = None
    ) -> None: ...


class Format(NamedTuple):
    """How a kind of file is read and what its rows become."""

    read: Callable[..., Iterator[Any]]
    convert: Callable[[Iterable[Any], Context], Iterator[Converted]]


# In the order of processing: what others refer to comes first.
FORMATS: dict[Kind, Format] = {
    Kind.PODCAST_USERS: Format(rows.comma_separated, podcast_reference.convert_users),
    Kind.PODCAST_EPISODES: Format(rows.comma_separated, podcast_reference.convert_episodes),
    Kind.PODCAST_LOG_JSON: Format(rows.json_lines, podcast_log.convert),
    Kind.PODCAST_LOG_CSV: Format(rows.comma_separated, podcast_log.convert),
    Kind.PODCAST_DOWNLOADS: Format(rows.comma_separated, download_log.convert),
    Kind.SPOTIFY: Format(rows.json_array, spotify.convert),
    Kind.LASTFM: Format(rows.tab_separated, lastfm.convert),
}
_ORDER = list(FORMATS)

# Telling a progress bar of every row would take longer than converting it.
_TELL_EVERY = 500


@dataclass
class _Item:
    """One file on its way through the batch."""

    file: DroppedFile
    report: FileReport
    row_count: int = 0
    episodes: set[Episode] = field(default_factory=set)
    downloads: list[Download] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return not self.report.already_imported

    def rows(self) -> Iterator[Any]:
        try:
            yield from FORMATS[self.file.kind].read(self.file.path)
        except (OSError, UnicodeDecodeError) as error:
            raise BackbeatError(f"{self.file.path}: cannot be read any more: {error}") from error

    def converted(self, context: Context) -> Iterator[Converted]:
        return FORMATS[self.file.kind].convert(self.rows(), context)


class Batch:
    """Files to import into one lake. Making one parses every file to its end and raises `BackbeatError` for
    the first that is broken, before anything is published."""

    def __init__(
        self, files: Iterable[DroppedFile], store: LakeStore, context: Context, *, again: bool = False
    ) -> None:
        self._store = store
        self._items: list[_Item] = []
        digests: set[str] = set()
        for file in sorted(files, key=lambda file: (_ORDER.index(file.kind), file.path)):
            known = file.digest in digests or (not again and find_receipt(store, file.digest) is not None)
            digests.add(file.digest)
            item = _Item(file, FileReport(str(file.path), file.kind.value, already_imported=known))
            item.row_count = sum(1 for _ in item.rows())
            self._items.append(item)
        self._context = self._with_references(context)

    @property
    def reports(self) -> Sequence[FileReport]:
        """One report a file, in the order of processing."""
        return [item.report for item in self._items]

    @property
    def new_rows(self) -> int:
        """How many rows there are to publish."""
        return sum(item.row_count for item in self._items if item.is_new)

    def publish(self, publish: Publish, advance: Callable[[int], None] = lambda _rows: None) -> None:
        """Convert and publish every row of the files without a receipt; `advance` is told how
        many more are done, now and then."""
        seen: set[int] = set()
        new = {item.file.digest for item in self._items if item.is_new}
        # What has been imported is not published again, but rows of the other files may repeat its rows.
        for item in (item for item in self._items if item.file.digest not in new):
            deque(without_repeats(item.converted(self._context), seen), maxlen=0)
        for item in (item for item in self._items if item.is_new):
            for row in without_repeats(item.converted(self._context), seen):
                self._send(item, row, publish)
                if item.report.rows_in % _TELL_EVERY == 0:
                    advance(_TELL_EVERY)
            if item.report.rows_in != item.row_count:
                raise BackbeatError(f"{item.file.path}: changed while it was being imported; import it again")

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
        for item in self._items:
            if item.file.kind is Kind.PODCAST_USERS:
                countries |= podcast_reference.countries(item.rows())
            elif item.file.kind is Kind.PODCAST_EPISODES:
                found = (row.episode for row in item.converted(context) if not isinstance(row, Rejected))
                episodes |= {episode.episode_id: episode for episode in found if episode}
        return replace(context, countries=countries, episodes=episodes)

    def _send(self, item: _Item, row: Converted, publish: Publish) -> None:
        item.report.count(row)
        if isinstance(row, Rejected):
            publish(row.topic, row.key, row.value, [row.header])
            return
        if row.episode:
            item.episodes.add(row.episode)
        if row.download:
            item.downloads.append(row.download)
        if row.value is not None:
            publish(row.topic, row.key, row.value)

    def _land(self, kind: str, body: bytes) -> None:
        self._store.create(landing_key(kind, sha256(body).hexdigest(), "csv"), body)

    def _receipt(self, item: _Item) -> Receipt:
        report = item.report
        return Receipt(
            sha256=item.file.digest,
            kind=report.kind,
            rows_in=report.rows_in,
            accepted=report.accepted,
            rejected=report.rejected,
            by_reason=dict(report.by_reason),
            imported_at=wire(self._context.now),
        )
