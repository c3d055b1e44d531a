"""Hand gold to readers: copy it into a new DuckDB file that appears whole or not at all."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from serving.snapshot import next_name, superseded

# Sorted by what the pages filter on, so that DuckDB skips the row groups of other users and tracks.
_SORTED_BY = {
    "fct_plays": "user_id, ended_at",
    "fct_sessions": "user_id, started_at",
    "fct_podcast_listens": "user_id, started_at",
    "recommendations": "user_id, rank",
    "similar_tracks": "track_key, rank",
    "top_songs_hourly": "region, chart_hour, rank",
    "top_songs_daily": "region, chart_date, rank",
}
_PAYLOAD_CHARACTERS = 2_000
_ABANDONED_SECONDS = 3_600


@dataclass(frozen=True)
class Published:
    """A finished publish: the file, its rows per table, its size in bytes and how long it took."""

    path: Path
    published_at: datetime
    rows: dict[str, int]
    size: int
    seconds: float
    removed: list[str]


def publish(warehouse: Path, snapshots: Path, *, keep: int = 3, rejected_sample: int = 50) -> Published:
    """Copy schema gold of `warehouse` into a new snapshot in `snapshots` and drop all but the newest `keep`.

    Readers see the new file only once it is complete and on disk. Raises BackbeatError when the warehouse
    is missing, busy or has no gold; then the folder is as it was.
    """
    started = time.monotonic()
    if not warehouse.is_file():
        raise BackbeatError(f"no warehouse at {warehouse} (BACKBEAT_WAREHOUSE): run `backbeat refresh` first")
    _prepare(snapshots)
    now = datetime.now(UTC)
    path = snapshots / next_name(now, _listing(snapshots))
    partial = snapshots / f".{path.name}.{os.getpid()}.partial"
    try:
        rows = _copy(warehouse, partial, now, rejected_sample)
        size = partial.stat().st_size
        _settle(partial, path)
    except OSError as error:
        raise BackbeatError(f"cannot write to {snapshots} (BACKBEAT_SNAPSHOTS): {error.strerror}") from error
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BackbeatError(
            f"cannot copy {warehouse} (BACKBEAT_WAREHOUSE) to {snapshots}: {reason}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
    removed = superseded(_listing(snapshots), keep)
    for name in removed:
        (snapshots / name).unlink(missing_ok=True)
    return Published(path, now, rows, size, time.monotonic() - started, removed)


def _listing(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def _prepare(folder: Path) -> None:
    """Make the folder, and clear what a killed publish left behind."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackbeatError(f"cannot make {folder} (BACKBEAT_SNAPSHOTS): {error.strerror}") from error
    for abandoned in folder.glob(".snapshot-*.partial*"):
        if time.time() - abandoned.stat().st_mtime > _ABANDONED_SECONDS:
            abandoned.unlink(missing_ok=True)


def _settle(partial: Path, path: Path) -> None:
    """Give the file its name once its bytes are on disk; the folder entry is synced too."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy(warehouse: Path, target: Path, now: datetime, rejected_sample: int) -> dict[str, int]:
    """Write `target`; returns rows per table as `schema.table`."""
    # The catalog keeps the name dbt gave it (the file's stem): its views are written with that name.
    source = _quoted(warehouse.stem)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        _attach(connection, warehouse, source)
        tables = _gold_tables(connection, warehouse)
        connection.execute(f"attach {_literal(str(target))} as _published")
        connection.execute("create schema _published.gold; create schema _published.silver")
        rows = {f"gold.{table}": _copy_table(connection, source, table) for table in tables}
        if _has_rejected(connection, warehouse.stem):
            rows["silver.silver_rejected_events"] = _copy_rejected(connection, source, rejected_sample)
        _write_meta(connection, warehouse, now, rows)
        connection.execute("checkpoint _published; detach _published")
    return rows


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path, alias: str) -> None:
    try:
        connection.execute(f"attach {_literal(str(warehouse))} as {alias} (read_only)")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            message = (
                f"{warehouse} (BACKBEAT_WAREHOUSE) is being written by another process: publish after it"
            )
            raise BackbeatError(message) from error
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) is not a readable DuckDB file") from error
    except (duckdb.BinderException, duckdb.ConnectionException) as error:
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) is open in this process: {error}") from error


def _gold_tables(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> list[str]:
    found = connection.execute(
        """select table_name from information_schema.tables
           where table_catalog = $catalog and table_schema = 'gold' order by table_name""",
        {"catalog": warehouse.stem},
    ).fetchall()
    if not found:
        raise BackbeatError(
            f"{warehouse} (BACKBEAT_WAREHOUSE) has no schema gold: run `backbeat refresh` first"
        )
    return [name for (name,) in found]


def _copy_table(connection: duckdb.DuckDBPyConnection, source: str, table: str) -> int:
    order = f" order by {_SORTED_BY[table]}" if table in _SORTED_BY else ""
    name = _quoted(table)
    query = f"select * from {source}.gold.{name}{order}"  # noqa: S608 - names from the catalog, quoted
    return _created(connection, f"_published.gold.{name}", query)


def _has_rejected(connection: duckdb.DuckDBPyConnection, catalog: str) -> bool:
    found = connection.execute(
        """select 1 from information_schema.tables where table_catalog = $catalog
           and table_schema = 'silver' and table_name = 'silver_rejected_events'""",
        {"catalog": catalog},
    )
    return found.fetchone() is not None


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
    row = connection.execute(f"create table {table} as {query}").fetchone()
    return int(row[0]) if row else 0


def _write_meta(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime, rows: dict[str, int]
) -> None:
    """One row per copied table; all carry when and from where."""
    connection.execute(
        """create table _published.main.meta
           (published_at timestamp, source_warehouse varchar, table_name varchar, row_count bigint)"""
    )
    values = [(now.replace(tzinfo=None), str(warehouse), table, count) for table, count in rows.items()]
    connection.executemany("insert into _published.main.meta values (?, ?, ?, ?)", values)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
