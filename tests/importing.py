"""An import into a store in memory: what it published, what it reported, and whether that adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from contracts.events import TOPICS
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.place import MOST_UNPACKED_MIB
from producer.importers.pseudonym import Pseudonyms
from producer.importers.reading import Reading
from producer.importers.report import total

Headers = list[tuple[str, bytes]] | None
Message = tuple[str, bytes | None, bytes, Headers]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class MemoryStore(dict[str, bytes]):
    """A lake in memory."""

    def create(self, key: str, body: bytes) -> bool:
        if key in self:
            return False
        self[key] = body
        return True


class Sent(list[Message]):
    """A publisher that keeps what it is given."""

    def publish(self, topic: str, key: bytes | None, value: bytes, headers: Headers = None) -> None:
        self.append((topic, key, value, headers))

    def publish_many(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes]) -> None:
        self.extend((topic, key, value, None) for key, value in zip(keys, values, strict=True))


class Import:
    """One import: what it published and what it reported."""

    def __init__(
        self,
        store: MemoryStore,
        *paths: Path,
        again: bool = False,
        most_mib: int = MOST_UNPACKED_MIB,
        **context: Any,
    ) -> None:
        self.store = store
        self.messages = Sent()
        files, self.skipped = find(paths, most_mib)
        self.batch = Batch(files, store, Context(Pseudonyms(b"key"), NOW, **context), again=again)
        self.batch.land()
        self.batch.publish(self.messages)
        self.batch.settle()
        self.total = total(self.batch.reports)

    def counts(self) -> tuple[int, int, int]:
        return self.total.rows_in, self.total.accepted, self.total.rejected

    def events(self, topic: str = "plays") -> list[dict[str, Any]]:
        """The accepted events of a topic, in the order of their times."""
        found = [
            orjson.loads(value) for name, _, value, headers in self.messages if name == topic and not headers
        ]
        return sorted(found, key=lambda event: (event["occurred_at"], event["event_id"]))

    def produced(self) -> bytes:
        """Every byte that left the importer: records, keys, headers, files of the lake."""
        parts = [
            part for _, key, value, headers in self.messages for part in (key or b"", value, repr(headers))
        ]
        parts += [part for pair in self.store.items() for part in pair]
        return b"\n".join(part if isinstance(part, bytes) else part.encode() for part in parts)


def is_balanced(run: Import) -> bool:
    """Rows in = accepted + rejected = published, and every accepted event fits the contract."""
    for topic, _, value, headers in run.messages:
        if headers is None:
            TOPICS[topic].model_validate_json(value)
        else:
            assert orjson.loads(value)["rejected"]
    rejected = sum(headers is not None for *_, headers in run.messages)
    rows_in, accepted, refused = run.counts()
    counted = rows_in == accepted + refused == len(run.messages)
    return counted and refused == rejected == sum(run.total.by_reason.values())


def read_rows(path: Path, read: Callable[[Reading], Iterator[Any]]) -> list[Any]:
    """What a reader makes of a file."""
    with path.open("rb") as file:
        return list(read(Reading(file)))
