"""A warehouse's gold several times as long: its days once more before themselves, as often as is asked.

A lake and a warehouse of a hundred million plays need ten times the disk of ten million; what people read is
gold alone, and this makes one of that size, which is then published as any other. The same listeners play the
same again, each time as many days earlier as the data are long; recommendations and what is told once of a
listener, a track or a report stay as they were. Made by DuckDB, not by dbt.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.stage import say
from serving.contents import attach, gold_tables, literal, quoted
from serving.publish import publish
from serving.run_history import history
from serving.snapshot import newest

# Tables of days. A cohort is one of its first day.
_DATED = {
    "artist_popularity",
    "cohort_retention",
    "daily_geo_activity",
    "daily_listeners",
    "daily_listening_stats",
    "daily_song_plays",
    "daily_user_activity",
    "data_quality_summary",
    "dim_dates",
    "episode_performance",
    "event_volume_hourly",
    "fct_plays",
    "fct_podcast_listens",
    "fct_sessions",
    "fct_subscription_changes",
    "listen_through_by_country",
    "listening_trends",
    "most_completed_episodes",
    "multi_episode_listeners",
    "subscription_funnel_daily",
    "top_songs_daily",
    "top_songs_hourly",
    "user_sessions",
}
# When a listener came is spread over all the days, or every cohort would be of the last ones.
_CAME = {
    "dim_users": ("registered_at", "first_seen_at"),
    "user_lifetime_metrics": (
        "registered_date",
        "first_played_date",
        "first_active_date",
        "paid_date",
        "churned_date",
    ),
}
_NAMES_OF_OTHERS = {"artist_key", "track_key"}  # of dimensions, which are not copied


def widened(warehouse: Path, times: int, folder: Path) -> Path:
    """A snapshot in `folder` of `warehouse` with its days `times` times; made there unless there is one."""
    made = newest(folder)
    if made is not None:
        return made
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as place:
        longer = Path(place) / "warehouse.duckdb"
        _write(warehouse, longer, times)
        say("publish")
        return publish(longer, folder, keep=1).path


def _write(warehouse: Path, longer: Path, times: int) -> None:
    source = quoted(warehouse.stem)
    with duckdb.connect() as connection:
        attach(connection, warehouse, source)
        connection.execute(f"attach {literal(str(longer))} as longer")
        connection.execute("create schema longer.gold; create schema longer.silver")
        days = _days(connection, source)
        for table in gold_tables(connection, warehouse):
            query = _query(connection, source, table, times, days)
            row = connection.execute(f"create table longer.gold.{quoted(table)} as {query}").fetchone()
            say(f"{table}: {row[0] if row else 0:,} rows")
        rejected = "silver.silver_rejected_events"
        connection.execute(f"create table longer.{rejected} as from {source}.{rejected}")
    shutil.copyfile(history(warehouse), history(longer))


def _days(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """How many days its plays span."""
    row = connection.execute(
        f"select date_diff('day', min(played_date), max(played_date)) + 1 from {source}.gold.fct_plays"  # noqa: S608 - a quoted name
    ).fetchone()
    if row is None or row[0] is None:
        raise ValueError("a warehouse without plays cannot be made longer")
    return int(row[0])


def _query(connection: duckdb.DuckDBPyConnection, source: str, table: str, times: int, days: int) -> str:
    """What the longer warehouse's table holds."""
    name = f"{source}.gold.{quoted(table)}"
    if table in _DATED:
        described = connection.execute(f"describe {name}").fetchall()
        return _repeated(name, {column: kind for column, kind, *_ in described}, times, days)
    if table in _CAME:
        return _spread(name, _CAME[table], times, days)
    return f"select * from {name}"  # noqa: S608 - names from the catalog


def _repeated(name: str, columns: dict[str, str], times: int, days: int) -> str:
    """Every row `times` times, each `days` days earlier and under a key of its own."""
    earlier = [
        f"{column} - to_days(copy * {days}) as {column}"
        if kind == "TIMESTAMP"
        else f"{column} - copy * {days} as {column}"
        for column, kind in columns.items()
        if kind in ("DATE", "TIMESTAMP") and column != "loaded_at"
    ]
    renamed = [
        f"if(copy = 0, {column}, {column} || '-' || copy) as {column}"
        for column in columns
        if column in ("event_id", "play_id") or (column.endswith("_key") and column not in _NAMES_OF_OTHERS)
    ]
    replaced = ", ".join([*earlier, *renamed])
    return (
        f"select rows.* replace ({replaced}) "  # noqa: S608 - names from the catalog, whole numbers
        f"from {name} as rows, (select unnest(range({times}))::int as copy) as copies"
    )


def _spread(name: str, came: tuple[str, ...], times: int, days: int) -> str:
    """Each listener came up to `times - 1` times `days` days earlier; which, their id decides."""
    moved = f"to_days((hash(user_id) % {times})::int * {days})"
    replaced = ", ".join(
        f"({column} - {moved})::{'timestamp' if column.endswith('_at') else 'date'} as {column}"
        for column in came
    )
    return f"select * replace ({replaced}) from {name}"  # noqa: S608 - as above
