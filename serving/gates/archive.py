"""Gold → archive: what was archived is told in gold, and its bytes are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import duckdb

from contracts.gates import GOLD_ARCHIVE, Verdict
from contracts.lake import KEPT
from serving.gates.tables import has
from serving.inputs import Lake
from serving.many import of_each


def archive_verdicts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, began: datetime, *, hourly: bool
) -> Iterator[Verdict]:
    """The rules of the gate, on what was archived before the last build `began`. An hourly build makes
    nothing of reports, and is not asked for them."""
    entries = [one for one in _manifest(lake) if datetime.fromisoformat(one["archived_at"]) < began]
    yield _present(lake, entries)
    if not hourly and has(connection, "gold", "report_statements"):
        yield _told(connection, [one for one in entries if one["is_report"]])


def _manifest(lake: Lake) -> list[dict[str, Any]]:
    """Its entries, without what was let go by policy."""
    keys = list(lake.list(f"{KEPT}/landing/"))
    gone = {key.removesuffix(".expired") for key in keys if key.endswith(".expired")}
    kept = [key for key in keys if key.endswith(".json") and key.removesuffix(".json") not in gone]
    return [entry for entry in of_each(partial(_entry, lake), kept).values() if entry]


def _entry(lake: Lake, key: str) -> dict[str, Any]:
    """One entry; empty where it has gone since it was listed."""
    head = lake.head(key)
    return dict(json.loads(lake.read(key, 0, head.size))) if head else {}


def _present(lake: Lake, entries: list[dict[str, Any]]) -> Verdict:
    """Each is there with as many bytes; `backbeat archive verify` compares the bytes themselves."""
    heads = of_each(lake.head, (one["key"] for one in entries))
    lost = [one for one in entries if (head := heads[one["key"]]) is None or head.size != one["size"]]
    found = f"{len(lost):,} of {len(entries):,} archived files are gone or cut"
    if lost:
        found += f", {lost[0]['name']} among them: `backbeat archive verify`"
    return Verdict(GOLD_ARCHIVE, "rules", "archived files are as long as when they came", found, not lost)


def _told(connection: duckdb.DuckDBPyConnection, reports: list[dict[str, Any]]) -> Verdict:
    """Each archived report is a statement of gold, or its lines are listed as unmatched."""
    told = {
        row[0]
        for row in connection.execute(
            """select report_id from gold.report_statements
               union select report_id from gold.unmatched_report_lines
               union select report_id from silver.silver_reports where rows_in = 0"""
        ).fetchall()
    }
    missing = [one for one in reports if one["sha256"] not in told]
    found = f"{len(missing):,} of {len(reports):,} archived reports are in no gold table"
    if missing:
        found += f", {missing[0]['name']} among them"
    return Verdict(GOLD_ARCHIVE, "counts", "0 archived reports that gold does not tell", found, not missing)


def moment(began_at: str) -> datetime:
    """ISO with a zone → UTC."""
    return datetime.fromisoformat(began_at).astimezone(UTC)
