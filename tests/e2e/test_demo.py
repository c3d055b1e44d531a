"""The demo as a person runs it, from simulator to snapshot, and the same again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsing import PAGES, drawn, shown, visit
from tests.e2e.conftest import App, serving

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests" / "data"
EVENTS = 30_000
REPORTED = {"Royalties", "Releases", "Campaigns", "Audience"}  # a demo brings no platform's report
# tests/data: 39 Spotify rows; 5,000 podcast events, 140 of them refused; 100 users; 50 episodes (not events).
IMPORTED, REFUSED_AT_IMPORT = 39 + 5_000 + 100, 140


@dataclass(frozen=True)
class Run:
    """A finished demo: its summary, where its files lie, and what it told."""

    summary: dict[str, Any]
    folder: Path
    said: str

    def warehouse(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


def run_demo(folder: Path) -> Run:
    environment = {
        **os.environ,
        "BACKBEAT_LAKE": str(folder / "lake"),
        "BACKBEAT_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "BACKBEAT_SNAPSHOTS": str(folder / "snapshots"),
        "BACKBEAT_PSEUDONYM_KEY": "a key for tests",
        "PYTHONPATH": str(ROOT),
    }
    options = ["--events", str(EVENTS), "--days", "14", "--no-open"]
    places = ["--state", str(folder), "--files", str(FILES)]
    command = [sys.executable, "infra/demo.py", *options, *places]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Run(json.loads((folder / "summary.json").read_text()), folder, done.stderr)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_demo(tmp_path_factory.mktemp("demo"))


def test_every_event_is_accounted_for(demo: Run) -> None:
    summary = demo.summary
    simulated = json.loads((demo.folder / "simulated.json").read_text())
    assert simulated["produced"] >= EVENTS
    assert summary["produced"] == simulated["produced"] + IMPORTED
    assert summary["landed"] == summary["produced"]
    assert summary["accepted"] + summary["rejected"] == summary["landed"]
    assert summary["rejected"] == simulated["expected_rejected"] + REFUSED_AT_IMPORT


def test_the_planted_defects_are_the_refused_rows(demo: Run) -> None:
    assert demo.summary["planted_refusals"] > 100
    assert demo.summary["planted_refusals_found"] == demo.summary["planted_refusals"]
    assert demo.summary["refusals_not_planted"] == 0


def test_refused_rows_can_be_queried_by_reason(demo: Run) -> None:
    reasons = dict(
        demo.warehouse(
            """select error_codes, count(*) from silver.silver_rejected_events
               where error_codes like 'import_%' group by all"""
        )
    )
    assert sum(reasons.values()) == REFUSED_AT_IMPORT
    assert reasons["import_missing_user"] == 55
    assert reasons["import_missing_user,import_missing_episode"] == 4


def valid_podcast_events() -> Counter[str]:
    """Events of the log that are whole, by type: counted here with nothing of the importer's."""
    lines = (FILES / "podcast_takehome/event_logs.json").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    whole = [
        event
        for event in events
        if event["event_type"]
        and event["user_id"]
        and event["episode_id"]
        and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", event["timestamp"] or "")
    ]
    return Counter(event["event_type"] for event in whole)


def test_imported_histories_are_in_gold(demo: Run) -> None:
    spotify = demo.warehouse("select count(*) from gold.fct_plays where source = 'import.spotify'")
    assert spotify == [(39,)]
    truth = valid_podcast_events()
    assert truth.total() == 4_860
    listens = demo.warehouse(
        """select sum(events), sum(plays), sum(completes)
           from gold.fct_podcast_listens where user_id like 'podcast-%'"""
    )
    assert listens == [(truth.total(), truth["play"], truth["complete"])]


def test_the_largest_process_stays_within_two_gibibytes(demo: Run) -> None:
    assert demo.summary["largest_process_mib"] < 2_048


@pytest.fixture(scope="module")
def page(demo: Run, browser: Browser) -> Iterator[tuple[App, Page]]:
    with serving(demo.folder) as app:
        context = browser.new_context(viewport={"width": 1600, "height": 1100})
        yield app, context.new_page()
        context.close()


@pytest.mark.parametrize("title", PAGES)
def test_every_page_opens_on_what_was_built(page: tuple[App, Page], title: str) -> None:
    app, tab = page
    visit(tab, app, title, 0 if title in REPORTED else PAGES[title])


def test_the_overview_shows_the_warehouses_numbers(page: tuple[App, Page], demo: Run) -> None:
    app, tab = page
    tab.goto(f"{app.url}/?days=7")
    drawn(tab, "Overview", PAGES["Overview"])
    truth = demo.warehouse(
        """select count(*), count(*) filter (is_stream), count(distinct user_id) from gold.fct_plays
           where played_date > (select max(played_date) from gold.fct_plays) - 7"""
    )
    figures = shown(tab)
    assert (figures["Plays"], figures["Streams"], figures["Listeners"]) == truth[0]


def test_an_imported_listener_finds_their_plays(page: tuple[App, Page], demo: Run) -> None:
    app, tab = page
    [(user, plays, tracks)] = demo.warehouse(
        """select user_id, count(*), count(distinct track_key) from gold.fct_plays
           where source = 'import.spotify' group by user_id"""
    )
    tab.goto(f"{app.url}/your_listening?user={user}")
    drawn(tab, "Your listening", PAGES["Your listening"])
    figures = shown(tab)
    assert (figures["Plays"], figures["Tracks"]) == (plays, tracks)


def test_a_second_demo_adds_nothing(demo: Run) -> None:
    published = list((demo.folder / "snapshots").glob("snapshot-*.duckdb"))
    again = run_demo(demo.folder)
    counts = ("produced", "landed", "accepted", "rejected", "plays", "streams")
    assert {name: again.summary[name] for name in counts} == {name: demo.summary[name] for name in counts}
    assert list((demo.folder / "snapshots").glob("snapshot-*.duckdb")) == published
