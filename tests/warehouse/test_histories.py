"""The snapshots: a row for each way in which a user or an episode was known, and none for nothing new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dbt_process import WITHOUT_TESTS, DbtProcess
from tests.lake_builder import event, play
from tests.warehouse_builder import Warehouse

HISTORIES = ("users_history", "episodes_history")
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
USERS = """
    select user_id, level, country, known_until_at is null from history.users_history
    order by user_id, known_from_at"""


class Histories(Warehouse):
    """A warehouse of which only the histories and what they stand on is built."""

    def build(self) -> None:
        self.dbt("build", "--select", *(f"+{name}" for name in HISTORIES), *WITHOUT_TESTS)

    def test(self) -> None:
        self.dbt("test", "--select", *HISTORIES)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Histories:
    """Two users and an episode, built once."""
    made = Histories(tmp_path_factory.mktemp("histories"), dbt)
    made.lake.land("plays", [play("one", NOON, "anna"), play("two", NOON, "bert", country="FR")])
    made.lake.land("subscription_changes", [change("anna", 1, "free")])
    made.lake.land("podcast_events", [event("hears", NOON, "anna", episode_id="ep-1", action="play")])
    made.build()
    return made


def change(user: str, hours: int, level: str) -> dict[str, Any]:
    moment = NOON + timedelta(hours=hours)
    return event(f"{user}-{level}", moment, user, from_level=None, to_level=level)


def list_episode(warehouse: Histories, name: str, title: str) -> None:
    path = warehouse.lake.root / f"landing/episodes/{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "episode_id,podcast_id,podcast_title,episode_title,released_on,duration_ms,source"
    path.write_text(f"{header}\nep-1,show,Talk,{title},2026-03-01,600000,test\n")


def test_rows_come_with_changes_only(warehouse: Histories) -> None:
    assert warehouse.rows(USERS) == [("anna", "free", "DE", True), ("bert", None, "FR", True)]
    before = warehouse.rows("select * from history.users_history order by all")
    warehouse.lake.land("plays", [play("three", NOON + timedelta(hours=1), "anna")])
    warehouse.build()
    assert warehouse.rows("select plays from gold.dim_users where user_id = 'anna'") == [(2,)]
    assert warehouse.rows("select * from history.users_history order by all") == before


def test_a_change_closes_the_old_spell_and_opens_one(warehouse: Histories) -> None:
    warehouse.lake.land("subscription_changes", [change("anna", 2, "paid")])
    list_episode(warehouse, "b", "Beginning")
    warehouse.build()
    assert warehouse.rows(USERS) == [
        ("anna", "free", "DE", False),
        ("anna", "paid", "DE", True),
        ("bert", None, "FR", True),
    ]
    gaps = """
        select count(*) from history.users_history as old inner join history.users_history as new
        on old.user_id = new.user_id and old.known_until_at = new.known_from_at"""
    assert warehouse.rows(gaps) == [(1,)]
    titles = (
        "select episode_title, known_until_at is null from history.episodes_history order by known_from_at"
    )
    assert warehouse.rows(titles) == [(None, False), ("Beginning", True)]


def test_a_user_who_was_none_ends_and_may_come_back(warehouse: Histories) -> None:
    # The copy of bert's only play that landed first is anna's: his own is refused.
    earlier = datetime(2026, 3, 19, tzinfo=UTC)
    stolen = play("two", NOON, "anna", country="FR")
    warehouse.lake.land("plays", [stolen], landed_at=earlier, partition=1)
    warehouse.build()
    assert warehouse.rows("select count(*) from gold.dim_users where user_id = 'bert'") == [(0,)]
    assert warehouse.rows(USERS)[-1] == ("bert", None, "FR", False)

    warehouse.lake.land("plays", [play("four", NOON + timedelta(hours=3), "bert", country="FR")])
    warehouse.build()
    assert warehouse.rows(USERS)[-2:] == [("bert", None, "FR", False), ("bert", None, "FR", True)]
    warehouse.test()
