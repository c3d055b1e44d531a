"""JSON joined from pieces says what each row says, whatever the columns hold and however rows are batched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.simulator.coded import numbered
from producer.simulator.draft import AT, DEFECT, DUE
from producer.simulator.render import Wire

TIMES = st.integers(0, 4_102_444_800_000)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
ROWS = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 2**64 - 1),
        "schema_version": st.just(1),
        "user_id": TEXTS,
        "occurred_at": TIMES,
        "country": st.sampled_from(["DE", "FR", None]),
        "session_id": st.integers(0, 2**64 - 1) | st.none(),
        "track_id": st.integers(0, 200).map("trk-{:06d}".format),
        "track_title": TEXTS,
        "artist_name": st.sampled_from(['"Weird Al"', "Sigur Rós", "back\\slash", "tab\t", "AC/DC"]),
        "started_at": TIMES | st.none(),
        "ms_played": st.integers(-(2**62), 2**62),
        "position_ms": st.integers(0, 2**40) | st.none(),
        "duration_ms": st.integers(0, 500),
        "skipped": st.booleans(),
        "liked": st.booleans() | st.none(),
        "page": TEXTS | st.none(),
    }
)


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    kinds = {"event_id": pl.UInt64, "session_id": pl.UInt64, "position_ms": pl.Int64, "liked": pl.Boolean}
    kinds |= {"page": pl.String, "started_at": pl.Int64}
    found = pl.DataFrame(rows, schema_overrides=kinds)
    return found.with_columns(
        *(pl.col(name).cast(pl.Datetime("ms")) for name in ("occurred_at", "started_at")),
        *(numbered(found[name]).alias(name) for name in ("country", "track_id", "artist_name")),
        found["occurred_at"].alias(AT),
        found["occurred_at"].alias(DUE),
        pl.lit(0, pl.Int64).alias(DEFECT),
    )


def wire_time(at: int | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_every_row_is_what_its_columns_say(rows: list[dict[str, Any]]) -> None:
    values = [value.as_py().encode() for value in Wire(frame(rows)).values]
    for value, row in zip(values, rows, strict=True):
        found = orjson.loads(value)
        uuid = UUID(found["event_id"])
        assert (uuid.int >> 80, uuid.version) == (row["occurred_at"], 7)
        expected = row | {
            "event_id": found["event_id"],
            "occurred_at": wire_time(row["occurred_at"]),
            "started_at": wire_time(row["started_at"]),
            "session_id": None if row["session_id"] is None else f"{row['session_id']:016x}",
        }
        assert found == expected
    alone = [Wire(frame(rows)[number : number + 1]).value(0) for number in range(len(rows))]
    assert alone == values
