"""`refresh`: a build that works is published, one that fails is named and publishes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.errors import BackbeatError
from serving.build import ROOT, build
from serving.folder import Folder
from serving.publish import publish
from serving.refresh import Refreshed, refresh
from serving.settings import ServingSettings

PROJECT = """
name: tiny
version: "1.0"
profile: tiny
models:
  tiny:
    +schema: gold
    +materialized: table
"""
PROFILE = """
tiny:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('BACKBEAT_WAREHOUSE') }}"
      schema: main
"""
SCHEMA_AS_NAMED = """
{% macro generate_schema_name(custom_schema_name, node) %}
    {{ (custom_schema_name or target.schema) | trim }}
{% endmacro %}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A dbt project of one model, with only the example of a profile."""
    files = {
        "dbt_project.yml": PROJECT,
        "profiles.yml.example": PROFILE,
        "macros/schema.sql": SCHEMA_AS_NAMED,
        "models/fct_one.sql": "select 1 as n",
    }
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def rows(settings: ServingSettings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServingSettings:
    monkeypatch.setenv("BACKBEAT_WAREHOUSE", str(tmp_path / "var" / "warehouse.duckdb"))
    return ServingSettings()


def test_a_build_fills_the_warehouse_and_a_failing_model_is_named(
    root: Path, settings: ServingSettings, tmp_path: Path
) -> None:
    assert [node.name for node in build(settings, root).nodes] == ["fct_one"]
    assert (root / "profiles.yml").read_text() == PROFILE
    assert publish(settings.warehouse, tmp_path / "snapshots").rows == {"gold.fct_one": 1}

    (root / "models" / "fct_broken.sql").write_text("select no_such_column from {{ ref('fct_one') }}")
    with pytest.raises(
        BackbeatError, match=r"dbt build failed at fct_broken: nothing was published \(.*no_such_column"
    ):
        build(settings, root)

    (root / "models" / "fct_broken.sql").write_text("select * from {{ ref('nothing') }}")
    with pytest.raises(BackbeatError, match=r"before it ran a model"):
        build(settings, root)


def test_dbt_starts_again_only_for_a_reason_and_after_a_failure(
    root: Path, settings: ServingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "snapshots"))
    settings, told = ServingSettings(), list[str]()

    def once_more() -> Refreshed:
        return refresh(settings, Folder(tmp_path / "lake"), told.append, root=root)

    first = once_more()
    assert (first.published, once_more().build_seconds, len(told)) == (True, None, 1)

    (root / "models" / "fct_two.sql").write_text("select no_such_column from {{ ref('fct_one') }}")
    with pytest.raises(BackbeatError, match="fct_two"):
        once_more()
    (root / "models" / "fct_two.sql").write_text("select n + 1 as n from {{ ref('fct_one') }}")
    second = once_more()
    assert (second.facts["tables"], once_more().build_seconds) == (2, None)
    assert told[1:] == ["building: the project changed", "building: there is no whole build yet"]


def test_an_hourly_refresh_leaves_whole_histories_and_is_no_whole_build(
    root: Path, settings: ServingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "snapshots"))
    (root / "selectors.yml").write_text((ROOT / "selectors.yml").read_text())
    (root / "models" / "lives.sql").write_text("{{ config(tags=['daily']) }} select 2 as n")
    settings, told = ServingSettings(), list[str]()

    def run(*, hourly: bool) -> Refreshed:
        return refresh(settings, Folder(tmp_path / "lake"), told.append, hourly=hourly, root=root)

    assert run(hourly=True).facts["tables"] == 2, "a new warehouse is built whole"
    for name in ("fct_one", "lives"):
        (root / f"models/{name}.sql").write_text(
            "{{ config(tags=['daily']) if this.name == 'lives' }} select 3 as n"
        )
    assert run(hourly=True).build_seconds
    assert rows(settings, "select (select n from gold.fct_one), (select n from gold.lives)") == [(3, 2)]
    assert run(hourly=True).build_seconds is None
    assert run(hourly=False).build_seconds
    assert rows(settings, "select n from gold.lives") == [(3,)]
    assert told[1:] == ["building: the project changed", "building: the last build was hourly"]
