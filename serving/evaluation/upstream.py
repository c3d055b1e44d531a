"""The tables that the recommendation models read, filled with nothing but what a split has seen.

Everything between these tables and gold's `recommendations` is left to the project's own models.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from contracts.arrow import event_schema
from contracts.events import TOPICS
from serving.evaluation.arrays import rows_of
from serving.evaluation.split import Cut, Split
from serving.evaluation.warehouse import attached

# What dbt is not to build: it is prepared here, or what is prepared takes its place.
NOT_BUILT = ("path:models/bronze", "path:models/silver/validated", "path:models/silver/merging")
TOPIC_TABLES = {topic: f"silver_{topic}" for topic in TOPICS}
# Counts know no single plays: what an event log computes from those is prepared for them as well.
COUNTED_TABLES = ("silver_user_tracks",)
# When it happened, of the topics whose events end rather than occur.
_TIMES = {"plays": "ended_at"}
_TYPES = {"string": "varchar", "int64": "bigint", "bool": "boolean", "timestamp[ms, tz=UTC]": "timestamp"}
_ENDINGS = {"_at": "timestamp", "_date": "date", "_ms": "bigint"}
_ENDINGS |= dict.fromkeys(("plays", "skips", "streams"), "bigint")

_COUNTED_PLAYS = """
    insert into _prepared.silver.silver_plays by name
    select
        user_id || '|' || track_key as event_id,
        user_id,
        event_id as play_id,
        track_key as track_id,
        track_key,
        track_key as artist_key,
        track_key as track_title,
        track_key as artist_name,
        'import' as source,
        false as is_skipped,
        true as is_stream,
        date '2026-01-01' as played_date,
        timestamp '2026-01-01' as started_at,
        timestamp '2026-01-01' as ended_at
    from counted
"""
_COUNTED_USER_TRACKS = """
    insert into _prepared.silver.silver_user_tracks by name
    select
        user_id || '|' || track_key as user_track_key,
        user_id,
        track_key,
        track_key as artist_key,
        plays,
        plays as streams,
        0 as early_skips,
        false as is_liked,
        timestamp '2026-01-01' as first_played_at,
        timestamp '2026-01-01' as last_played_at
    from counted
"""


def prepared(split: Split) -> list[str]:
    """The tables that `prepare` makes, which dbt is therefore not to build."""
    return [*TOPIC_TABLES.values(), *(() if split.cut else COUNTED_TABLES)]


def prepare(split: Split, target: Path, root: Path) -> None:
    """Make `target`, a new DuckDB file, hold them; `root` is the project, whose columns they have."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        # Under a name of its own: the warehouse that is read may be called as this file is.
        path = str(target).replace("'", "''")
        connection.execute(f"attach '{path}' as _prepared; create schema _prepared.silver")
        if split.cut is None:
            _from_counts(connection, split, root)
        else:
            _from_log(connection, split.cut)
        connection.execute("detach _prepared")


def _from_log(connection: duckdb.DuckDBPyConnection, cut: Cut) -> None:
    """Each topic's events up to the cut."""
    source = attached(connection, cut.warehouse)
    for topic, table in TOPIC_TABLES.items():
        moment = _TIMES.get(topic, "occurred_at")
        query = f"select * from {source}.silver.{table} where {moment} < $cut"  # noqa: S608 - names of ours
        connection.execute(f"create table _prepared.silver.{table} as {query}", {"cut": cut.at})


def _from_counts(connection: duckdb.DuckDBPyConnection, split: Split, root: Path) -> None:
    """One play for each user and item, and how often it was in `silver_user_tracks`."""
    columns = described_columns(root)
    for topic, table in TOPIC_TABLES.items():
        known = {field.name: _TYPES[str(field.type)] for field in event_schema(topic)}
        _create(connection, table, {name: known.get(name, _type(name)) for name in columns[table]})
    for table in COUNTED_TABLES:
        _create(connection, table, {name: _type(name) for name in columns[table]})
    _register(connection, split)
    connection.execute(_COUNTED_PLAYS)
    connection.execute(_COUNTED_USER_TRACKS)
    connection.unregister("counted")


def _register(connection: duckdb.DuckDBPyConnection, split: Split) -> None:
    import pyarrow as pa  # noqa: PLC0415 - an event log needs none

    users, items = (pa.array(names) for names in (split.users, split.items))
    counted = {
        "user_id": users.take(pa.array(rows_of(split.seen))),
        "track_key": items.take(pa.array(split.seen.indices)),
        "plays": pa.array(split.seen.data.astype("int64")),
    }
    connection.register("counted", pa.table(counted))


def described_columns(root: Path) -> dict[str, list[str]]:
    """Model of silver → its columns, as the project describes them."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / "models/silver").rglob("_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            found[model["name"]] = [column["name"] for column in model["columns"]]
    return found


def _type(column: str) -> str:
    """The type of a column that is no field of an event, by the way columns are named."""
    if column.startswith("is_"):
        return "boolean"
    return next((kind for ending, kind in _ENDINGS.items() if column.endswith(ending)), "varchar")


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"create table _prepared.silver.{table} ({listed})")
