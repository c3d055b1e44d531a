"""The verdict on one event as it was sent: a record for Kafka, or what is wrong with it.

What goes to Kafka is what the contract's class has validated, or certainly would, so that the sink cannot
find it malformed; and silver's rules on time are applied here already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from contracts.events import SCHEMA_VERSION, TOPICS, Event
from contracts.ids import derived_uuid7
from producer.collector.record import Record
from producer.collector.sure import surely
from producer.importers.timestamp import wire

SOURCE = "collector"
# Kafka refuses a message above 1 MB by default.
MOST_BYTES = 900_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ID = "00000000-0000-0000-0000-000000000000"
_OURS = ("event_id", "received_at", "source")
_VALIDATE = {topic: event.__pydantic_validator__.validate_json for topic, event in TOPICS.items()}


class Fault(NamedTuple):
    """A code to count by and the field it is about ("": the event); never a value."""

    code: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that is not taken; `topic` and `event_id` as far as they could be read."""

    topic: str | None
    event_id: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Circumstances:
    """When a request came (UTC), how far ahead its events may be, and whose they must be ("": anyone's)."""

    received_at: datetime
    skew: timedelta
    user_id: str = ""

    @cached_property
    def stamp(self) -> str:
        """`received_at` as events carry it."""
        return wire(self.received_at)

    @cached_property
    def latest(self) -> datetime:
        """When an event may have been at the latest."""
        return self.received_at + self.skew


def judge(raw: bytes, by: Circumstances) -> Record | Rejected:
    """The record that this JSON text makes, or why it makes none."""
    if len(raw) > MOST_BYTES:
        return Rejected(None, None, (Fault("too_large"),))
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Rejected(None, None, (Fault("not_json"),))
    if not isinstance(event, dict):
        return Rejected(None, None, (Fault("not_an_object"),))
    topic = event.pop("topic", None)
    if not isinstance(topic, str) or topic not in TOPICS:
        code = "missing_field" if topic is None else "unknown_topic"
        return Rejected(None, _told_id(event), (Fault(code, "topic"),))
    return _judged(topic, event, by)


def _judged(topic: str, event: dict[str, Any], by: Circumstances) -> Record | Rejected:
    told = _told_id(event)
    if by.user_id and event.setdefault("user_id", by.user_id) != by.user_id:
        return Rejected(topic, told, (Fault("user_not_allowed", "user_id"),))
    event["source"], event["received_at"] = SOURCE, by.stamp
    if event.get("schema_version") is None:
        event["schema_version"] = SCHEMA_VERSION
    has_id = event.get("event_id") is not None
    if not has_id:
        event["event_id"] = _NO_ID
    try:
        value = orjson.dumps(event)
        moment = surely(topic, event) or _moment(topic, value)
    except orjson.JSONEncodeError:  # it reads what is nested more deeply than it writes
        return Rejected(topic, told, (Fault("not_json"),))
    except ValidationError as error:
        return Rejected(topic, told, _faults(error))
    if fault := _misplaced(moment, by):
        return Rejected(topic, told, (fault,))
    if not has_id:
        event["event_id"] = str(_identity(topic, event, moment))
        value = orjson.dumps(event)
    if len(value) > MOST_BYTES:
        return Rejected(topic, told, (Fault("too_large"),))
    return Record(topic, event["user_id"].encode(), value, event["event_id"])


def _moment(topic: str, value: bytes) -> datetime:
    """When it occurred, by the event's class, which raises `ValidationError` for what does not fit."""
    valid: Event = _VALIDATE[topic](value)
    return valid.occurred_at


def _identity(topic: str, event: dict[str, Any], moment: datetime) -> object:
    """The id of an event that came without: the same event always gets the same, so that it counts once."""
    facts = {name: value for name, value in event.items() if name not in _OURS}
    text = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()
    return derived_uuid7((moment - _EPOCH) // timedelta(milliseconds=1), SOURCE, topic, text)


def _misplaced(moment: datetime, by: Circumstances) -> Fault | None:
    """Silver's rules on when an event may have been, by silver's names."""
    if moment > by.latest:
        return Fault("occurred_in_future", "occurred_at")
    return Fault("occurred_too_early", "occurred_at") if moment < EARLIEST else None


def _faults(error: ValidationError) -> tuple[Fault, ...]:
    """What the contract's class finds wrong: each field once."""
    found: dict[Fault, None] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        if not problem["loc"]:
            found[Fault("not_json")] = None  # nested too deeply for it
            continue
        code = "missing_field" if problem["type"] == "missing" else "invalid_field"
        found[Fault(code, str(problem["loc"][0]))] = None
    return tuple(found)


def _told_id(event: dict[str, Any]) -> str | None:
    """The id an event was sent with, for its answer."""
    told = event.get("event_id")
    return told if isinstance(told, str) and len(told) <= 64 else None
