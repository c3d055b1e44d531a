"""Defects: which events get one, when such an event is sent, and how its bytes are spoiled.

An event carries at most one. Duplicates, late and out-of-order events keep their bytes and move;
the others keep their place and lose their sense.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
import orjson
import polars as pl

from contracts.events import TOPICS
from producer.simulator.arrays import Ints, ordered
from producer.simulator.config import DefectRates, SimulationConfig
from producer.simulator.draft import AT, DEFECT, DUE

# What silver is expected to say of each; None: it is accepted.
EXPECTED_CODES: dict[str, str | None] = {
    "duplicate": "duplicate_event_id",
    "late": None,
    "out_of_order": None,
    "not_json": "not_json",
    "missing_field": "missing_field",
    "invalid_field": "invalid_field",
    "occurred_in_future": "occurred_in_future",
    "negative_ms_played": "negative_ms_played",
    "unknown_country": "unknown_country",
}
NAMES = list(EXPECTED_CODES)
SOUND = len(NAMES)
_DUPLICATE, _LATE, _OUT_OF_ORDER = range(3)
MOVED = _OUT_OF_ORDER

UNKNOWN_COUNTRY = "XX"
_CENTURIES_LATER = {"20": "22", "19": "21"}

_HOUR_MS = 3_600_000

# A value of the wrong type for a field of each topic, beside those of the envelope.
_ENVELOPE_NONSENSE: dict[str, object] = {
    "occurred_at": "the other day",
    "schema_version": "one",
    "user_id": 42,
}
_NONSENSE: dict[str, dict[str, object]] = {
    "playback_started": {"duration_ms": "three minutes"},
    "plays": {"ms_played": "a while", "skipped": "perhaps"},
    "skips": {"position_ms": "halfway"},
    "likes": {"liked": "very much"},
    "page_views": {"http_status": "fine"},
    "auth_events": {"action": "sing"},
    "subscription_changes": {"to_level": 3},
    "podcast_events": {"action": "hum"},
}


def plant(
    rng: np.random.Generator, topic: str, events: pl.DataFrame, config: SimulationConfig
) -> pl.DataFrame:
    """`events`, in any order, with `_due` and `_defect` (in NAMES, or SOUND); the copies come last."""
    order, delays = ordered(events[AT].to_numpy()), config.delays
    at = events[AT].to_numpy()[order]
    defect = _draw(rng, topic, len(events), config.defects)
    due = at.copy()
    late = np.flatnonzero(defect == _LATE)
    first, last = delays.late_hours
    due[late] += rng.integers(first * _HOUR_MS, last * _HOUR_MS, len(late))
    _overtake(rng, delays.overtaken_by, at, due, defect)
    copies = np.flatnonzero(defect == _DUPLICATE)
    defect[copies] = SOUND
    waits = 1 + rng.exponential(1_000 * delays.duplicate_after_s, len(copies)).astype(np.int64)
    marked = events.with_columns(pl.Series(DUE, _back(due, order)), pl.Series(DEFECT, _back(defect, order)))
    again = events[pl.Series(order[copies])].with_columns(
        pl.Series(DUE, at[copies] + waits), pl.Series(DEFECT, np.full(len(copies), _DUPLICATE))
    )
    return pl.concat([marked, again])


def _back(values: Ints, order: Ints) -> Ints:
    """Values in order of time, put where their events stand."""
    placed = np.empty_like(values)
    placed[order] = values
    return placed


def _draw(rng: np.random.Generator, topic: str, size: int, rates: DefectRates) -> Ints:
    edges = np.cumsum([getattr(rates, name) for name in NAMES])
    defect = np.searchsorted(edges, rng.random(size), side="right").astype(np.int64)
    if topic != "plays":
        defect[defect == NAMES.index("negative_ms_played")] = SOUND
    return defect


def _overtake(rng: np.random.Generator, by: tuple[int, int], at: Ints, due: Ints, defect: Ints) -> None:
    """Send out-of-order events right after a sound, later one; where there is none, leave them sound."""
    rows = np.flatnonzero(defect == _OUT_OF_ORDER)
    ahead = rows + rng.integers(*by, len(rows))
    inside = np.minimum(ahead, len(at) - 1)
    possible = (ahead < len(at)) & (defect[inside] == SOUND) & (at[inside] > at[rows])
    defect[rows[~possible]] = SOUND
    due[rows[possible]] = at[inside[possible]]


def spoil(topic: str, defect: str, payload: bytes) -> bytes:
    """The bytes of an event once `defect` has struck; the choice within it follows from the bytes."""
    choice = crc32(payload)
    if defect == "not_json":
        return payload[: 1 + choice % (len(payload) - 1)]
    event = orjson.loads(payload)
    if defect == "missing_field":
        required = [name for name, field in TOPICS[topic].model_fields.items() if field.is_required()]
        required.remove("event_id")  # without it the ledger could not name the event
        del event[required[choice % len(required)]]
    elif defect == "invalid_field":
        nonsense = _ENVELOPE_NONSENSE | _NONSENSE[topic]
        name = list(nonsense)[choice % len(nonsense)]
        event[name] = nonsense[name]
    elif defect == "occurred_in_future":
        event["occurred_at"] = _CENTURIES_LATER[event["occurred_at"][:2]] + event["occurred_at"][2:]
    elif defect == "negative_ms_played":
        event["ms_played"] = -event["ms_played"]
    elif defect == "unknown_country":
        event["country"] = UNKNOWN_COUNTRY
    return orjson.dumps(event)
