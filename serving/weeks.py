"""A table written week by week: the plays of one week lie together, and no sort is larger than a week.

Sorted by listener alone, a period's plays would lie everywhere; by day alone, a listener's would. By weeks
a period is read from its own, and a listener from one place in each.
"""

from __future__ import annotations

import duckdb


def write_by_weeks(
    connection: duckdb.DuckDBPyConnection, source: str, target: str, day: str, order: str
) -> None:
    """Make `target` of what `source` holds, by the weeks of `day`, each in `order`."""
    connection.execute(f"create or replace table {target} as select * from {source} limit 0")  # noqa: S608 - names from the catalog
    for condition in _weeks(connection, source, day):
        connection.execute(f"insert into {target} select * from {source} where {condition}{order}")  # noqa: S608 - as above


def _weeks(connection: duckdb.DuckDBPyConnection, source: str, day: str) -> list[str]:
    """A condition for each week that has rows, as literals: other days' row groups are not read."""
    found = connection.execute(
        f"select distinct date_trunc('week', {day})::date as week from {source} order by week nulls last"  # noqa: S608 - as above
    ).fetchall()
    return [
        f"{day} is null" if week is None else f"{day} between date '{week}' and date '{week}' + 6"
        for (week,) in found
    ]
