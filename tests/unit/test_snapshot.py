"""Snapshot names sort as their times do, and the newest few stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from serving.snapshot import moment_of, name_at, newest, next_name, snapshot_names, superseded

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_name_says_when_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert (
        name_at(datetime(2026, 11, 21, 14, 5, 9, 42, tzinfo=berlin))
        == "snapshot-20261121T130509.000042Z.duckdb"
    )


@given(MOMENTS)
def test_a_name_gives_its_moment_back(moment: datetime) -> None:
    assert moment_of(name_at(moment)) == moment


@given(st.lists(MOMENTS, min_size=2, unique=True))
def test_names_sort_as_times_do(moments: list[datetime]) -> None:
    assert [moment_of(name) for name in snapshot_names(map(name_at, moments))] == sorted(moments)


@given(st.lists(MOMENTS), MOMENTS)
def test_the_next_name_is_the_newest_even_when_the_clock_went_back(
    existing: list[datetime], now: datetime
) -> None:
    names = [name_at(moment) for moment in existing]
    assert all(next_name(now, names) > name for name in names)


def test_other_files_are_no_snapshots() -> None:
    real = "snapshot-20261121T130509.000042Z.duckdb"
    others = [f".{real}.17.partial", "snapshot-latest.duckdb", f"{real}.wal", "notes.txt"]
    assert snapshot_names([*others, real]) == [real]


def test_only_the_newest_few_stay() -> None:
    names = [name_at(datetime(2026, 11, day, tzinfo=UTC)) for day in (3, 1, 4, 2)]
    assert superseded(names, keep=3) == [name_at(datetime(2026, 11, 1, tzinfo=UTC))]
    assert superseded(names, keep=4) == []


def test_the_newest_of_a_folder(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    assert newest(tmp_path / "not there") is None
    for day in (2, 3, 1):
        (tmp_path / name_at(datetime(2026, 11, day, tzinfo=UTC))).touch()
    assert newest(tmp_path) == tmp_path / name_at(datetime(2026, 11, 3, tzinfo=UTC))
