"""The artist's business in a browser: the warehouse's own figures, down to a statement's line."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import PAGES, drawn, shown
from tests.e2e.conftest import App

UNDERTOW = "190000000010"


def told(app: App, question: str) -> float:
    """One number of the warehouse the snapshot was made of."""
    with duckdb.connect(str(app.warehouse), read_only=True) as warehouse:
        found = warehouse.execute(question).fetchone()
    assert found is not None
    return float(found[0])


def test_every_page_shows_the_warehouses_figures(app: App, desktop: Page) -> None:
    paid = "sum(net_converted) from gold.fct_royalties"
    month = "sum(net_converted) from gold.royalty_reconciliation where earned_month = '2026-08-01'"
    follow = "sum(followers) from gold.fct_social_daily where line_date = '2026-11-17'"
    asked = {
        "business?days=30": ("Business", "Net royalty", month),
        "royalties?months=all": ("Royalties", "Net", paid),
        f"releases?release={UNDERTOW}": ("Releases", "Net", f"{paid} where release_id = '{UNDERTOW}'"),
        "campaigns": ("Campaigns", "Spent", "sum(spend_converted) from gold.fct_ad_performance"),
        "audience": ("Audience", "Followers", follow),
    }
    for address, (title, figure, question) in asked.items():
        desktop.goto(f"{app.url}/{address}")
        drawn(desktop, title, PAGES[title])
        assert shown(desktop)[figure] == pytest.approx(told(app, f"select {question}"), abs=0.5), title


def test_a_release_down_to_its_lines(app: App, desktop: Page) -> None:
    desktop.goto(f"{app.url}/releases?release={UNDERTOW}&show=streams")
    drawn(desktop, "Releases", PAGES["Releases"])
    with desktop.expect_download() as months:
        desktop.locator(".st-key-card_release_months").get_by_role("link", name=re.compile("as CSV$")).click()
    with Path(months.value.path()).open(newline="", encoding="utf-8") as file:
        streams = sum(int(row["streams"]) for row in csv.DictReader(file))
    assert shown(desktop)["Streams"] == streams
    expect(desktop.locator(".st-key-card_release_lines td", has_text="DistroKid").first).to_be_visible()
    desktop.get_by_role("link", name="All its lines, by platform and country").click()
    drawn(desktop, "Royalties", PAGES["Royalties"])
    expect(desktop).to_have_url(re.compile(f"release={UNDERTOW}"))
    lines = f"select sum(net_converted) from gold.fct_royalties where release_id = '{UNDERTOW}'"
    assert shown(desktop)["Net"] == pytest.approx(told(app, lines), abs=0.5)


def test_the_audience_of_a_month(app: App, desktop: Page) -> None:
    desktop.goto(f"{app.url}/audience?days=30&people=listeners")
    drawn(desktop, "Audience", PAGES["Audience"])
    with desktop.expect_download() as heard:
        desktop.locator(".st-key-card_people").get_by_role("link", name=re.compile("as CSV$")).click()
    with Path(heard.value.path()).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["platform"] for row in rows} == {"Spotify", "Apple Music"}
    assert min(row["bucket"] for row in rows) >= f"{date(2026, 10, 19)}"
    mean = shown(desktop)["Listeners a day"]
    assert mean == pytest.approx(sum(int(row["people"]) for row in rows) / 30, abs=0.5)
