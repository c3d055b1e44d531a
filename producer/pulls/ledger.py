"""What has been pulled of an account, kept in the lake beside what it is about.

So a new lake begins at the beginning, and losing what else is on a machine loses nothing. Objects are only
ever created: `told/…` for each telling of a period, once it has landed; `reached/…` for each day up to which
everything has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple, Protocol

import orjson

from contracts.errors import BackbeatError
from contracts.lake import key_part, pulls_prefix, reached_key, told_key
from producer.importers.receipt import LakeStore
from producer.pulls.document import Document, Stream


class PullStore(LakeStore, Protocol):
    """What a pull needs of a lake."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""


class Telling(NamedTuple):
    """The latest telling of a period: which one it is, and what its rows are."""

    number: int
    content: str
    key: str


class Ledger:
    """The ledger of one account, as it was when it was opened and what has been noted since."""

    def __init__(self, store: PullStore, stream: Stream) -> None:
        self._store = store
        self._prefix = prefix = pulls_prefix(stream.platform, stream.account)
        self._latest: dict[str, Telling] = {}
        self.reached: date | None = None
        for key in store.list(prefix):
            folder, _, name = key.removeprefix(prefix).removesuffix(".json").rpartition("/")
            try:
                if folder == "reached":
                    self.reached = date.fromisoformat(name)
                else:
                    number, _, content = name.partition("+")
                    self._latest[folder.removeprefix("told/")] = Telling(int(number), content, key)
            except ValueError as error:
                raise BackbeatError(f"{key}: not a note of a pull; remove it, and pull again") from error

    def knows(self, document: Document) -> bool:
        """Whether the rows of this period are what was told last."""
        latest = self._latest.get(_place(document))
        return latest is not None and latest.content == document.content

    def superseded_by(self, document: Document) -> str | None:
        """The report that told this period last; None where none did."""
        latest = self._latest.get(_place(document))
        body = self._store.get(latest.key) if latest else None
        if latest is None or body is None:
            return None
        try:
            return str(orjson.loads(body)["report_id"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise BackbeatError(f"{latest.key}: not a note of a pull; remove it, and pull again") from error

    def note(self, document: Document, report_id: str) -> None:
        """The document has landed as this report."""
        latest = self._latest.get(_place(document))
        number = latest.number + 1 if latest else 0
        key = told_key(self._prefix, document.kind, document.period, number, document.content)
        said: dict[str, Any] = {"report_id": report_id, "rows": len(document.rows)}
        self._store.create(key, orjson.dumps(said))
        self._latest[_place(document)] = Telling(number, document.content, key)

    def reach(self, day: date) -> None:
        """Everything up to `day` has landed."""
        if self.reached is None or day > self.reached:
            self._store.create(reached_key(self._prefix, day), b"{}")
            self.reached = day


def _place(document: Document) -> str:
    return f"{document.kind}/{key_part(document.period)}"
