"""The dbt project keeps the evaluator's rules, and its exposures are the app's pages."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.manifest import Project
from tests.project_rules import RULES
from tests.warehouse_builder import ROOT, Warehouse


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("rules")
    Warehouse(folder).dbt("parse")
    parsed: dict[str, Any] = json.loads((folder / "target/manifest.json").read_text())
    return parsed


@pytest.fixture(scope="module")
def project(manifest: dict[str, Any]) -> Project:
    return Project(manifest)


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_rule_is_kept(project: Project, name: str) -> None:
    assert list(RULES[name](project)) == []


def test_the_rules_bite(manifest: dict[str, Any]) -> None:
    spoilt = copy.deepcopy(manifest)
    node = spoilt["nodes"]["model.backbeat.fct_plays"]
    node["depends_on"]["nodes"].append("model.backbeat.bronze_plays")
    spoilt["child_map"]["model.backbeat.bronze_plays"].append("model.backbeat.fct_plays")
    node["raw_code"] += "join gold.dim_users on true"
    node |= {"description": "", "group": None}
    broken = {name for name, check in RULES.items() if list(check(Project(spoilt)))}
    assert broken == {
        "bronze_fan_out",
        "hard_coded_references",
        "models_without_a_group",
        "skipped_layers",
        "undocumented_columns",
        "undocumented_models",
    }


def test_every_page_is_an_exposure_of_the_tables_its_queries_read(project: Project) -> None:
    pages = {page.stem: _tables_of(page) for page in (ROOT / "streamlit_app/views").glob("*.py")}
    exposed = {
        node["name"].removesuffix("_page"): {read.split(".")[-1] for read in node["depends_on"]["nodes"]}
        for node in project.exposures.values()
        if node["type"] == "dashboard"
    }
    assert set(exposed) == set(pages)
    assert {page: tables - pages[page] for page, tables in exposed.items() if tables - pages[page]} == {}
    assert set.union(*exposed.values()) == set.union(*pages.values())


def _tables_of(page: Path) -> set[str]:
    """The gold tables in the query modules that a page imports, itself or through the shared filters."""
    modules = {"users"} | {
        name.name
        for found in ast.walk(ast.parse(page.read_text()))
        if isinstance(found, ast.ImportFrom) and found.module == "streamlit_app.queries"
        for name in found.names
    }
    code = "".join((ROOT / f"streamlit_app/queries/{module}.py").read_text() for module in modules)
    return set(re.findall(r"\bgold\.([a-z_]+)", code))
