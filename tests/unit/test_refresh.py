"""When `refresh` starts dbt, and when it knows that it need not."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from serving import built, commands
from serving import refresh as module
from serving.build import Scope
from serving.folder import Folder
from serving.inputs import lake_digest, project_digest
from serving.publish import publish
from serving.refresh import Refreshed, due, gate, make, refresh
from serving.run_history import Node, Run, read, remember
from serving.settings import ServingSettings


class Place:
    """A lake, a project and a warehouse whose builds only count themselves."""

    def __init__(self, folder: Path) -> None:
        self.lake, self.project = folder / "lake", folder / "project"
        self.settings = ServingSettings(
            lake=str(self.lake), warehouse=folder / "warehouse.duckdb", snapshots=folder / "snapshots"
        )
        self.builds = 0
        self.fails = False
        self.refused = False
        self.told: list[str] = []
        self.write("project/dbt_project.yml", "name: tiny")
        self.write("project/profiles.yml.example", "tiny: {}")
        self.write("project/models/one.sql", "select 1")
        self.land("plays", 0)

    def write(self, name: str, text: str) -> Path:
        path = self.lake.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def land(self, topic: str, base: int) -> Path:
        return self.write(f"lake/bronze/{topic}/year=2026/month=03/day=18/hour=07/{base:020d}.parquet", "")

    def build(self, settings: ServingSettings, _root: Path, *, scope: Scope) -> Run:
        self.builds += 1
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute("create schema if not exists gold")
            connection.execute(f"create or replace table gold.marker as select {self.builds} as n")
        if self.fails:
            raise BackbeatError("dbt build failed at one: nothing was published")
        verdict = Node("not_null_one", "test", "fail" if self.refused else "pass", 0.1, "Got 1 result")
        run = Run(f"run-{self.builds}", "2026-03-18T07:00:00+00:00", str(scope), 1.5, (verdict,))
        remember(settings.warehouse, run)
        return run

    def refresh(self, *, always: bool = False, hourly: bool = False) -> Refreshed:
        lake = Folder(self.lake)
        return refresh(self.settings, lake, self.told.append, always=always, hourly=hourly, root=self.project)

    def due(self, *, hourly: bool) -> str:
        return due(self.settings, Folder(self.lake), hourly=hourly, root=self.project)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    made = Place(tmp_path)
    monkeypatch.setattr(module, "build", made.build)
    return made


@pytest.fixture
def fresh(place: Place) -> Place:
    """Built and published, and nothing new since."""
    place.refresh()
    place.told.clear()
    return place


def test_nothing_new_starts_nothing_and_tells_of_the_snapshot_that_stands(place: Place) -> None:
    first, second = place.refresh(), place.refresh()
    assert place.builds == 1
    assert place.told == ["building: there is no whole build yet"]
    assert (first.published, second.published, second.build_seconds) == (True, False, None)
    assert second.facts == first.facts
    assert Path(second.facts["snapshot"]).is_file()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("lake/bronze/likes/year=2020/month=01/day=01/hour=00/late.parquet", "the lake changed"),
        ("lake/landing/episodes/new.csv", "the lake changed"),
        ("project/models/one.sql", "the project changed"),
        ("project/models/docs/new.md", "the project changed"),
        ("project/macros/new.sql", "the project changed"),
        ("project/seeds/new.csv", "the project changed"),
        ("project/snapshots/new.yml", "the project changed"),
        ("project/tests/dbt/new.sql", "the project changed"),
        ("project/dbt_project.yml", "the project changed"),
        ("project/profiles.yml", "the project changed"),
    ],
)
def test_whatever_dbt_reads_is_a_reason(fresh: Place, name: str, reason: str) -> None:
    fresh.write(name, "something else")
    assert fresh.refresh().published
    assert (fresh.builds, fresh.told) == (2, [f"building: {reason}"])
    fresh.refresh()
    assert fresh.builds == 2


@pytest.mark.parametrize(
    "name",
    ["lake/_sink/fence.json", "lake/compacted/plays/x.parquet", "project/README.md", "project/target/x"],
)
def test_what_dbt_does_not_read_is_none(fresh: Place, name: str) -> None:
    fresh.write(name, "new")
    fresh.refresh()
    assert fresh.builds == 1


def test_a_file_in_landing_that_changed_in_place_is_a_reason(place: Place) -> None:
    path = place.write("lake/landing/episodes/list.csv", "one")
    place.refresh()
    path.write_text("two")
    os.utime(path, ns=(0, 10**18))
    place.refresh()
    assert place.builds == 2


def test_another_lake_is_a_reason(fresh: Place) -> None:
    fresh.settings = fresh.settings.model_copy(update={"lake": str(fresh.lake.parent / "other")})
    fresh.refresh()
    assert fresh.told == ["building: the project changed"]


def test_a_failed_build_is_made_good_though_nothing_is_new(fresh: Place) -> None:
    fresh.land("plays", 1)
    fresh.fails = True
    for _ in range(2):
        with pytest.raises(BackbeatError, match="nothing was published"):
            fresh.refresh()
    fresh.fails = False
    assert fresh.refresh().published
    assert fresh.builds == 4
    assert fresh.told[1:] == ["building: there is no whole build yet"] * 2


def test_what_lands_during_a_build_is_built_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build_while_landing(settings: ServingSettings, root: Path, *, scope: Scope) -> Run:
        place.land("plays", 100)
        return place.build(settings, root, scope=scope)

    monkeypatch.setattr(module, "build", build_while_landing)
    for _ in range(3):
        place.refresh()
    assert place.builds == 2


@pytest.mark.parametrize("change", ["missing", "written", "interrupted"])
def test_a_warehouse_that_is_not_what_was_left_is_a_reason(fresh: Place, change: str) -> None:
    warehouse = fresh.settings.warehouse
    if change == "missing":
        warehouse.unlink()
    elif change == "written":
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("create table half as select 1 as n")
    else:
        warehouse.with_name(f"{warehouse.name}.wal").write_bytes(b"")
    fresh.refresh()
    assert fresh.told == ["building: warehouse.duckdb is not as the last whole build left it"]


def test_publishing_does_not_touch_the_warehouse(fresh: Place) -> None:
    before = built.traces(fresh.settings.warehouse)
    publish(fresh.settings.warehouse, fresh.settings.snapshots)
    assert built.traces(fresh.settings.warehouse) == before


def test_a_snapshot_that_is_gone_is_published_again_without_a_build(fresh: Place) -> None:
    for snapshot in fresh.settings.snapshots.iterdir():
        snapshot.unlink()
    done = fresh.refresh()
    assert (done.published, done.build_seconds, fresh.builds, fresh.told) == (True, None, 1, [])
    assert not fresh.refresh().published


def test_an_hourly_build_is_enough_for_the_hour_and_no_whole_one(fresh: Place) -> None:
    assert (fresh.due(hourly=True), fresh.due(hourly=False)) == ("", "")
    fresh.land("plays", 1)
    assert fresh.due(hourly=True) == "the lake changed"
    assert fresh.refresh(hourly=True).published
    assert (fresh.due(hourly=True), fresh.due(hourly=False)) == ("", "the last build was hourly")
    assert not fresh.refresh(hourly=True).published
    assert [run.scope for run in read(fresh.settings.warehouse)] == ["whole", "hourly"]


def test_a_warehouse_that_is_not_there_is_built_whole(place: Place) -> None:
    place.refresh(hourly=True)
    assert [run.scope for run in read(place.settings.warehouse)] == ["whole"]


def test_days_are_made_anew_though_nothing_changed(fresh: Place) -> None:
    scope = Scope(days=(date(2026, 3, 1), date(2026, 3, 15)))
    made = make(fresh.settings, Folder(fresh.lake), fresh.told.append, scope=scope, root=fresh.project)
    assert (made.run is not None, fresh.told) == (True, [f"building: asked for {scope}"])
    assert fresh.due(hourly=False) == "the last build was hourly"


def test_a_failed_test_is_built_but_neither_passes_the_gate_nor_is_published(fresh: Place) -> None:
    stands = fresh.settings.snapshots / "snapshot-of-before"
    stands.write_text("")
    before = sorted(fresh.settings.snapshots.iterdir())
    fresh.land("plays", 1)
    fresh.refused = True
    with pytest.raises(
        BackbeatError, match=r"failed at not_null_one: nothing was published \(Got 1 result\)"
    ):
        fresh.refresh()
    with pytest.raises(BackbeatError, match="not_null_one"):
        gate(fresh.settings, Folder(fresh.lake), fresh.project)
    assert sorted(fresh.settings.snapshots.iterdir()) == before
    assert fresh.due(hourly=True) == "there is no whole build yet"
    fresh.refused = False
    fresh.refresh()
    assert gate(fresh.settings, Folder(fresh.lake), fresh.project)


def test_always_builds_and_publishes(fresh: Place) -> None:
    done = fresh.refresh(always=True)
    assert (done.published, done.build_seconds, fresh.told) == (True, 1.5, ["building: asked to"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"began_at": "2026"}'])
def test_a_note_that_cannot_be_read_proves_nothing(fresh: Place, text: str) -> None:
    warehouse = fresh.settings.warehouse
    warehouse.with_name(f"{warehouse.name}.built.json").write_text(text)
    fresh.refresh()
    assert fresh.builds == 2


def test_the_command_says_so_and_prints_one_json_object(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "ServingSettings", lambda: place.settings)
    monkeypatch.setattr(commands, "refresh", lambda *given, always, hourly: place.refresh(always=always))
    first, second, third = (
        CliRunner().invoke(commands.app, ["refresh", "--json", *options], obj={})
        for options in ([], [], ["--always"])
    )
    facts = [json.loads(done.stdout.splitlines()[-1]) for done in (first, second, third)]
    assert [(fact["built"], fact["published"]) for fact in facts] == [
        (True, True),
        (False, False),
        (True, True),
    ]
    assert "build_seconds" not in facts[1]
    assert facts[1]["snapshot"] == facts[0]["snapshot"]
    assert "nothing new since 20" in second.stderr


def test_digests_hang_on_names_and_bytes_not_on_the_order_of_folders(tmp_path: Path) -> None:
    one, other = Place(tmp_path / "one"), Place(tmp_path / "other")
    for place, bases in ((one, (1, 2)), (other, (2, 1))):
        for base in bases:
            place.land("likes", base)
    assert lake_digest(Folder(one.lake)) == lake_digest(Folder(other.lake))
    assert project_digest(one.project, {}) == project_digest(other.project, {})
    assert project_digest(one.project, {}) != project_digest(one.project, {"BACKBEAT_TARGET": "snowflake"})


def test_a_lake_without_a_folder_is_empty(tmp_path: Path) -> None:
    lake = Folder(tmp_path / "nowhere")
    assert list(lake.list("bronze/plays/")) == []
    assert lake.head("landing/episodes/x.csv") is None
    assert not (tmp_path / "nowhere").exists()
