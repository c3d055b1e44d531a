"""What becomes of one row: an event, an episode of the catalogue, or a refusal with its reasons."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from contracts.events import TOPICS

REJECTED_HEADER = "backbeat-rejected"

# Kafka refuses a message above 1 MB by default; no honest row comes near.
MAX_VALUE_BYTES = 900_000


class Fault(NamedTuple):
    """Why a row is refused: a reason to count by, and the field or circumstance (never a value)."""

    reason: str
    detail: str


class Episode(NamedTuple):
    """A row of the catalogue of episodes; None is unknown. `released_on` is YYYY-MM-DD."""

    episode_id: str
    podcast_id: str | None
    podcast_title: str | None
    episode_title: str | None
    released_on: str | None
    duration_ms: int | None
    source: str


class Download(NamedTuple):
    """A request for an episode's file, as a server's log has it; None is unknown.

    `address_key` is a keyed hash, `requested_at` ISO-8601 in UTC."""

    request_id: str
    episode_id: str
    address_key: str
    user_agent: str | None
    method: str
    status: int
    first_byte: int | None
    last_byte: int | None
    bytes_sent: int | None
    file_bytes: int | None
    header_bytes: int | None
    requested_at: str
    source: str


class Accepted(NamedTuple):
    """A row that fits: `value` is an event of `topic`; None where the row only adds to a landing file.
    `same` is equal for rows that are one event: its id, or bytes that stand for it."""

    topic: str
    key: bytes | None
    value: bytes | None
    same: bytes
    source: str
    episode: Episode | None = None
    download: Download | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that does not: `value` is the JSON that keeps it, `topic` where it would have gone."""

    topic: str
    key: bytes | None
    value: bytes
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str:
        """All reasons in order, comma-joined: what the row is counted under, once."""
        return ",".join(fault.reason for fault in self.faults)

    @property
    def header(self) -> tuple[str, bytes]:
        """The Kafka header that tells the sink this is a refusal."""
        codes = ",".join(f"import_{fault.reason}" for fault in self.faults)
        details = "; ".join(fault.detail for fault in self.faults)
        return REJECTED_HEADER, f"{codes}: {details}".encode()


Converted = Accepted | Rejected


@dataclass(frozen=True, slots=True)
class Draft:
    """A row on its way: its identity, what it says (without anything that names a person) and its faults."""

    topic: str
    source: str
    event_id: str
    user_id: str | None
    row: Mapping[str, object]
    faults: list[Fault]

    def refuse(self, faults: Iterable[Fault]) -> Rejected:
        """The refusal of this row."""
        faults = tuple(faults)
        body = {
            "event_id": self.event_id,
            "source": self.source,
            "rejected": ",".join(fault.reason for fault in faults),
            "row": dict(self.row),
        }
        value = _kept(body)
        if len(value) > MAX_VALUE_BYTES:
            value = _kept(body | {"row": {"bytes": len(value)}})
        return Rejected(self.topic, self.user_id.encode() if self.user_id else None, value, faults)

    def event(self, fields: Mapping[str, object]) -> Converted:
        """The event of this row, or its refusal where it has faults or does not fit the contract."""
        event: dict[str, object] = {
            "event_id": self.event_id,
            "schema_version": 1,
            "user_id": self.user_id,
            "source": self.source,
            **{name: value for name, value in fields.items() if value is not None},
        }
        faults = self.faults or _contract_faults(self.topic, event)
        if faults:
            return self.refuse(faults)
        value = orjson.dumps(event)
        if len(value) > MAX_VALUE_BYTES:
            return self.refuse([Fault("row_too_large", f"{len(value)} bytes")])
        return Accepted(self.topic, str(self.user_id).encode(), value, self.event_id.encode(), self.source)


def _kept(body: Mapping[str, object]) -> bytes:
    # Half a surrogate pair, out of somebody's JSON, has no UTF-8: it becomes a question mark.
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def _contract_faults(topic: str, event: Mapping[str, object]) -> list[Fault]:
    """`invalid_field`, with the names of the fields that do not fit the contract of `topic`."""
    try:
        TOPICS[topic].model_validate(event)
    except ValidationError as error:
        names = dict.fromkeys(str(e["loc"][0]) for e in error.errors(include_input=False, include_url=False))
        return [Fault("invalid_field", ", ".join(names))]
    return []


def without_repeats(rows: Iterable[Converted], seen: set[bytes]) -> Iterator[Converted]:
    """The same rows, but an accepted one whose event id is in `seen` (which grows) is a `duplicate_row`."""
    for row in rows:
        if type(row) is Accepted:
            if row.same in seen:
                yield _repeat(row)
                continue
            seen.add(row.same)
        yield row


def _repeat(row: Accepted) -> Rejected:
    said = _landing(row) if row.value is None else orjson.loads(row.value)
    event_id = str(said.get("event_id") or row.same.decode())
    user_id = row.key.decode() if row.key else None
    draft = Draft(row.topic, row.source, event_id, user_id, said, [])
    return draft.refuse([Fault("duplicate_row", "the same row came earlier")])


def _landing(row: Accepted) -> dict[str, object]:
    """What a row for a landing file says; of a request, nothing that may name a person."""
    if row.download:
        return {name: getattr(row.download, name) for name in ("request_id", "episode_id", "requested_at")}
    return row.episode._asdict() if row.episode else {}
