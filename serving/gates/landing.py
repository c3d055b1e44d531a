"""Landing → bronze: what landed is whole, of the contract's shape, and nothing is left lying in the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pyarrow as pa

from contracts.events import TOPICS
from contracts.gates import LANDING_BRONZE, Verdict
from contracts.lake import INBOX, LANDING, landing_key
from contracts.landed import check
from contracts.parquet_object import misfit, open_parquet
from contracts.reports import LINES, REPORTS, report_schema
from serving.inputs import Described, Lake
from serving.many import of_each
from serving.settings import ServingSettings

# Of a lake that nobody looked at for longer, the last day.
_LONGEST = timedelta(hours=24)
# A clock of a store, and an import between a report's lines and its last object.
_MARGIN = timedelta(hours=1)


def landing_verdicts(lake: Lake, settings: ServingSettings, passed: datetime | None) -> Iterator[Verdict]:
    """The rules of the gate, on what landed since it was passed last (None: ever, of events a day)."""
    now = datetime.now(UTC)
    strange: list[str] = []
    yield _report_counts(lake, passed, strange)
    yield _events(lake, settings, max(passed or now - _LONGEST, now - _LONGEST) - _MARGIN, strange)
    yield Verdict(
        LANDING_BRONZE,
        "schema",
        "landed objects have the contract's columns",
        f"{len(strange)} have not, {strange[0]}" if strange else "all new ones have",
        not strange,
    )
    yield _waiting(lake, settings.gate_inbox_hours, now)


def _report_counts(lake: Lake, passed: datetime | None, strange: list[str]) -> Verdict:
    """Each report's lines are as many as it counted, accepted or refused."""
    off, lines, reports = [], 0, 0
    landed = {PurePosixPath(key).stem for key in lake.list(f"{LANDING}/{LINES}/")}
    for key, head in of_each(lake.head, lake.list(f"{LANDING}/{REPORTS}/")).items():
        digest = PurePosixPath(key).stem
        landed.discard(digest)
        if not _is_new(head, passed):
            continue
        counted, held = _told(lake, digest, strange)
        lines, reports = lines + counted, reports + 1
        if counted != held:
            off.append(f"report {digest[:12]} counts {counted:,} lines, {held:,} landed")
    # Lines are written first, the report after them: lines without it are of an import that broke off.
    begun = datetime.now(UTC) - _MARGIN
    off += [
        f"report {digest[:12]} landed by half, import the file again"
        for digest in sorted(landed)
        if not _is_new(lake.head(landing_key(LINES, digest, "parquet")), begun)
    ]
    found = f"all {lines:,} lines of {reports:,} new reports are"
    if off:
        found = f"{len(off)} of {reports:,} new reports are not whole: {off[0]}"
    return Verdict(
        LANDING_BRONZE, "counts", "lines landed = lines counted, accepted or refused", found, not off
    )


def _told(lake: Lake, digest: str, strange: list[str]) -> tuple[int, int]:
    """How many lines a report counts (−1 where they are not accepted or refused), and how many there are."""
    counts = {}
    for table in (REPORTS, LINES):
        key = landing_key(table, digest, "parquet")
        try:
            file = open_parquet(lake, key)
        except (pa.ArrowInvalid, OSError):
            strange.append(f"{key}: no Parquet")
            return 0, 0
        if file is None:
            counts[table] = 0
        elif fault := misfit(file.schema_arrow, report_schema(table)):
            strange.append(f"{key}: {fault}")
            return 0, 0
        elif table == REPORTS:
            (row,) = file.read(columns=["rows_in", "accepted", "rejected"]).to_pylist()
            counts[table] = row["rows_in"] if row["rows_in"] == row["accepted"] + row["rejected"] else -1
        else:
            counts[table] = file.metadata.num_rows
    return counts[REPORTS], counts[LINES]


def _events(lake: Lake, settings: ServingSettings, since: datetime, strange: list[str]) -> Verdict:
    """New records mostly fit the contract, topic by topic."""
    hours = (since.replace(minute=0, second=0, microsecond=0), datetime.now(UTC))
    checked = check(lake, list(TOPICS), hours)
    for one in checked:
        strange += [f"{key}: not readable by the contract's schema" for key in one.strange]
        one.strange.clear()
    broken = [words for one in checked if (words := one.refusal(settings.gate_malformed_share))]
    rows = sum(one.rows for one in checked)
    expected = f"at most {settings.gate_malformed_share:.0%} of a topic's new records are malformed"
    found = "; ".join(broken) or f"of {rows:,} new records no topic's share is greater"
    return Verdict(LANDING_BRONZE, "rules", expected, found, not broken)


def _waiting(lake: Lake, hours: float, now: datetime) -> Verdict:
    """Nothing lies in the inbox for long: its rows are in no table."""
    last = now - timedelta(hours=hours)
    waiting = [key for key in lake.list(f"{INBOX}/") if hours and not PurePosixPath(key).name.startswith(".")]
    late = [key for key, head in of_each(lake.head, waiting).items() if not _is_new(head, last, timedelta())]
    found = f"{len(late)} wait, {late[0]} among them: `backbeat inbox`" if late else "none does"
    expected = f"no file waits in {INBOX}/ for more than {hours:g} hours"
    return Verdict(LANDING_BRONZE, "freshness", expected, found, not late)


def _is_new(head: Described | None, passed: datetime | None, margin: timedelta = _MARGIN) -> bool:
    """Whether an object was written since then; one that is gone, or of a store without a clock, was."""
    if passed is None or head is None or head.modified is None:
        return True
    return head.modified >= passed - margin
