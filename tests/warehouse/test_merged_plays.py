"""A play that two sources tell: merged whichever comes first, on its days alone, undone without a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_process import DbtProcess
from tests.lake_builder import LakeBuilder, play, wire

MIDNIGHT = datetime(2026, 3, 19, tzinfo=UTC)
MODELS = ("--select", "+fct_plays", "+fct_sessions", "+silver_merged_plays")


def spotify(name: str, began_at: datetime, **fields: Any) -> dict[str, Any]:
    return play(name, began_at + timedelta(minutes=3), source="import.spotify", **fields)


def lastfm(name: str, began_at: datetime, **fields: Any) -> dict[str, Any]:
    own = {"source": "import.lastfm", "ms_played": None, "started_at": wire(began_at)}
    return play(name, began_at, **(own | fields))


class Merging:
    """One warehouse and its lake, by what is asked of them."""

    def __init__(self, folder: Path, process: DbtProcess) -> None:
        self.lake = LakeBuilder(folder / "lake")
        self._warehouse = folder / "warehouse.duckdb"
        self._process = process
        self._process.run(self._warehouse, self.lake.root, "seed")

    def run(self, *flags: str) -> None:
        self._process.run(self._warehouse, self.lake.root, "run", *MODELS, *flags)

    def keep_apart(self, play_id: str) -> None:
        """As a line in the seed does; `dbt build` loads it."""
        with duckdb.connect(str(self._warehouse)) as connection:
            connection.execute(
                "insert into silver.kept_apart_plays values ('sim-000001', ?, 'two phones')", [play_id]
            )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self._warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def merged(self) -> dict[str, str]:
        """The plays that do not count → those they are merged with."""
        return dict(self.rows("select play_id, winner_play_id from silver.silver_merged_plays"))

    def counted(self) -> set[str]:
        """The plays that count, which sessions hold too."""
        [(plays, sessions)] = self.rows(
            "select (select count(*) from gold.fct_plays), (select sum(plays) from gold.fct_sessions)"
        )
        assert plays == sessions
        return {play_id for (play_id,) in self.rows("select play_id from gold.fct_plays")}


@pytest.fixture
def merging(tmp_path: Path, dbt: DbtProcess) -> Merging:
    return Merging(tmp_path, dbt)


def test_who_tells_it_better_may_come_later_and_after_midnight(merging: Merging) -> None:
    weeks_ago = MIDNIGHT - timedelta(days=21)
    # Alone, a scrobble counts: here the last of a day, and that of an evening that nothing else is heard of.
    merging.lake.land("plays", [lastfm("before", MIDNIGHT - timedelta(seconds=20)), lastfm("old", weeks_ago)])
    merging.lake.land("plays", [spotify("elsewhere", weeks_ago - timedelta(days=9), track="two")])
    merging.run()
    assert merging.merged() == {}
    assert merging.counted() == {"before", "old", "elsewhere"}

    stamps = "select played_date, max(loaded_at) from gold.fct_plays group by played_date"
    first = dict(merging.rows(stamps))
    merging.lake.land("plays", [spotify("after", MIDNIGHT + timedelta(seconds=10))])
    merging.run()
    assert merging.merged() == {"before": "after"}
    assert merging.counted() == {"after", "old", "elsewhere"}
    second = dict(merging.rows(stamps))
    # The day that lost its only play is gone; those that have nothing to do with it are as they were.
    assert second.keys() == first.keys() - {(MIDNIGHT - timedelta(1)).date()} | {MIDNIGHT.date()}
    assert [day for day in first.keys() & second.keys() if first[day] != second[day]] == []

    # A copy that landed earlier says that Spotify's play was another listener's: the scrobble counts again.
    took = play("after", MIDNIGHT + timedelta(seconds=190), "sim-000009", source="import.spotify")
    merging.lake.land("plays", [took], landed_at=merging.lake.landed_at - timedelta(hours=1), partition=1)
    merging.run()
    assert merging.merged() == {}
    assert merging.counted() == {"before", "after", "old", "elsewhere"}


def test_merging_is_undone_for_one_play_and_for_all(merging: Merging) -> None:
    noon = MIDNIGHT + timedelta(hours=12)
    told = [spotify(f"s{turn}", noon + timedelta(hours=turn)) for turn in range(3)]
    heard = [lastfm(f"l{turn}", noon + timedelta(hours=turn, seconds=3)) for turn in range(3)]
    merging.lake.land("plays", told + heard)
    merging.run()
    assert merging.merged() == {"l0": "s0", "l1": "s1", "l2": "s2"}
    merging.keep_apart("l0")
    merging.keep_apart("s1")
    merging.run()
    assert merging.merged() == {"l2": "s2"}
    assert merging.counted() == {"s0", "s1", "s2", "l0", "l1"}
    merging.run("--full-refresh", "--vars", "{merge_sources: false}")
    assert merging.merged() == {}
    assert merging.counted() == {"s0", "s1", "s2", "l0", "l1", "l2"}
