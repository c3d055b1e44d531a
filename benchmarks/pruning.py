"""How many files of the lake a query on bronze opens."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

_FILES = re.compile(r"Total Files Read: (\d+)")


def pruning(warehouse: Path, lake: Path) -> dict[str, int]:
    """Files of the plays, and those that a look at the newest hour and at one object open."""
    files = sorted(lake.glob("bronze/plays/*/*/*/*/*.parquet"))
    newest = files[-1]
    year, month, day, hour = (part.split("=")[1] for part in newest.parts[-5:-1])
    of_hour = f"_landed_hour = timestamp '{year}-{month}-{day} {hour}:00:00'"
    of_file = f"_file = '{newest.relative_to(lake)}'"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            "files": len(files),
            "files_in_newest_hour": len(list(newest.parent.iterdir())),
            "opened_for_newest_hour": _opened(connection, of_hour),
            "opened_for_one_object": _opened(connection, of_file),
        }


def _opened(connection: duckdb.DuckDBPyConnection, condition: str) -> int:
    """Files that a query on all columns of bronze_plays reads, by DuckDB's own profile."""
    query = f"select sum(hash(columns(*))) from bronze.bronze_plays where {condition}"  # noqa: S608
    profile = "\n".join(row[1] for row in connection.execute(f"explain analyze {query}").fetchall())
    return sum(map(int, _FILES.findall(profile)))
