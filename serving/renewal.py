"""What of a snapshot to write anew, when it begins as a copy of the one before.

Gold's big tables are made anew by whole days, and each of their rows says what it reflects (`loaded_at`). So
a day with the same number of rows and the same stamps is the same day. Any other table is the same when its
rows are.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Table:
    """One gold table in two attached databases: what the snapshot is to hold, and what it holds.

    `day` is the column of the days it is made by; None: it is made as a whole.
    """

    wanted: str
    held: str
    day: str | None


def renew(connection: duckdb.DuckDBPyConnection, table: Table, order: str) -> bool:
    """Make `held` hold what `wanted` does; False when the columns differ: then nothing was done.

    Rows that are written anew are in `order` (an `order by` clause or nothing).
    """
    if _columns(connection, table.wanted) != _columns(connection, table.held):
        return False
    condition = _changed_days(connection, table) if table.day else _changed_whole(connection, table)
    if condition is None:
        return True
    connection.execute(f"delete from {table.held} where {condition}")  # noqa: S608 - names from the catalog
    connection.execute(
        f"insert into {table.held} select * from {table.wanted} where {condition} {order}"  # noqa: S608 - as above
    )
    return True


def day_of(columns: dict[str, str]) -> str | None:
    """The column of days among `columns` (name → type), if the table is one that is made by days."""
    days = [name for name, kind in columns.items() if kind == "DATE"]
    return days[0] if "loaded_at" in columns and len(days) == 1 else None


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Name → type, in the table's order."""
    rows = connection.execute(f"describe {table}").fetchall()
    return {row[0]: row[1] for row in rows}


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return list(columns_of(connection, table).items())


def _changed_days(connection: duckdb.DuckDBPyConnection, table: Table) -> str | None:
    """The condition that a row is of a day that differs; None: none does."""
    found = connection.execute(
        f"""
        with wanted as ({_stamps(table.wanted, table.day)}), held as ({_stamps(table.held, table.day)})
        select coalesce(wanted.day, held.day)
        from wanted full join held on wanted.day is not distinct from held.day
        where wanted.stamps is distinct from held.stamps
        """  # noqa: S608 - as above
    ).fetchall()
    conditions = [f"{table.day} = date '{day}'" for (day,) in found if day is not None]
    if len(conditions) < len(found):
        conditions.append(f"{table.day} is null")
    return " or ".join(conditions) or None


def _stamps(table: str, day: str | None) -> str:
    """A query: each day and what tells it from itself made anew."""
    return (
        f"select {day} as day, row(count(*), min(loaded_at), max(loaded_at)) as stamps "  # noqa: S608 - as above
        f"from {table} group by {day}"
    )


def _changed_whole(connection: duckdb.DuckDBPyConnection, table: Table) -> str | None:
    """`true` when any row differs; None: none does."""
    prints = [
        connection.execute(
            f"select count(*), bit_xor(hash(rows)), sum(hash(rows)) from {name} as rows"  # noqa: S608 - as above
        ).fetchone()
        for name in (table.wanted, table.held)
    ]
    return None if prints[0] == prints[1] else "true"
