"""How the columns of a DuckDB table stand in PostgreSQL: their types there, and how they are read here."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from serving.contents import quoted

_TYPES = {
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}
# What PostgreSQL lacks, as the smallest that holds all of it.
_WIDENED = {
    "TINYINT": "SMALLINT",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in PostgreSQL, and the expression DuckDB reads it by."""

    name: str
    kind: str
    read: str

    @property
    def is_time(self) -> bool:
        """Whether it is a day or a moment."""
        return self.kind in {"date", "timestamp", "timestamptz"}


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[Column]:
    """Those of `table` (quoted, with its schema), in order; decimals stay exact, the nested is text."""
    described = connection.execute(f"describe {table}").fetchall()
    return [_column(row[0], row[1]) for row in described]


def _column(name: str, duckdb_type: str) -> Column:
    held, read = quoted(name), quoted(name)
    widened = _WIDENED.get(duckdb_type)
    if widened:
        read = f"{held}::{widened} as {held}"
    kind = widened or duckdb_type
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return Column(name, f"numeric({decimal[1]}, {decimal[2]})", read)
    if kind in _TYPES:
        return Column(name, _TYPES[kind], read)
    # PostgreSQL's text holds every character but the one of code 0.
    return Column(name, "text", f"replace({held}::varchar, chr(0), '') as {held}")
