"""The read API's own decisions: what is remembered, whose turn it is, what a page says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from contracts.web.refusal import RefusalError
from serving.read.desk import _has, page
from serving.read.parameters import in_utc
from serving.read.published import Published, Version
from serving.settings import ReadSettings

NAMES = ("snapshot-20261121T000000.000000Z.duckdb", "snapshot-20261121T010000.000000Z.duckdb")


def publish(folder: Path, name: str, value: int) -> Path:
    """A snapshot of one table with one number."""
    with duckdb.connect(str(folder / name)) as connection:
        connection.execute(f"create schema gold; create table gold.numbers as select {value} as n")
    return folder / name


def settings(folder: Path, **chosen: int) -> ReadSettings:
    return ReadSettings(snapshots=folder, **chosen)  # type: ignore[arg-type]


def test_answers_are_kept_up_to_a_size_and_the_least_asked_go(tmp_path: Path) -> None:
    version = Version(publish(tmp_path, NAMES[0], 1), settings(tmp_path, serve_cache_mib=1))
    half = b"x" * (2**19 - 1)
    for question in ("a", "b"):
        version.keep(question, half)
    assert version.answer("a") == half
    version.keep("c", half)
    version.keep("c", half)
    assert [version.answer(question) is not None for question in "abc"] == [True, False, True]
    version.keep("long", b"x" * 2**21)  # longer than all that may be kept
    assert version.answer("long") is None
    version.end()


def test_a_new_snapshot_is_read_and_the_old_one_until_its_last_reader_has_gone(tmp_path: Path) -> None:
    published = Published(settings(tmp_path))
    with pytest.raises(RefusalError, match="backbeat publish"):
        assert published.current
    publish(tmp_path, NAMES[0], 1)
    asyncio.run(published.look())
    old = published.current
    old.enter()
    publish(tmp_path, NAMES[1], 2)
    asyncio.run(published.look())
    assert published.current.etag != old.etag
    assert old.rows("select n from gold.numbers", {}) == [{"n": 1}]
    assert published.current.rows("select n from gold.numbers", {}) == [{"n": 2}]
    old.leave()
    with pytest.raises(duckdb.ConnectionException):
        old.rows("select n from gold.numbers", {})
    published.close()


def test_a_file_that_is_none_is_told_and_what_was_there_is_still_served(tmp_path: Path) -> None:
    published = Published(settings(tmp_path))
    publish(tmp_path, NAMES[0], 1)
    asyncio.run(published.look())
    (tmp_path / NAMES[1]).write_bytes(b"no database")
    asyncio.run(published.look())
    assert published.current.name == NAMES[0].removesuffix(".duckdb")
    assert "BACKBEAT_SNAPSHOTS" in published.problem
    assert published.reasons() == []
    published.close()


def test_only_so_many_wait_for_their_turn(tmp_path: Path) -> None:
    async def crowd() -> list[str]:
        published, told = Published(settings(tmp_path, serve_queries=1, serve_waiting=2)), list[str]()
        go = asyncio.Event()

        async def ask() -> None:
            try:
                async with published.slot():
                    await go.wait()
                    told.append("asked")
            except RefusalError:
                told.append("refused")

        tasks = [asyncio.create_task(ask()) for _ in range(4)]
        while "refused" not in told:
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*tasks)
        return told

    assert asyncio.run(crowd()) == ["refused", "asked", "asked", "asked"]


def test_a_page_says_where_the_next_one_is() -> None:
    rows = [{"n": number} for number in range(3)]
    part = {"region": "SE", "at": None, "limit": 2, "offset": 4}
    assert page("/v1/x%20y", part, rows) == {
        "items": rows[:2],
        "next": "/v1/x%20y?limit=2&offset=6&region=SE",
    }
    assert page("/v1/x", part, rows[:2])["next"] is None


@pytest.mark.parametrize(
    ("header", "has"), [('"a"', True), ('W/"a", "b"', True), ('"b", "a"', True), ('"b"', False), ("", False)]
)
def test_an_etag_is_found_among_those_named(header: str, has: bool) -> None:
    assert _has(header, '"a"') == has


def test_a_moment_is_taken_in_utc() -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    east = timezone(timedelta(hours=2))
    assert in_utc(moment.astimezone(east)) == in_utc(moment) == datetime(2026, 1, 1, 12)  # noqa: DTZ001
    assert in_utc(datetime(1, 1, 1, tzinfo=east)) == datetime(1, 1, 1)  # noqa: DTZ001
