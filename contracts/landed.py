"""Whether what landed in some hours can be transformed: schema and malformed share, by topic."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contracts.arrow import bronze_schema
from contracts.lake import hour_prefix
from contracts.parquet_object import Readable, misfit, open_parquet

_HOUR = timedelta(hours=1)
# Too few records to say anything of a topic by their share.
_LEAST = 100


class Listed(Readable, Protocol):
    """What a look at landed objects needs of a lake."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""


@dataclass
class Checked:
    """One topic: objects and records, how many do not fit the contract, objects of another schema."""

    topic: str
    objects: int = 0
    rows: int = 0
    malformed: int = 0
    strange: list[str] = field(default_factory=list)

    def refusal(self, share: float) -> str | None:
        """Why these objects should not be transformed when `share` may be malformed; None: they may."""
        if self.strange:
            return f"{self.strange[0]}: {len(self.strange)} objects are not readable by the contract's schema"
        if self.rows >= _LEAST and self.malformed > share * self.rows:
            return f"{self.topic}: {self.malformed:,} of {self.rows:,} new records do not fit the contract"
        return None


def check(store: Listed, topics: Collection[str], hours: tuple[datetime, datetime]) -> list[Checked]:
    """Look at what landed from the first of `hours` (UTC) to before the second. Rows that an importer refused
    by itself are no fault of the flow, and count as sound."""
    return [_checked(store, topic, hours) for topic in topics]


def _checked(store: Listed, topic: str, hours: tuple[datetime, datetime]) -> Checked:
    found = Checked(topic)
    for key in _keys(store, topic, hours):
        try:
            file = open_parquet(store, key)
            if file is None:  # archived since it was listed
                continue
            found.objects += 1
            errors = _errors(file, topic)
        except (pa.ArrowInvalid, KeyError, OSError):
            found.strange.append(key)
            continue
        found.rows += len(errors)
        found.malformed += _malformed(errors)
    return found


def _keys(store: Listed, topic: str, hours: tuple[datetime, datetime]) -> Iterator[str]:
    hour = hours[0].replace(minute=0, second=0, microsecond=0)
    while hour < hours[1]:
        yield from store.list(hour_prefix(topic, hour))
        hour += _HOUR


def _errors(file: pq.ParquetFile, topic: str) -> pa.ChunkedArray:
    """The column `error`; ArrowInvalid if the file lacks a column of the contract."""
    if fault := misfit(file.schema_arrow, bronze_schema(topic)):
        raise pa.ArrowInvalid(fault)
    return file.read(columns=["error"])["error"]


def _malformed(errors: pa.ChunkedArray) -> int:
    told = errors.drop_null()
    return len(told) - int(pc.sum(pc.starts_with(told, "import_")).as_py() or 0)
