"""What a snapshot holds: gold, a sample of what was refused, the last evaluation, and where it is from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from serving.kept_evaluation import copy_evaluation
from serving.renewal import renew
from serving.run_tables import write_gates, write_runs
from serving.weeks import write_by_weeks

# Sorted by what the pages filter on, so that DuckDB skips the row groups of other users, tracks and days.
_SORTED_BY = {
    "fct_plays": "user_id, ended_at",
    "daily_listeners": "played_date, user_id",
    "daily_user_activity": "activity_date, user_id",
    "daily_song_plays": "played_date, track_key",
    "artist_popularity": "played_date, rank",
    "listening_trends": "played_date, region, played_hour",
    "fct_sessions": "user_id, started_at",
    "fct_podcast_listens": "user_id, started_at",
    "recommendations": "user_id, rank",
    "hour_playlists": "user_id, day_hour, rank",
    "podcast_recommendations": "user_id, rank",
    "similar_tracks": "track_key, rank",
    "top_songs_hourly": "region, chart_hour, rank",
    "top_songs_daily": "region, chart_date, rank",
}
_WEEKLY = {"fct_plays": "played_date"}  # sorted within the weeks of that day
# A third of DuckDB's own: a listener's rows are a few hundred, and a whole group is read for them.
_ROW_GROUP = 40_960
_PAYLOAD_CHARACTERS = 2_000


def fill(
    target: Path, warehouse: Path, now: datetime, rejected_sample: int, evaluation: Path | None = None
) -> dict[str, int]:
    """Make `target`, a new file or an earlier snapshot, hold what `warehouse` does; rows per `schema.table`.

    Raises BackbeatError when the warehouse cannot be read, or has no gold.
    """
    # The catalog keeps the name dbt gave it (the file's stem): its views are written with that name.
    source = quoted(warehouse.stem)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        attach(connection, warehouse, source)
        tables = gold_tables(connection, warehouse)
        connection.execute(f"attach {literal(str(target))} as _published (row_group_size {_ROW_GROUP})")
        connection.execute(
            "create schema if not exists _published.gold; create schema if not exists _published.silver"
        )
        held = _tables(connection, "_published", "gold")
        for table in set(held) - set(tables):
            connection.execute(f"drop table _published.gold.{quoted(table)}")
        rows = {
            f"gold.{table}": _copy_table(connection, source, table, is_held=table in held) for table in tables
        }
        if "silver_rejected_events" in _tables(connection, warehouse.stem, "silver"):
            rows["silver.silver_rejected_events"] = _copy_rejected(connection, source, rejected_sample)
        _write_meta(connection, warehouse, now, rows)
        write_runs(connection, warehouse)
        write_gates(connection, warehouse)
        if evaluation is not None:
            copy_evaluation(connection, evaluation)
        connection.execute("checkpoint _published; detach _published")
    return rows


def attach(connection: duckdb.DuckDBPyConnection, warehouse: Path, alias: str) -> None:
    """Have `warehouse` readable as `alias`; BackbeatError where it is busy or none."""
    try:
        connection.execute(f"attach {literal(str(warehouse))} as {alias} (read_only)")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            message = (
                f"{warehouse} (BACKBEAT_WAREHOUSE) is being written by another process: publish after it"
            )
            raise BackbeatError(message) from error
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) is not a readable DuckDB file") from error
    except (duckdb.BinderException, duckdb.ConnectionException) as error:
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) is open in this process: {error}") from error


def gold_tables(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> list[str]:
    """The tables of an attached warehouse's gold; BackbeatError where there is none."""
    found = _tables(connection, warehouse.stem, "gold")
    if not found:
        raise BackbeatError(
            f"{warehouse} (BACKBEAT_WAREHOUSE) has no schema gold: run `backbeat refresh` first"
        )
    return found


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str, schema: str) -> list[str]:
    """The tables and views of a schema of an attached database, by name."""
    found = connection.execute(
        """select table_name from information_schema.tables
           where table_catalog = $catalog and table_schema = $schema order by table_name""",
        {"catalog": catalog, "schema": schema},
    ).fetchall()
    return [name for (name,) in found]


def _copy_table(connection: duckdb.DuckDBPyConnection, source: str, table: str, *, is_held: bool) -> int:
    order = ordered(table)
    name = quoted(table)
    wanted, held = f"{source}.gold.{name}", f"_published.gold.{name}"
    if is_held and renew(connection, wanted, held, order):
        return _count(connection, held)
    if table in _WEEKLY:
        write_by_weeks(connection, wanted, held, _WEEKLY[table], order)
        return _count(connection, held)
    query = f"select * from {wanted}{order}"  # noqa: S608 - names from the catalog, quoted
    return _created(connection, held, query)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - as above
    return int(row[0]) if row else 0


def _copy_rejected(connection: duckdb.DuckDBPyConnection, source: str, sample: int) -> int:
    """The newest refused events per topic and codes: enough to see why, without the whole history."""
    query = f"""
        select * replace (left(payload, {_PAYLOAD_CHARACTERS}) as payload)
        from {source}.silver.silver_rejected_events
        qualify row_number() over (
            partition by topic, error_codes order by landed_at desc, record_id
        ) <= {sample}
    """  # noqa: S608 - a quoted catalog name and two whole numbers
    return _created(connection, "_published.silver.silver_rejected_events", query)


def _created(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> int:
    row = connection.execute(f"create or replace table {table} as {query}").fetchone()
    return int(row[0]) if row else 0


def _write_meta(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime, rows: dict[str, int]
) -> None:
    """One row per copied table; all carry when and from where."""
    connection.execute(
        """create or replace table _published.main.meta
           (published_at timestamp, source_warehouse varchar, table_name varchar, row_count bigint)"""
    )
    values = [(now.replace(tzinfo=None), str(warehouse), table, count) for table, count in rows.items()]
    connection.executemany("insert into _published.main.meta values (?, ?, ?, ?)", values)


def sorted_by(table: str) -> list[str]:
    """The columns a table is sorted by; none for most."""
    return _SORTED_BY[table].split(", ") if table in _SORTED_BY else []


def ordered(table: str) -> str:
    """The order in which a table is written, as the end of a query; none for most."""
    week = [f"date_trunc('week', {_WEEKLY[table]})"] if table in _WEEKLY else []
    wanted = ", ".join([*week, *sorted_by(table)])
    return f" order by {wanted}" if wanted else ""


def quoted(name: str) -> str:
    """A name as SQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL reads it."""
    return "'" + text.replace("'", "''") + "'"
