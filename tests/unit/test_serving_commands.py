"""What `refresh` and `app` start, and how they explain a failure."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from serving.application import check_port, command, environment
from serving.build import ROOT, build, child_environment
from serving.run_history import Run, from_results, history, read, remember
from serving.settings import ServingSettings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServingSettings:
    monkeypatch.chdir(tmp_path)
    return ServingSettings()


def test_children_get_absolute_paths(settings: ServingSettings, tmp_path: Path) -> None:
    child = child_environment(settings, {"HOME": "/home/somebody"})
    assert child["BACKBEAT_LAKE"] == str(tmp_path / "var/lake")
    assert child["BACKBEAT_WAREHOUSE"] == str(tmp_path / "var/warehouse.duckdb")
    assert child["HOME"] == "/home/somebody"


def test_a_lake_in_a_bucket_is_left_as_it_is(settings: ServingSettings) -> None:
    remote = settings.model_copy(update={"lake": "s3://bucket/prefix"})
    assert child_environment(remote, {})["BACKBEAT_LAKE"] == "s3://bucket/prefix"


def test_the_app_finds_the_rooms_first(settings: ServingSettings) -> None:
    assert environment(settings, {"PYTHONPATH": "mine"})["PYTHONPATH"] == f"{ROOT}{os.pathsep}mine"
    assert environment(settings, {})["PYTHONPATH"] == str(ROOT)


def test_no_open_means_headless() -> None:
    assert "--server.headless=true" in command(8501, "localhost", open_browser=False)
    assert "--server.headless=false" in command(8501, "localhost", open_browser=True)


def test_who_asks_for_no_log_in_answers_to_this_machines_names_only(tmp_path: Path) -> None:
    hosts = "--server.allowedHosts=localhost"
    assert hosts in command(8501, "localhost", open_browser=False)
    asking = command(8501, "0.0.0.0", open_browser=False, secrets=tmp_path / "secrets.toml")  # noqa: S104
    assert hosts not in asking
    assert f"--secrets.files={tmp_path / 'secrets.toml'}" in asking


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BackbeatError, match=f"127.0.0.1:{port}"):
            check_port(port, "127.0.0.1")


def test_failed_models_and_tests_are_told_apart() -> None:
    rows = [
        {"unique_id": "model.backbeat.silver_plays", "status": "error", "message": "Binder Error: no column"},
        {"unique_id": "test.backbeat.not_null_x.1a2b", "status": "fail", "message": "Got 3 results"},
        {"unique_id": "model.backbeat.fct_plays", "status": "skipped", "message": "SKIP"},
        {"unique_id": "model.backbeat.bronze_plays", "status": "success", "execution_time": 0.25},
    ]
    run = from_results(
        {"metadata": {"invocation_id": "a"}, "results": rows}, "2026-03-18T07:00:00+00:00", "whole", 9
    )
    assert [(node.name, node.message) for node in run.broken_models] == [
        ("silver_plays", "Binder Error: no column")
    ]
    assert [node.name for node in run.failed_tests] == ["not_null_x.1a2b"]


def test_runs_are_kept_beside_the_warehouse_and_old_ones_go(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    assert read(warehouse) == []
    runs = [Run(f"run-{n}", "2026-03-18T07:00:00+00:00", "hourly", 1.0, ()) for n in range(203)]
    for run in runs:
        remember(warehouse, run)
    assert read(warehouse) == runs[3:]
    with history(warehouse).open("a") as file:
        file.write('{"run_id": "torn')
    assert len(read(warehouse)) == 200


def test_no_project_no_build(settings: ServingSettings, tmp_path: Path) -> None:
    with pytest.raises(BackbeatError, match=r"dbt_project\.yml"):
        build(settings, root=tmp_path)
