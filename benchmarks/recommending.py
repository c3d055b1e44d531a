"""How long the recommendation models take for 100,000 users, 20,000 tracks and 20 million interactions.

    python -m benchmarks.recommending

Writes benchmarks/results/recommending.json: everything made anew, and an hour more in which one user in fifty
listened. dbt's start and parsing are in it, as they are in a refresh.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.clock import CHILDREN, Clock
from benchmarks.peak import Peak
from benchmarks.record import record
from benchmarks.report import write_tables
from benchmarks.stage import say
from serving.build import ROOT
from serving.evaluation.arrays import counted, counts_of
from serving.evaluation.ours import run_dbt
from serving.evaluation.split import Split
from serving.evaluation.upstream import NOT_BUILT, TOPIC_TABLES, prepare

USERS, TRACKS, INTERACTIONS = 100_000, 20_000, 20_000_000
_GROUPS, _DAYS, _SEED = 100, 90, 7
_COUNTRIES = ["DE", "FR", "GB", "US", "SE", "BR", "JP", "MX"]
_MODELS = (
    "--resource-type",
    "seed",
    "--resource-type",
    "model",
    "--select",
    "+recommendations",
    "similar_tracks",
)
_HOURLY = (
    "silver_user_tracks",
    "silver_tastes",
    "silver_due_users",
    "silver_user_sources",
    "silver_scored_tracks",
    "silver_candidates",
    "recommendations",
)
# DuckDB's own share of the memory that a refresh may take; Python's arrays come on top.
_DUCKDB_MEMORY = "7GB"
_PLAYS = """
    insert into silver.silver_plays by name
    select
        md5(concat_ws('|', $part, "user", track)) as event_id,
        printf('user-%06d', "user") as user_id,
        event_id as play_id,
        'track:' || track as track_id,
        md5('track:' || track) as track_key,
        md5('artist:' || track // 8) as artist_key,
        'Song ' || track as track_title,
        'Artist ' || track // 8 as artist_name,
        'benchmark' as source,
        list_extract($countries, 1 + "user" % len($countries)) as country,
        "second" % 7 = 0 as is_skipped,
        "second" % 7 > 0 as is_stream,
        timestamp '2026-01-01' + to_seconds("second") as started_at,
        started_at + interval 3 minute as ended_at,
        started_at::date as played_date,
        $loaded_at::timestamp as _loaded_at
    from heard
"""
# What tells an hour's run who listened.
_JUDGED = """
    create view silver.silver_plays_validated as select * from silver.silver_plays;
    create view silver.silver_compared_plays as select * from silver.silver_plays where false;
    create view silver.silver_likes_validated as select * from silver.silver_likes
"""


def measure(users: int = USERS, tracks: int = TRACKS, interactions: int = INTERACTIONS) -> dict[str, object]:
    """Seconds, CPU seconds and memory of either, and how many rows came of it."""
    rng = np.random.default_rng(_SEED)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        say(f"listening: {interactions:,} pairs")
        prepare(_nobody(), warehouse, ROOT)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(_JUDGED)
        listen(warehouse, pairs(rng, users, tracks, interactions), "2026-04-01")
        excluded = ("--exclude", *NOT_BUILT, *TOPIC_TABLES.values())
        say("dbt makes everything")
        whole = timed(warehouse, ["--full-refresh", *_MODELS, *excluded])
        before = rows(warehouse)
        listened = rng.choice(users, users // 50, replace=False)
        again = listened * tracks + rng.integers(0, tracks, len(listened))
        listen(warehouse, again, "2026-04-02")
        say("dbt makes those anew who listened")
        chosen = ["--vars", "only_listeners: true", "--resource-type", "model", "--select", *_HOURLY]
        hour = timed(warehouse, chosen)
        return {
            "users": users,
            "tracks": tracks,
            "interactions": interactions,
            "whole": whole | {"rows": before},
            "hour": hour | {"listeners": len(listened), "users_made_anew": renewed(warehouse)},
        }


def pairs(
    rng: np.random.Generator, users: int, tracks: int, count: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Different pairs of user and track, as user × tracks + track; tastes are shared, some are all's."""
    taste = rng.permutation(tracks).reshape(2 * _GROUPS, -1)
    activity = rng.lognormal(0, 0.8, users)
    drawn = count * 3 // 2
    user = rng.choice(users, drawn, p=activity / activity.sum())
    place = (rng.power(0.5, drawn) * taste.shape[1]).astype(np.int64)
    near = taste[(user + rng.integers(0, 6, drawn) ** 2) % len(taste), place]
    everywhere = (rng.power(0.4, drawn) * tracks).astype(np.int64)
    found = np.unique(user * tracks + np.where(rng.random(drawn) < 0.5, near, everywhere))
    while len(found) < count:  # the rest by chance: tastes are not endless
        more = rng.integers(0, users * tracks, count - len(found) + count // 20)
        found = np.unique(np.concatenate([found, more]))
    return np.asarray(rng.permutation(found)[:count], np.int64)


def listen(warehouse: Path, keys: np.ndarray[Any, np.dtype[np.int64]], loaded_at: str) -> None:
    """Add a play of each pair of `keys`, at any time of the days; all are of the load of `loaded_at`."""
    rng = np.random.default_rng(len(keys))
    seconds = rng.integers(0, _DAYS * 86_400, len(keys))
    heard = pa.table({"user": keys // TRACKS, "track": keys % TRACKS, "second": seconds})
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("heard", heard)
        values = {"part": loaded_at, "countries": _COUNTRIES, "loaded_at": loaded_at}
        connection.execute(_PLAYS, values)
        connection.execute("delete from silver.silver_plays where user_id = 'nobody'")


def timed(warehouse: Path, command: list[str]) -> dict[str, float]:
    """Seconds and CPU seconds of one dbt command, and the most memory it held."""
    os.environ.setdefault("BACKBEAT_DUCKDB_MEMORY", _DUCKDB_MEMORY)
    with Clock(CHILDREN) as clock, Peak() as peak:
        run_dbt(ROOT, warehouse, command)
    return {"seconds": round(clock.wall, 1), "cpu_seconds": round(clock.cpu, 1), "peak_gib": peak.gib}


def rows(warehouse: Path) -> dict[str, int]:
    """Rows of what was made."""
    tables = ("silver.silver_user_tracks", "silver.silver_influences", "gold.recommendations")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counts = {table: connection.execute(f"select count(*) from {table}").fetchone() for table in tables}  # noqa: S608
    return {table: int((count or (0,))[0]) for table, count in counts.items()}


def renewed(warehouse: Path) -> int:
    """Users whose recommendations were made of the newest load."""
    query = "select count(distinct user_id) from gold.recommendations where loaded_at >= '2026-04-02'"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return int((connection.execute(query).fetchone() or (0,))[0])


def _nobody() -> Split:
    one = np.zeros(1, np.int64)
    seen = counts_of(one, one, np.ones(1), (1, 1))
    return Split(["nobody"], ["nothing"], seen, seen, counted(seen), {})


def main() -> None:
    """Measure at the sizes asked for (default: those of the promise), and render the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--share", type=float, default=1.0, help="of users and interactions")
    share = parser.parse_args().share
    users, interactions = int(USERS * share), int(INTERACTIONS * share)
    if share < 1:
        print(measure(users, TRACKS, interactions))
        return
    record("recommending", measure)
    write_tables()


if __name__ == "__main__":
    main()
