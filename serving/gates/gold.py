"""Silver → gold: what silver accepts is told in gold, once, up to its newest day; and gold's tests pass."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from contracts.gates import SILVER_GOLD, Verdict
from serving.gates.tables import count, has


def gold_verdicts(connection: duckdb.DuckDBPyConnection) -> Iterator[Verdict]:
    """The rules of the gate on a warehouse; tables that a project lacks are not asked for."""
    if has(connection, "gold", "fct_plays") and has(connection, "silver", "silver_plays_validated"):
        yield _plays(connection)
        yield _newest_day(connection)
    if has(connection, "gold", "fct_royalties"):
        yield _royalties(connection)


def _plays(connection: duckdb.DuckDBPyConnection) -> Verdict:
    accepted = count(connection, "silver.silver_plays_validated", "is_accepted")
    merged = count(connection, "silver.silver_merged_plays")
    missing = accepted - merged - count(connection, "gold.fct_plays")
    found = f"{abs(missing):,} of {accepted:,} accepted plays are {_fault(missing)}"
    return Verdict(SILVER_GOLD, "counts", f"0 of {accepted:,} are lost or doubled", found, missing == 0)


def _fault(missing: int) -> str:
    return "in fct_plays twice" if missing < 0 else "neither in fct_plays nor merged"


def _newest_day(connection: duckdb.DuckDBPyConnection) -> Verdict:
    days = connection.execute(
        "select max(played_date), (select max(played_date) from gold.fct_plays) from silver.silver_plays"
    ).fetchone()
    silver, gold = days or (None, None)
    expected = f"gold's newest day of plays is silver's, {silver}"
    return Verdict(SILVER_GOLD, "freshness", expected, f"it is {gold}", silver == gold)


def _royalties(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Every line that counts is in gold, with its amount."""
    lines, amount, held, told = connection.execute(
        """select count(*), coalesce(sum(net_amount), 0), (select count(*) from gold.fct_royalties),
               (select coalesce(sum(net_amount), 0) from gold.fct_royalties)
           from silver.silver_report_lines where is_effective and subject = 'royalties'"""
    ).fetchone() or (0, 0, 0, 0)
    found = f"{held:,} lines of {told.normalize():f} are in fct_royalties"
    expected = f"{lines:,} statement lines of {amount.normalize():f}, unconverted"
    return Verdict(SILVER_GOLD, "amounts", expected, found, (lines, amount) == (held, told))
