"""The gates between the zones: each rule passes what is sound and stops a planted fault with a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from contracts.gates import (
    BRONZE_SILVER,
    GATES,
    GOLD_ARCHIVE,
    LANDING_BRONZE,
    SILVER_GOLD,
    Verdict,
    newest,
    passed_at,
    record,
    require_passed,
    settle,
)
from serving import commands
from serving.folder import Folder
from serving.gates.archive import archive_verdicts
from serving.gates.flow import note_failed, pass_archive, pass_build, pass_landing
from serving.gates.gold import gold_verdicts
from serving.gates.landing import landing_verdicts
from serving.gates.silver import silver_verdicts
from serving.run_history import Node
from serving.settings import ServingSettings
from tests.lake_builder import LakeBuilder, play
from tests.report_samples import REPORTS, bring_in

NOW = datetime.now(UTC)
SETTINGS = ServingSettings()


def shut(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """The sentences of the rules that are broken, by rule."""
    return {one.rule: one.sentence for one in verdicts if not one.passed}


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Two reports and a few plays, as they land."""
    root = tmp_path / "lake"
    root.mkdir()
    bring_in(root, tmp_path, dict(list(REPORTS.items())[:2]), NOW)
    LakeBuilder(root, NOW).land("plays", [play(f"p{n}", NOW) for n in range(120)])
    return root


def landed(lake: Path, table: str) -> Path:
    return min((lake / "landing" / table).glob("*.parquet"))


def test_what_landed_whole_passes(lake: Path) -> None:
    found = list(landing_verdicts(Folder(lake), SETTINGS, None))
    assert (shut(found), {one.rule for one in found}) == ({}, {"counts", "schema", "rules", "freshness"})


def test_a_report_whose_lines_are_cut_or_gone(lake: Path) -> None:
    path = landed(lake, "report_lines")
    lines = pq.read_table(path)
    pq.write_table(lines.slice(1), path)
    (sentence,) = shut(landing_verdicts(Folder(lake), SETTINGS, None)).values()
    assert sentence.startswith("gate landing→bronze: 1 of 2 new reports are not whole: report ")
    assert f"counts {lines.num_rows} lines, {lines.num_rows - 1} landed; expected: " in sentence
    path.unlink()
    assert ", 0 landed" in shut(landing_verdicts(Folder(lake), SETTINGS, None))["counts"]


def test_a_report_whose_import_broke_off(lake: Path) -> None:
    landed(lake, "reports").unlink()
    assert shut(landing_verdicts(Folder(lake), SETTINGS, None)) == {}  # perhaps it is being imported
    for path in (lake / "landing/report_lines").iterdir():
        os.utime(path, (0, 0))
    assert "landed by half" in shut(landing_verdicts(Folder(lake), SETTINGS, None))["counts"]


@pytest.mark.parametrize("table", ["report_lines", "reports", "bronze"])
def test_an_object_of_another_shape(lake: Path, table: str) -> None:
    path = next((lake / "bronze").rglob("*.parquet")) if table == "bronze" else landed(lake, table)
    pq.write_table(pa.table({"n": [1]}), path)
    assert path.name in shut(landing_verdicts(Folder(lake), SETTINGS, None))["schema"]


def test_events_that_mostly_do_not_fit(lake: Path) -> None:
    LakeBuilder(lake, NOW).land("plays", [b"broken"] * 200, base=1000)
    sentence = shut(landing_verdicts(Folder(lake), SETTINGS, None))["rules"]
    assert "plays: 200 of 320 new records do not fit the contract; expected: at most 50%" in sentence


def test_a_file_that_waits_too_long(lake: Path) -> None:
    path = lake / "landing/inbox/anna/a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("n")
    assert shut(landing_verdicts(Folder(lake), SETTINGS, NOW)) == {}
    late = (NOW - timedelta(hours=25)).timestamp()
    os.utime(path, (late, late))
    assert (
        "1 wait, landing/inbox/anna/a.csv" in shut(landing_verdicts(Folder(lake), SETTINGS, NOW))["freshness"]
    )
    patient = SETTINGS.model_copy(update={"gate_inbox_hours": 0.0})
    assert shut(landing_verdicts(Folder(lake), patient, NOW)) == {}


