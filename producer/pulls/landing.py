"""Documents on their way into the lake: imported as the files that people download are, and kept as they are.

    pulled = pull(stream, since, store, context)

A document that tells what was told before is none; one that tells a period otherwise supersedes the earlier
by the report's own declaration. The file itself, which a line's number and hash refer to, lies in
the archive (`backbeat archive list`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.errors import BackbeatError
from producer.archive.keep import keep_body
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.report import FileReport, total
from producer.pulls.document import Document, Step, Stream
from producer.pulls.ledger import Ledger, PullStore

Advance = Callable[[int, int, int], None]


@dataclass
class Pulled:
    """What became of an account's pull: days asked for, documents, and rows in = accepted + rejected.
    `restated` are documents that supersede an earlier telling, `unchanged` those that told nothing new."""

    platform: str
    account: str
    since: date
    until: date
    documents: int = 0
    restated: int = 0
    unchanged: int = 0
    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    error: str | None = None

    def count(self, whole: FileReport) -> None:
        """Add what an import told."""
        self.rows_in += whole.rows_in
        self.accepted += whole.accepted
        self.rejected += whole.rejected
        self.by_reason.update(whole.by_reason)


@dataclass(frozen=True)
class HowFar:
    """Where a pull begins: `since` at the latest, where somebody says so; else the account's last day less
    `look_back` (days), and `first` (days back) for an account that was never pulled."""

    look_back: int
    first: int
    since: date | None = None

    def of(self, ledger: Ledger, until: date) -> date:
        """The first day to ask for; never one that would leave a gap."""
        usual = until - timedelta(days=self.first - 1)
        if ledger.reached is not None:
            usual = min(ledger.reached, until) - timedelta(days=self.look_back)
        elif self.since is not None:
            return min(self.since, until)
        return min(usual, self.since or usual)


def pull(
    stream: Stream,
    how_far: HowFar,
    store: PullStore,
    context: Context,
    advance: Advance = lambda _done, _days, _rows: None,
) -> Pulled:
    """Pull an account and land every step of it. An error leaves the steps before it landed and is told in
    the answer, so that the other accounts are pulled all the same; `advance` hears of the days that are
    done, of how many, and of more rows."""
    ledger = Ledger(store, stream)
    since = how_far.of(ledger, stream.until)
    pulled = Pulled(stream.platform, stream.account, since, stream.until)
    try:
        for step in stream.steps(since, stream.until):
            before = pulled.rows_in
            _take(step, ledger, store, replace(context, now=datetime.now(UTC)), pulled)
            advance((step.until - since).days + 1, (stream.until - since).days + 1, pulled.rows_in - before)
    except BackbeatError as error:
        pulled.error = str(error)
    return pulled


def _take(step: Step, ledger: Ledger, store: PullStore, context: Context, pulled: Pulled) -> None:
    fresh = [document for document in step.documents if document.rows and not ledger.knows(document)]
    pulled.unchanged += len(step.documents) - len(fresh)
    pulled.documents += len(fresh)
    earlier = [ledger.superseded_by(document) for document in fresh]
    pulled.restated += len(fresh) - earlier.count(None)
    if fresh:
        bodies = [document.body(told) for document, told in zip(fresh, earlier, strict=True)]
        pulled.count(_import(fresh, bodies, store, context))
        for document, body in zip(fresh, bodies, strict=True):
            ledger.note(document, sha256(body).hexdigest())
    ledger.reach(step.until)


def _import(
    documents: Sequence[Document], bodies: Sequence[bytes], store: PullStore, context: Context
) -> FileReport:
    """Land the documents as reports, and keep the files; the receipts last."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / str(at) / document.file_name for at, document in enumerate(documents)]
        for path, body in zip(paths, bodies, strict=True):
            path.parent.mkdir()  # two periods may be spelled the same in a file's name
            path.write_bytes(body)
        files, _ = find(paths)
        if any(file.format.kind != document.kind for file, document in zip(files, documents, strict=True)):
            raise BackbeatError(f"{documents[0].file_name}: no platform's file knows {documents[0].kind}")
        batch = Batch(files, store, context)
        batch.land()
        for path, body in zip(paths, bodies, strict=True):
            keep_body(store, body, path.name)
        batch.settle()
        return total(batch.reports)
