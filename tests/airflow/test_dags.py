"""What is declared: every DAG is read, and has what operations expect."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

import pytest

from infra.airflow_server import DAGS
from tests.airflow.platform import Platform

NAMES = sorted(path.stem for path in DAGS.glob("*.py"))


def tasks(platform: Platform, dag: str) -> dict[str, Any]:
    return {task["task_id"]: task for task in platform.api.get(f"dags/{dag}/tasks")["tasks"]}


def test_every_file_is_a_dag_and_none_is_broken(platform: Platform) -> None:
    assert platform.api.get("importErrors")["total_entries"] == 0
    assert sorted(dag["dag_id"] for dag in platform.api.get("dags")["dags"]) == NAMES
    assert set(NAMES) >= {"hourly", "daily", "backfill", "landing"}


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_says_whose_it_is_what_it_does_and_runs_once_at_a_time(platform: Platform, name: str) -> None:
    dag = platform.api.get(f"dags/{name}/details")
    assert dag["owners"] == ["data-platform"]
    assert {"backbeat", name} <= {tag["name"] for tag in dag["tags"]}
    assert dag["doc_md"].startswith(f"### {name.title()}: ")
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is (name == "hourly")
    assert dag["dag_run_timeout"]


@pytest.mark.parametrize("name", NAMES)
def test_a_task_is_retried_with_patience_and_ended_if_it_hangs(platform: Platform, name: str) -> None:
    found = tasks(platform, name)
    for task in found.values():
        assert task["owner"] == "data-platform"
        assert task["retries"] == 2
        assert task["retry_exponential_backoff"] == 2
        assert task["execution_timeout"]
    # Raises CycleError if there is one.
    graph = {key: task["downstream_task_ids"] for key, task in found.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(found)


def test_whatever_opens_the_warehouse_waits_for_the_others(platform: Platform) -> None:
    pools = {(name, key): task["pool"] for name in NAMES for key, task in tasks(platform, name).items()}
    warehouse = {place for place, pool in pools.items() if pool == "warehouse"}
    assert warehouse == {
        *((name, task) for name in ("hourly", "daily", "backfill") for task in ("quality_gate", "publish")),
        ("hourly", "transform"),
        ("daily", "transform"),
        ("daily", "docs"),
        ("backfill", "week"),
    }
    assert platform.api.get("pools/warehouse")["slots"] == 1


def test_assets_lead_from_files_to_dashboards(platform: Platform) -> None:
    assets = {asset["name"]: asset for asset in platform.api.get("assets")["assets"]}
    made = {
        name: {(task["dag_id"], task["task_id"]) for task in assets[name]["producing_tasks"]}
        for name in assets
    }
    assert ("landing", "look") in made["landing"]
    assert ("landing", "take") in made["bronze"]
    assert [dag["dag_id"] for dag in assets["bronze"]["scheduled_dags"]] == ["hourly"]
    assert {("hourly", "transform"), ("backfill", "week")} <= made["gold"]
    assert {(name, "publish") for name in ("hourly", "daily", "backfill")} == made["dashboards"]