WAREHOUSE = """
create schema bronze; create schema silver; create schema gold;
create table silver.silver_plays_validated as
    select *, i % 10 <> 0 as is_accepted, date '2026-11-20' as played_date, now()::timestamp as _loaded_at
    from (select unnest(range(120)) as i, '{file}' as _file);
create view silver.silver_plays as select * from silver.silver_plays_validated where is_accepted;
create table silver.silver_rejected_events as select 'plays' as topic from range(12);
create table silver.silver_merged_plays as select 1 as i where false;
create table gold.fct_plays as select i, played_date from silver.silver_plays;
create view bronze.bronze_plays as select * from read_parquet('{root}/{file}');
create table silver.silver_report_lines as select unnest(range(9)) as line, true as is_effective,
    'royalties' as subject, 1.25::decimal(18, 4) as net_amount;
create table silver.silver_reports as select 'x' as report_id, 9 as rows_in;
create table gold.fct_royalties as select net_amount from silver.silver_report_lines;
create table gold.report_statements as select 'told' as report_id;
create table gold.unmatched_report_lines as select 'unmatched' as report_id;
"""


@pytest.fixture
def settings(lake: Path, tmp_path: Path) -> ServingSettings:
    """A warehouse as dbt leaves it, of that lake's plays; its name is in its views."""
    path = tmp_path / "warehouse.duckdb"
    file = next((lake / "bronze/plays").rglob("*.parquet")).relative_to(lake).as_posix()
    with duckdb.connect(str(path)) as connection:
        connection.execute(WAREHOUSE.format(file=file, root=lake))
    return ServingSettings(lake=str(lake), warehouse=path)


def silver(settings: ServingSettings, fault: str = "", began: datetime | None = None) -> dict[str, str]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(fault or "select 1")
        lake = Folder(Path(settings.lake))
        return shut(silver_verdicts(connection, lake, began or NOW - timedelta(hours=1), None))


def gold(settings: ServingSettings, fault: str = "") -> dict[str, str]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(fault or "select 1")
        return shut(gold_verdicts(connection))


def test_a_sound_build_passes(settings: ServingSettings) -> None:
    assert (silver(settings), gold(settings)) == ({}, {})


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "delete from silver.silver_rejected_events",
            "gate bronze→silver: 12 of 120 landed records are in neither silver nor rejected, 12 of plays",
        ),
        (
            "delete from silver.silver_plays_validated where i % 10 = 1",
            "12 of 120 landed records are in neither",
        ),
        (
            "delete from silver.silver_report_lines where line < 2",
            "2 of 9 landed report lines are not in silver",
        ),
        ("create or replace view bronze.bronze_plays as select 1 as event_id", "bronze_plays.schema_version"),
    ],
)
def test_silver_that_lacks_something(settings: ServingSettings, fault: str, sentence: str) -> None:
    (found,) = silver(settings, fault).values()
    assert sentence in found


def test_an_object_that_the_build_did_not_read(settings: ServingSettings) -> None:
    LakeBuilder(Path(settings.lake), NOW).land("plays", [play("late", NOW)], base=500)
    assert silver(settings) == {}  # it landed while the build ran
    sentence = silver(settings, began=datetime.now(UTC) + timedelta(hours=1))["freshness"]
    assert "1 were not, bronze/plays/year=" in sentence


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "delete from gold.fct_plays where i < 13",
            "gate silver→gold: 11 of 108 accepted plays are neither in",
        ),
        (
            "insert into gold.fct_plays from gold.fct_plays limit 3",
            "3 of 108 accepted plays are in fct_plays twice",
        ),
        (
            "update gold.fct_plays set played_date = date '2026-11-19'",
            "it is 2026-11-19; expected: gold's newest",
        ),
        (
            "delete from gold.fct_royalties",
            "0 lines of 0 are in fct_royalties; expected: 9 statement lines of 11.25",
        ),
        ("update gold.fct_royalties set net_amount = 1", "9 lines of 9 are in fct_royalties"),
    ],
)
def test_gold_that_lacks_something(settings: ServingSettings, fault: str, sentence: str) -> None:
    (found,) = gold(settings, fault).values()
    assert sentence in found


