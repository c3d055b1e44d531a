"""The dbt project keeps the evaluator's rules, and its exposures are the app's pages."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts.events import TOPICS, Event
from tests.column_docs import columns
from tests.dbt_process import ROOT, DbtProcess
from tests.manifest import Project
from tests.project_rules import RULES

# What these show comes from `backbeat live`; of gold they read names alone.
LIVE = {"now"}


@pytest.fixture(scope="module")
def manifest(dbt: DbtProcess) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((dbt.parsed() / "manifest.json").read_text())
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


def test_a_text_of_ones_own_is_found(manifest: dict[str, Any]) -> None:
    spoilt = copy.deepcopy(manifest)
    facts = spoilt["nodes"]["model.backbeat.fct_plays"]["columns"]
    facts["user_id"] |= {"description": "The listener.", "doc_blocks": []}
    facts["country"]["doc_blocks"] = ["doc.backbeat.user_id"]
    spoilt["docs"]["doc.backbeat.plays__isrc"] = spoilt["docs"]["doc.backbeat.isrc"] | {"name": "plays__isrc"}
    project = Project(spoilt)
    assert list(RULES["columns_described_twice"](project)) == [
        "model.backbeat.fct_plays.user_id",
        "model.backbeat.fct_plays.country",
    ]
    assert list(RULES["doc_blocks_that_say_the_same"](project)) == ["isrc"]
    assert list(RULES["doc_blocks_without_use"](project)) == ["plays__isrc"]


def test_gold_says_of_a_field_what_the_contract_says(project: Project) -> None:
    said = {text for key, text, _ in columns(project)["user_id"] if key.startswith(("model", "source"))}
    assert said == {Event.model_fields["user_id"].description}


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


def pages_of(project: Project, topic: str) -> set[str]:
    """The pages that a topic's events reach, whatever way."""
    reached = project.downstream(f"source.backbeat.lake.{topic}") & set(project.exposures)
    return {project.exposures[key]["name"].removesuffix("_page") for key in reached}


def test_each_topic_reaches_a_page_and_each_page_a_topic(project: Project) -> None:
    reached = {topic: pages_of(project, topic) for topic in TOPICS}
    assert [topic for topic, pages in reached.items() if not pages] == []
    pages = {page.stem for page in (ROOT / "streamlit_app/views").glob("*.py")}
    assert set.union(*reached.values()) == pages - LIVE


def test_the_docs_first_page_leads_from_each_topic_to_its_pages(project: Project) -> None:
    rows = [
        re.findall(r"\[([^]]+)\]\(#!/([^)]+)\)", row)
        for row in project.overview.splitlines()
        if row.startswith("| [") and "#!/source/" in row
    ]
    assert {row[0][0]: set(row[-1][0].split(", ")) for row in rows} == {
        topic: pages_of(project, topic) for topic in TOPICS
    }
    for (topic, source), (_, judged), (_, holder), (_, lineage) in rows:
        assert source == f"source/source.backbeat.lake.{topic}"
        assert lineage == f"overview?g_v=1&g_i=source:lake.{topic}%2B"
        assert judged.split("/")[1] in project.downstream(source.split("/")[1])
        assert holder.split("/")[1] in project.downstream(judged.split("/")[1])


def test_the_docs_first_page_names_nothing_that_is_not_there(project: Project) -> None:
    links = re.findall(r"\(#!/(\w+)/([\w.]+)\)", project.overview)
    known = project.nodes | project.exposures
    assert [link for kind, link in links if link not in known or not link.startswith(kind)] == []


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
