"""What a pull writes down: the rows of one period as a JSON file, the same rows always the same bytes.

A period told otherwise than before is another document that names the one it supersedes: without that, rows
that change and change back would be a file that was imported already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from contracts.errors import BackbeatError

Row = dict[str, Any]
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Document:
    """The rows of one kind of report, of one account and period (a day, a campaign)."""

    kind: str
    account: str
    period: str
    rows: tuple[Row, ...]

    @cached_property
    def content(self) -> str:
        """Sixteen hex digits that stand for the rows."""
        return sha256(self._data).hexdigest()[:16]

    @property
    def file_name(self) -> str:
        """`meta_ads_api-act_1-2026-11-20.json`"""
        told = f"{self.kind}-{self.account}-{self.period}"[:_LONGEST_NAME]
        return re.sub(r"[^\w.-]", "_", told, flags=re.ASCII) + ".json"

    def body(self, supersedes: str | None) -> bytes:
        """The file, a row a line; `supersedes` is the report that told this period before."""
        around = {"pull": self.kind, "account": self.account, "period": self.period, "supersedes": supersedes}
        return _text(around)[:-1] + b',"data":[\n' + self._data + b"\n]}\n"

    @cached_property
    def _data(self) -> bytes:
        return b",\n".join(_text(row) for row in self.rows)


class TooMuchError(BackbeatError):
    """A platform will not tell that many days at once."""


class Step(NamedTuple):
    """What is landed together, and the day that everything is known up to once it is."""

    documents: tuple[Document, ...]
    until: date


@dataclass(frozen=True)
class Stream:
    """One account of a platform. `steps(since, until)` asks for its days, in order; what is not asked for is
    not pulled, so that a pull that dies half-way has landed every step it took."""

    platform: str
    account: str
    steps: Callable[[date, date], Iterator[Step]]
    until: date


def daily(
    kind: str,
    account: str,
    rows_of: Callable[[date, date], list[Row]],
    day_of: Callable[[Row], str],
    longest_days: int,
) -> Callable[[date, date], Iterator[Step]]:
    """The steps of a report by day, a document a day; `rows_of` is asked for `longest_days` at a time, and
    for half as many from where it says that they are too much."""

    def steps(since: date, until: date) -> Iterator[Step]:
        at_once = longest_days
        while since <= until:
            last = min(since + timedelta(days=at_once - 1), until)
            try:
                rows = rows_of(since, last)
            except TooMuchError:
                if last == since:
                    raise
                at_once = ((last - since).days + 1) // 2
                continue
            days: dict[str, list[Row]] = {}
            for row in rows:
                days.setdefault(day_of(row), []).append(row)
            documents = (Document(kind, account, day, tuple(days[day])) for day in sorted(days))
            yield Step(tuple(documents), last)
            since = last + timedelta(days=1)

    return steps


def _text(value: Any) -> bytes:
    # Half a surrogate is no text: it must not make the file unreadable.
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
