"""Recommendations: an hour's for whoever listened, and whatever the events say, an answer or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_process import DbtProcess
from tests.lake_builder import LakeBuilder, event, play

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
FILE = "warehouse.duckdb"
# Two kinds of listeners: songs of the one are not heard by the other.
SONGS = {kind: [f"{kind}{number}" for number in range(8)] for kind in "xy"}


def listener(number: int) -> str:
    return f"sim-{number:06d}"


def history() -> list[dict[str, Any]]:
    """Twelve listeners, each with three quarters of the songs of a kind."""
    found = []
    for number in range(12):
        songs = SONGS["xy"[number % 2]]
        for place in range(6):
            song = songs[(number // 2 + place) % len(songs)]
            at = BEGAN + timedelta(minutes=10 * place + number)
            found.append(
                play(f"{number}-{song}", at, listener(number), track=song, artist_name=f"Band {song}")
            )
    return found


def rows(warehouse: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query, values).fetchall()


def stamps(warehouse: Path, table: str, column: str) -> dict[str, datetime]:
    """User → when their rows were made."""
    return dict(rows(warehouse, f"select user_id, max({column}) from {table} group by user_id"))


def test_an_hour_makes_those_anew_who_listened(tmp_path: Path, dbt: DbtProcess) -> None:
    lake, warehouse = LakeBuilder(tmp_path / "lake"), tmp_path / FILE
    lake.land("plays", history())
    dbt.run(warehouse, lake.root, "seed")
    dbt.run(warehouse, lake.root, "run")
    made = {"silver.silver_tastes": "_loaded_at", "gold.recommendations": "loaded_at"}
    before = {table: stamps(warehouse, table, column) for table, column in made.items()}
    assert all(len(found) == 12 for found in before.values())
    heard = rows(warehouse, "select track_title from gold.recommendations where user_id = ?", listener(0))
    assert ("Song x6",) in heard
    again = [
        play(
            f"again-{take}",
            BEGAN + timedelta(hours=2, minutes=5 * take),
            listener(0),
            track="x6",
            artist_name="Band x6",
        )
        for take in range(3)
    ]
    lake.land("plays", again)
    dbt.run(warehouse, lake.root, "build", "--selector", "hourly")
    for table, column in made.items():
        now = stamps(warehouse, table, column)
        assert {user for user in now if now[user] != before[table][user]} == {listener(0)}
    # Heard three times it is known, and no recommendation any more.
    heard = rows(warehouse, "select track_title from gold.recommendations where user_id = ?", listener(0))
    assert heard
    assert ("Song x6",) not in heard


def test_odd_listeners_and_tracks_get_a_sensible_answer(tmp_path: Path, dbt: DbtProcess) -> None:
    lake, warehouse = LakeBuilder(tmp_path / "lake"), tmp_path / FILE
    bot = [
        play(f"bot-{count}", BEGAN + timedelta(seconds=40 * count), listener(90), track="x0")
        for count in range(2_000)
    ]
    unnamed = play("unnamed", BEGAN, listener(0), track_title=None, artist_name=None, track_id="track:none")
    silent = event("silent", BEGAN, listener(91), page="home", http_status=200)
    lake.land("plays", [*history(), *bot, unnamed])
    lake.land("page_views", [silent])
    dbt.run(warehouse, lake.root, "seed")
    dbt.run(warehouse, lake.root, "run")
    picked = 'select track_title, reason from gold.recommendations where user_id = ? order by "rank"'
    # Without a play: what is heard where they live; what a bot plays all day is one listener's.
    reasons = {reason for _, reason in rows(warehouse, picked, listener(91))}
    assert reasons
    assert {reason.split()[0] for reason in reasons} <= {"New", "Rising", "Popular"}
    assert rows(warehouse, picked, listener(90))
    (weight,) = rows(
        warehouse, "select max(weight) from silver.silver_tastes where user_id = ?", listener(90)
    )[0]
    assert weight < 1_000
    # A kind's listeners are told of their own kind first.
    titles = [title for title, _ in rows(warehouse, picked, listener(2))]
    assert titles[0].startswith("Song x")
    assert rows(warehouse, "select count(*) from gold.recommendations where reason is null") == [(0,)]
