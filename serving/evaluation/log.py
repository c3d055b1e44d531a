"""The warehouse's event log, split by time: the last days are held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from contracts.errors import BackbeatError
from serving.evaluation.arrays import Counts, Floats, counted, counts_of
from serving.evaluation.split import Cut, Split
from serving.evaluation.warehouse import attached

LONGEST = 14  # days held out
_SHARE = 6  # of a log of so many days one is held out
_FEWEST = 3
_RECENT = (7, 28)

_SPAN = "select min(ended_at)::date, max(ended_at)::date from silver_plays where is_stream"
# Streams and plays before the cut, and streams in the days behind it; what nobody heard before cannot be
# recommended.
_PAIRS = """
    create or replace temp table pairs as
    select
        user_id,
        track_key,
        count(*) filter (is_stream and ended_at < $cut) as seen,
        count(*) filter (ended_at < $cut) as met,
        count(*) filter (is_stream and ended_at >= $cut) as later
    from silver_plays
    where ended_at < $until
    group by all
"""
_NAMED = """
    create or replace temp table known as
    select track_key, row_number() over (order by track_key) - 1 as item
    from pairs group by track_key having sum(seen) > 0;
    create or replace temp table people as
    select user_id, row_number() over (order by user_id) - 1 as place from pairs group by user_id
"""
_PLACED = """
    select place, item, {value} from pairs join people using (user_id) join known using (track_key)
    where {condition} order by all
"""
_RECENTLY = """
    select item, count(distinct user_id) from silver_plays join known using (track_key)
    where is_stream and ended_at < $cut and ended_at >= $since group by item
"""


@dataclass(frozen=True)
class Log:
    """An attached warehouse and the days it holds; `until` is the midnight behind the last one."""

    connection: duckdb.DuckDBPyConnection
    warehouse: Path
    days: int
    until: datetime


def split_by_time(warehouse: Path, seed: int) -> Split:
    """Hold out the last days of `warehouse`, a sixth of them, 14 at most; those before are for validation.

    What is to be found is each track streamed in these days that the user had not played before. Raises
    BackbeatError when there is no warehouse, no plays in it, or too few days of them.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        log = _read(connection, warehouse)
        held = timedelta(days=min(LONGEST, max(1, log.days // _SHARE)))
        cut = log.until - held
        split = _split(log, cut, log.until, seed)
        if len(split.users) < 2:
            raise BackbeatError(
                f"{warehouse} (BACKBEAT_WAREHOUSE) holds plays of one user alone: nobody to compare them with"
            )
        inner = _split(log, cut - held, cut, seed)
        return replace(split, validation=inner, tracks=_track_ids(connection))


def _read(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> Log:
    """Make views of what is needed, and look how long the log is."""
    source = attached(connection, warehouse)
    connection.execute("set TimeZone = 'UTC'")
    try:
        for table in ("silver_plays", "silver_track_ids"):
            connection.execute(f"create temp view {table} as from {source}.silver.{table}")
    except duckdb.CatalogException as error:
        raise BackbeatError(
            f"{warehouse} (BACKBEAT_WAREHOUSE) is not built yet: run `backbeat refresh` first"
        ) from error
    first, last = _row(connection, _SPAN)
    if first is None:
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) holds no plays to evaluate with")
    days = (last - first).days + 1
    if days < _FEWEST:
        told = f"plays of {days} days: {_FEWEST} are the fewest of which some can be held out"
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) holds {told}")
    return Log(connection, warehouse, days, datetime.combine(last + timedelta(days=1), time.min))


def _split(log: Log, cut: datetime, until: datetime, seed: int) -> Split:
    connection = log.connection
    connection.execute(_PAIRS, {"cut": cut, "until": until})
    connection.execute(_NAMED)
    users = _names(connection, "select user_id from people order by user_id")
    items = _names(connection, "select track_key from known order by track_key")
    shape = (len(users), len(items))
    seen = _counts(connection, "seen", "seen > 0", shape)
    truth = _counts(connection, "1", "met = 0 and later > 0", shape)
    met = _counts(connection, "met", "met > 0", shape)
    (found,) = _row(connection, "select count(*) from pairs where met = 0 and later > 0")
    protocol = {
        "split": "time",
        "days": log.days,
        "cut": cut.isoformat(),
        "until": until.isoformat(),
        "held_out_but_unknown_before": found - truth.nnz,
        "seed": seed,
    }
    popularity = _popularity(connection, cut, seen)
    return Split(users, items, seen, truth, popularity, protocol, cut=Cut(log.warehouse, cut), met=met)


def _counts(
    connection: duckdb.DuckDBPyConnection, value: str, condition: str, shape: tuple[int, int]
) -> Counts:
    found = connection.execute(_PLACED.format(value=value, condition=condition)).fetchnumpy()
    users, items, counts = (np.asarray(column) for column in found.values())
    return counts_of(users.astype(np.int64), items.astype(np.int64), counts.astype(np.float64), shape)


def _popularity(connection: duckdb.DuckDBPyConnection, cut: datetime, seen: Counts) -> dict[str, Floats]:
    """Listeners and plays over all time, and listeners of the last days before the cut."""
    found = counted(seen)
    for days in _RECENT:
        rows = connection.execute(_RECENTLY, {"cut": cut, "since": cut - timedelta(days=days)}).fetchall()
        recent = np.zeros(seen.shape[1])
        for item, listeners in rows:
            recent[item] = listeners
        found[f"listeners_{days}_days"] = recent
    return found


def _track_ids(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    found = connection.execute("select track_key, track_id from silver_track_ids order by all")
    for key, track_id in found.fetchall():
        ids.setdefault(key, []).append(track_id)
    return ids


def _names(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [name for (name,) in connection.execute(query).fetchall()]


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchone() or (None, None)
