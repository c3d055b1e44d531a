"""A podcast app's event log (JSON lines or CSV): event type, user, episode, time, seconds listened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from producer.importers.context import Context
from producer.importers.converted import Converted, Draft, Fault
from producer.importers.identity import identity
from producer.importers.reading import Unreadable
from producer.importers.text_rows import Record
from producer.importers.timestamp import epoch_ms, wire

TOPIC = "podcast_events"
SOURCE = "import.podcast"

_ACTIONS = frozenset({"play", "pause", "seek", "complete"})
_FIELDS = ("event_type", "user_id", "episode_id", "timestamp", "duration")
# A week: silver's rule, applied here too.
_LONGEST_MS = 7 * 24 * 60 * 60 * 1000
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)


def convert(rows: Iterable[Record], context: Context) -> Iterator[Converted]:
    """One `podcast_events` event or refusal per row; a row of JSON and its twin of CSV get one event id."""
    for row in rows:
        yield unreadable(row, TOPIC) if isinstance(row, Unreadable) else _event(row, context)


def _event(row: Mapping[str, object], context: Context) -> Converted:
    faults: list[Fault] = []
    action = _action(row, faults)
    user = field(row, "user_id", faults, "user")
    episode_id = field(row, "episode_id", faults, "episode")
    moment = context.moment(scalar(row, "timestamp"), faults)
    position_ms = milliseconds(scalar(row, "duration"), faults, "position")
    user_id = context.pseudonyms.of(SOURCE, user) if user else None
    facts = (action, user_id, episode_id, scalar(row, "timestamp"), position_ms)
    event_id = identity(epoch_ms(moment), SOURCE, *facts)
    kept = {name: row.get(name) for name in _FIELDS} | {"user_id": user_id}
    draft = Draft(TOPIC, SOURCE, event_id, user_id, kept, faults)
    if faults or moment is None:
        return draft.refuse(faults)
    episode = context.episodes.get(episode_id or "")
    return draft.event(
        {
            "occurred_at": wire(moment),
            "country": context.countries.get(user or ""),
            "episode_id": episode_id,
            "podcast_id": episode.podcast_id if episode else None,
            "action": action,
            "position_ms": position_ms,
            "duration_ms": episode.duration_ms if episode else None,
        }
    )


def unreadable(row: Unreadable, topic: str) -> Converted:
    """The refusal of a row of any of the podcast's files that could not be told into fields."""
    kept = {"number": row.number, "sha256": row.digest}
    return Draft(topic, SOURCE, identity(0, SOURCE, row.digest), None, kept, []).refuse([row.fault])


def _action(row: Mapping[str, object], faults: list[Fault]) -> str | None:
    action = field(row, "event_type", faults, "event_type")
    if action is not None and action.lower() not in _ACTIONS:
        faults.append(Fault("unknown_event_type", "event_type"))
    return action and action.lower()


def scalar(row: Mapping[str, object], name: str) -> str | None:
    """The text of a field as CSV would spell it, None where it is blank."""
    value = row.get(name)
    return None if value is None else str(value).strip() or None


def field(row: Mapping[str, object], name: str, faults: list[Fault], noun: str) -> str | None:
    """The text of a field; `faults` grows by `missing_<noun>` or `bad_<noun>`."""
    value = row.get(name)
    if isinstance(value, bool | float | list):
        faults.append(Fault(f"bad_{noun}", name))
        return None
    text = scalar(row, name)
    if text is None:
        faults.append(Fault(f"missing_{noun}", name))
    return text


def milliseconds(seconds: str | None, faults: list[Fault], what: str) -> int | None:
    """Seconds as text → ms, None where blank; `faults`: `bad_`, `negative_` or `implausible_<what>`."""
    if seconds is None:
        return None
    if not _SECONDS.fullmatch(seconds):
        faults.append(Fault(f"bad_{what}", what))
        return None
    value = int(Decimal(seconds) * 1000)
    if value < 0:
        faults.append(Fault(f"negative_{what}", what))
    elif value > _LONGEST_MS:
        faults.append(Fault(f"implausible_{what}", what))
    return value
