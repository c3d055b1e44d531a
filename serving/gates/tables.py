"""What gates ask of a warehouse's tables."""

from __future__ import annotations

import duckdb


def has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether there is a table or view of that name."""
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = $1 and table_name = $2",
        [schema, table],
    ).fetchone()
    return found is not None and bool(found[0])


def count(connection: duckdb.DuckDBPyConnection, table: str, condition: str = "true") -> int:
    """Rows of a table for which `condition` holds; both are this project's own words."""
    found = connection.execute(f"select count(*) from {table} where {condition}").fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> set[str]:
    """The names of its columns, as the catalog has them."""
    found = connection.execute(
        "select column_name from information_schema.columns where table_schema = $1 and table_name = $2",
        [schema, table],
    ).fetchall()
    return {row[0] for row in found}
