"""The dbt project keeps the evaluator's rules, and its exposures are the app's pages."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from tests.manifest import Project
from tests.project_rules import RULES
from tests.warehouse_builder import ROOT, Warehouse


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("rules")
    Warehouse(folder).dbt("parse")
    return Project(json.loads((folder / "target/manifest.json").read_text()))


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_rule_is_kept(project: Project, name: str) -> None:
    assert list(RULES[name](project)) == []


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