def test_an_archive_whose_files_gold_does_not_tell_or_that_are_gone(settings: ServingSettings) -> None:
    lake = Path(settings.lake)
    for digest in ("told", "unmatched"):
        keep(lake, digest)
    with duckdb.connect(str(settings.warehouse)) as connection:

        def found(*, hourly: bool = False) -> dict[str, str]:
            return shut(archive_verdicts(connection, Folder(lake), NOW, hourly=hourly))

        assert found() == {}
        keep(lake, "lost")
        assert found()["counts"].startswith(
            "gate gold→archive: 1 of 3 archived reports are in no gold table, lost.csv among them"
        )
        assert found(hourly=True) == {}  # it makes nothing of reports
        (lake / "archive/landing/told.csv").unlink()
        assert "1 of 3 archived files are gone or cut, told.csv" in found(hourly=True)["rules"]


def keep(lake: Path, digest: str) -> None:
    """Archive a report of one byte, as an import does."""
    key = f"archive/landing/{digest}.csv"
    entry = {"sha256": digest, "key": key, "name": f"{digest}.csv", "size": 1, "is_report": True}
    entry["archived_at"] = (NOW - timedelta(hours=2)).isoformat()
    for name, text in ((key, "x"), (f"_kept/landing/{digest}.json", json.dumps(entry))):
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        (lake / name).write_text(text)


def test_the_flow_writes_down_what_it_finds_and_stops(
    settings: ServingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "ServingSettings", lambda: settings)
    monkeypatch.setattr("serving.steps.ServingSettings", lambda: settings)
    lake, began = Folder(Path(settings.lake)), (NOW - timedelta(hours=1)).isoformat()
    told = CliRunner().invoke(commands.app, ["gates"])
    assert all(f"{gate:<15}" in told.stdout for gate in GATES)
    pass_landing(settings, lake)
    pass_build(settings, lake, began, hourly=False)
    pass_archive(settings, lake, began, hourly=False)
    assert all(passed_at(settings.warehouse, gate) for gate in GATES)
    assert CliRunner().invoke(commands.app, ["gates"], catch_exceptions=False).exit_code == 0
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from gold.fct_plays where i = 1")
    with pytest.raises(BackbeatError, match=r"^gate silver→gold: 1 of 108 accepted plays .* \(counts\)$"):
        pass_build(settings, lake, began, hourly=False)
    assert passed_at(settings.warehouse, SILVER_GOLD) is None
    assert passed_at(settings.warehouse, LANDING_BRONZE) is not None
    told = CliRunner().invoke(commands.app, ["gates", "--json"])
    (broken,) = [one for one in json.loads(told.stdout) if not one["passed"]]
    assert (broken["gate"], broken["rule"]) == (SILVER_GOLD, "counts")


def test_tests_of_dbt_belong_to_the_gate_of_what_they_read(settings: ServingSettings, tmp_path: Path) -> None:
    nodes = {
        "model.b.fct_plays": {"resource_type": "model", "name": "fct_plays", "schema": "gold"},
        "test.b.unique_fct": {
            "resource_type": "test", "name": "unique_fct", "depends_on": {"nodes": ["model.b.fct_plays"]},
        },
    }  # fmt: skip
    (tmp_path / "target").mkdir()
    (tmp_path / "target/manifest.json").write_text(json.dumps({"nodes": nodes}))
    failed = [
        Node(f"{name}.1a2b", "test", "fail", 0.1, "Got 2 results") for name in ("unique_fct", "not_null")
    ]
    note_failed(settings, failed, tmp_path)
    assert {one.gate: one.found for one in newest(settings.warehouse)} == {
        BRONZE_SILVER: "not_null.1a2b does: Got 2 results",
        SILVER_GOLD: "unique_fct.1a2b does: Got 2 results",
    }


def test_a_gate_that_is_shut_is_shut_for_whoever_comes_later(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    require_passed(warehouse, BRONZE_SILVER)  # never evaluated: nothing is against it
    with pytest.raises(BackbeatError, match="not passed since"):
        require_passed(warehouse, GOLD_ARCHIVE, after=NOW)
    broken = Verdict(BRONZE_SILVER, "counts", "0", "12 are in neither", passed=False)
    with pytest.raises(BackbeatError, match="12 are in neither"):
        settle(warehouse, [broken])
    with pytest.raises(BackbeatError, match="12 are in neither"):
        require_passed(warehouse, BRONZE_SILVER)
    record(warehouse, [Verdict(BRONZE_SILVER, "counts", "0", "0", passed=True)])
    require_passed(warehouse, BRONZE_SILVER)
