"""The catalogue as a person uses it: type, pick, look closer, go on to the listener's page, and back."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from serving.snapshot import newest
from streamlit_app.periods import Period
from streamlit_app.queries import catalogue, growth, quality
from streamlit_app.snapshot import Snapshot
from tests.e2e.browsing import PAGES, drawn, shown
from tests.e2e.conftest import App


def snapshot_of(app: App) -> Snapshot:
    path = newest(app.snapshots)
    assert path is not None
    return Snapshot(path)


def test_a_track_is_found_looked_at_and_left_again(app: App, desktop: Page) -> None:
    desktop.goto(f"{app.url}/catalogue")
    drawn(desktop, "Catalogue", 0)
    desktop.get_by_role("searchbox", name="Search the catalogue").fill("fever elec")
    expect(desktop).to_have_url(re.compile(r"q=fever\+elec|q=fever%20elec"))
    hit = catalogue.search(snapshot_of(app), "track", "fever elec").row(0, named=True)
    desktop.get_by_role("link", name=hit["title"]).first.click()
    drawn(desktop, "Catalogue", 1)
    expect(desktop.get_by_role("heading", name=hit["title"], level=2)).to_be_visible()
    expect(desktop).to_have_url(re.compile(f"track={hit['key']}"))
    assert shown(desktop)["Plays"] == hit["plays"]

    desktop.get_by_role("link", name="Back to the results").click()
    drawn(desktop, "Catalogue", 0)
    expect(desktop.get_by_role("searchbox", name="Search the catalogue")).to_have_value("fever elec")


def test_a_listener_of_the_catalogue_leads_to_their_page(app: App, desktop: Page) -> None:
    desktop.goto(f"{app.url}/catalogue?user=sim-000007")
    drawn(desktop, "Catalogue", 1)
    plays = shown(desktop)["Plays"]
    desktop.get_by_role("link", name="All of their listening").click()
    drawn(desktop, "Your listening", 3)
    expect(desktop).to_have_url(re.compile("user=sim-000007"))
    assert shown(desktop)["Plays"] == plays


def test_growth_and_data_quality_show_what_the_snapshot_says(app: App, desktop: Page) -> None:
    snapshot, month = snapshot_of(app), Period(date(2026, 10, 22), date(2026, 11, 20))
    desktop.goto(f"{app.url}/growth?days=30")
    drawn(desktop, "Growth", 3)
    people, steps = growth.people(snapshot, month), growth.funnel(snapshot, month)
    figures = shown(desktop)
    assert (figures["Active users"], figures["New users"]) == (people["active_users"], people["new_users"])
    bars = desktop.locator("[data-step]").evaluate_all(
        "nodes => nodes.map(node => Number(node.dataset.value))"
    )
    assert bars == [steps[name] for name in ("registered", "played", "paid", "churned")]

    desktop.goto(f"{app.url}/data_quality?days=30&topic=all")
    drawn(desktop, "Data quality", PAGES["Data quality"])
    totals = quality.totals(snapshot, month)
    figures = shown(desktop)
    assert (figures["Events"], figures["Odd hours"]) == (totals["events"], totals["odd_hours"])
    with desktop.expect_download() as started:
        desktop.locator(".st-key-card_anomalies .bb-csv").click()
    assert Path(started.value.path()).read_text(encoding="utf-8").count("\n") == 3
