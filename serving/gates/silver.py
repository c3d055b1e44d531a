"""Bronze → silver: every landed record is judged once, and accepted or rejected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

import duckdb

from contracts.arrow import event_schema
from contracts.events import TOPICS
from contracts.gates import BRONZE_SILVER, Verdict
from contracts.lake import BRONZE, LANDING
from contracts.parquet_object import open_parquet
from contracts.reports import LINES, REPORTS
from serving.gates.tables import columns, count, has
from serving.inputs import Lake


def silver_verdicts(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    began: datetime,
    since: datetime | None,
    *,
    hourly: bool = False,
) -> Iterator[Verdict]:
    """The rules of the gate on a warehouse whose last build `began` then (UTC); objects that were judged
    before `since` are not looked at again. Only tables are read: bronze's views are on the lake's files."""
    is_judged = has(connection, "silver", "silver_rejected_events")  # of a build of some models perhaps not
    topics = [topic for topic in TOPICS if is_judged and has(connection, "silver", f"silver_{topic}")]
    yield _counts(connection, lake, topics, since)
    if has(connection, "silver", "silver_report_lines"):
        yield _report_counts(connection, lake, began, hourly=hourly)
    yield _unread(connection, lake, topics, began)
    yield _columns(connection, topics)


def _counts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, topics: list[str], since: datetime | None
) -> Verdict:
    """Records of the objects judged since then = accepted + rejected, and judged = accepted + rejected."""
    landed = missing = 0
    worst: tuple[int, str] = (0, "")
    for topic in topics:
        judged = count(connection, f"silver.silver_{topic}_validated")
        rejected = count(connection, "silver.silver_rejected_events", f"topic = '{topic}'")
        accepted = count(connection, f"silver.silver_{topic}")
        if topic == "plays" and has(connection, "silver", "silver_merged_plays"):
            accepted += count(connection, "silver.silver_merged_plays")
        never = _never_judged(connection, lake, topic, since)
        landed += judged + never
        missing += (gone := abs(judged - accepted - rejected) + abs(never))
        worst = max(worst, (gone, topic))
    found = f"{missing:,} of {landed:,} landed records are in neither silver nor rejected"
    if missing:
        found += f", {worst[0]:,} of {worst[1]}"
    return Verdict(BRONZE_SILVER, "counts", f"0 of {landed:,} in neither", found, missing == 0)


def _never_judged(
    connection: duckdb.DuckDBPyConnection, lake: Lake, topic: str, since: datetime | None
) -> int:
    """Rows of objects in bronze less those that silver judged of them; what left bronze does not count."""
    recent = "" if since is None else f"where _loaded_at >= timestamp '{since:%Y-%m-%d %H:%M:%S}'"
    judged = connection.execute(
        f"select _file, count(*) from silver.silver_{topic}_validated {recent} group by _file"  # noqa: S608 - ours
    ).fetchall()
    difference = 0
    for key, rows in judged:
        file = open_parquet(lake, key)
        if file is not None:
            difference += file.metadata.num_rows - rows
    return difference


def _report_counts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, began: datetime, *, hourly: bool
) -> Verdict:
    """Lines that reports counted when they landed = lines in silver, with an error or without. A whole build
    reads every report that landed before it, an hourly one none."""
    found = connection.execute("select report_id, rows_in from silver.silver_reports").fetchall()
    counted = dict(found)
    judged = count(connection, "silver.silver_report_lines")
    landed = sum(counted.values())
    if not hourly:
        for key in lake.list(f"{LANDING}/{REPORTS}/"):
            if PurePosixPath(key).stem not in counted and _is_before(lake, key, began):
                landed += _rows(lake, key.replace(f"/{REPORTS}/", f"/{LINES}/"))
    told = f"{abs(landed - judged):,} of {landed:,} landed report lines are not in silver, or twice"
    return Verdict(BRONZE_SILVER, "report counts", f"{landed:,} in silver", told, landed == judged)


def _is_before(lake: Lake, key: str, began: datetime) -> bool:
    head = lake.head(key)
    return head is not None and head.modified is not None and head.modified < began


def _unread(connection: duckdb.DuckDBPyConnection, lake: Lake, topics: list[str], began: datetime) -> Verdict:
    """Every object that was there when the build began has been read."""
    unread = []
    for topic in topics:
        seen = {
            row[0]
            for row in connection.execute(
                f"select distinct _file from silver.silver_{topic}_validated"  # noqa: S608 - ours
            ).fetchall()
        }
        unseen = set(lake.list(f"{BRONZE}/{topic}/")) - seen
        unread += [key for key in unseen if _is_before(lake, key, began) and _rows(lake, key)]
    found = f"{len(unread)} were not, {min(unread)} among them" if unread else "all are"
    expected = f"objects that landed before the build ({began:%Y-%m-%d %H:%M:%S} UTC) are read"
    return Verdict(BRONZE_SILVER, "freshness", expected, found, not unread)


def _rows(lake: Lake, key: str) -> int:
    file = open_parquet(lake, key)
    return 0 if file is None else file.metadata.num_rows


def _columns(connection: duckdb.DuckDBPyConnection, topics: list[str]) -> Verdict:
    """Bronze has the contract's columns, topic by topic."""
    lacking = []
    for topic in topics:
        held = columns(connection, "bronze", f"bronze_{topic}")
        lacking += [f"bronze_{topic}.{name}" for name in event_schema(topic).names if name not in held]
    found = f"{len(lacking)} are missing: {', '.join(lacking[:3])}" if lacking else "it has all"
    return Verdict(BRONZE_SILVER, "schema", "bronze has every column of the contract", found, not lacking)
