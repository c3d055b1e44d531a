"""The files of the curated zone: one Parquet file a table of gold, written one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from serving.contents import attach, gold_tables, literal, ordered, quoted
from serving.warehouse import require_warehouse


@dataclass(frozen=True)
class Curated:
    """A finished publish: where it lies, rows per table, bytes, and how long it took."""

    place: str
    rows: dict[str, int]
    size: int
    seconds: float


def next_version(now: datetime | None = None) -> str:
    """The name of a publish of `now` (UTC): a later one sorts behind it."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"


def written(warehouse: Path, folder: Path) -> Iterator[tuple[Path, int]]:
    """Write each gold table of `warehouse` to `folder`/<table>.parquet; each file and its rows, when there.

    Raises BackbeatError when the warehouse cannot be read or has no gold, or `folder` cannot be written to.
    """
    require_warehouse(warehouse)
    source = quoted(warehouse.stem)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        attach(connection, warehouse, source)
        for table in gold_tables(connection, warehouse):
            path = folder / f"{table}.parquet"
            query = f"select * from {source}.gold.{quoted(table)}{ordered(table)}"  # noqa: S608 - quoted names
            copy = f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd)"
            try:
                ((rows,),) = connection.execute(copy).fetchall()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise BackbeatError(f"cannot copy {warehouse} to {folder}: {reason}") from error
            yield path, rows
