"""What of a snapshot to write anew, when it begins as a copy of the one before.

Gold's big tables are made anew by whole days, and each of their rows says what it reflects (`loaded_at`). So
a day with the same number of rows and the same stamps is the same day. Any other table is the same when its
rows are.
"""

from __future__ import annotations

import duckdb


def renew(connection: duckdb.DuckDBPyConnection, wanted: str, held: str, order: str) -> bool:
    """Make table `held` hold what `wanted` does; False when their columns differ: then nothing was done.

    Rows that are written anew are in `order` (an `order by` clause or nothing).
    """
    columns = _columns(connection, wanted)
    if columns != _columns(connection, held):
        return False
    day = _day_of(dict(columns))
    changed = _changed_days(connection, wanted, held, day) if day else _changed(connection, wanted, held)
    if changed is None:
        return True
    connection.execute(f"delete from {held} where {changed}")  # noqa: S608 - names from the catalog
    connection.execute(f"insert into {held} select * from {wanted} where {changed} {order}")  # noqa: S608 - as above
    return True


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Name and type of each column, in the table's order."""
    return [(row[0], row[1]) for row in connection.execute(f"describe {table}").fetchall()]


def _day_of(columns: dict[str, str]) -> str | None:
    """The column of days among `columns` (name → type), if the table is one that is made by days."""
    days = [name for name, kind in columns.items() if kind == "DATE"]
    return days[0] if "loaded_at" in columns and len(days) == 1 else None


def _changed_days(connection: duckdb.DuckDBPyConnection, wanted: str, held: str, day: str) -> str | None:
    """The condition that a row is of a day that differs; None: none does."""
    found = connection.execute(
        f"""
        with wanted as ({_stamps(wanted, day)}), held as ({_stamps(held, day)})
        select coalesce(wanted.day, held.day)
        from wanted full join held on wanted.day is not distinct from held.day
        where wanted.stamps is distinct from held.stamps
        """  # noqa: S608 - as above
    ).fetchall()
    conditions = [f"{day} = date '{changed}'" for (changed,) in found if changed is not None]
    if len(conditions) < len(found):
        conditions.append(f"{day} is null")
    return " or ".join(conditions) or None


def _stamps(table: str, day: str) -> str:
    """A query: each day and what tells it from itself made anew."""
    return (
        f"select {day} as day, row(count(*), min(loaded_at), max(loaded_at)) as stamps "  # noqa: S608 - as above
        f"from {table} group by {day}"
    )


def _changed(connection: duckdb.DuckDBPyConnection, wanted: str, held: str) -> str | None:
    """`true` when any row differs; None: none does."""
    prints = [
        connection.execute(
            f"select count(*), bit_xor(hash(rows)), sum(hash(rows)) from {name} as rows"  # noqa: S608 - as above
        ).fetchone()
        for name in (wanted, held)
    ]
    return None if prints[0] == prints[1] else "true"
