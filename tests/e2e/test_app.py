"""The app in a browser: every page drawn, its figures right, nothing fetched from elsewhere."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from serving.publish import publish
from serving.snapshot import newest
from streamlit_app.periods import Period
from streamlit_app.queries import listening, podcasts, users
from streamlit_app.snapshot import Snapshot
from tests.e2e.browsing import PAGES, drawn, faults, reached_by_tab, shown, visit
from tests.e2e.conftest import App

MONTH = Period(date(2026, 10, 22), date(2026, 11, 20))
SIDEWAYS = (
    "[document.documentElement, document.querySelector('.stMain')].map(n => n.scrollWidth - n.clientWidth)"
)


@dataclass
class Watched:
    """A page, and what it complained about or asked of other hosts."""

    page: Page
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def watch(page: Page) -> Watched:
    watched = Watched(page)
    page.on("console", lambda line: watched.errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))

    def asked(url: str) -> None:
        if not url.startswith(("data:", "blob:", "http://localhost:", "ws://localhost:")):
            watched.elsewhere.append(url)

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    return watched


@pytest.fixture(scope="module", params=[(1600, 1100), (390, 844)], ids=["desktop", "phone"])
def watched(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    yield watch(context.new_page())
    context.close()


@pytest.mark.parametrize("title", PAGES)
def test_a_page_is_drawn_and_keeps_to_itself(app: App, watched: Watched, title: str) -> None:
    visit(watched.page, app, title, PAGES[title])
    wide = watched.page.evaluate(SIDEWAYS)
    assert wide == [0, 0]
    assert faults(watched.page) == []
    assert watched.errors == []
    assert watched.elsewhere == []


def test_the_keyboard_reaches_pages_filters_and_downloads(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", 2)
    download = "Download “Plays by part of the world” as CSV"
    assert reached_by_tab(desktop) >= {*PAGES, "Skip to main content", "7 d", download}
    desktop.get_by_role("radio", name="7 d", exact=True).focus()
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile(r"days=7"))


def test_the_overview_shows_the_snapshots_figures(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", 2)
    path = newest(app.snapshots)
    assert path is not None
    totals = listening.totals(Snapshot(path), MONTH)
    figures = shown(desktop)
    assert {name: figures[name.title()] for name in ("plays", "streams", "listeners")} == {
        name: totals[name] for name in ("plays", "streams", "listeners")
    }
    assert figures["Hours"] == pytest.approx(float(str(totals["ms_played"])) / 3_600_000, abs=0.5)


def test_a_listeners_figures_and_the_podcasts(app: App, desktop: Page) -> None:
    path = newest(app.snapshots)
    assert path is not None
    everything = Period(date(2026, 9, 22), date(2026, 11, 20))
    desktop.goto(f"{app.url}/your_listening?user=sim-000007")
    drawn(desktop, "Your listening", 3)
    totals = users.totals(Snapshot(path), "sim-000007", everything)
    figures = shown(desktop)
    assert (figures["Plays"], figures["Tracks"]) == (totals["plays"], totals["tracks"])

    desktop.goto(f"{app.url}/podcasts?days=14")
    drawn(desktop, "Podcasts", 2)
    listens = podcasts.totals(Snapshot(path), Period(date(2026, 11, 7), date(2026, 11, 20)))
    assert shown(desktop)["Listens"] == listens["listens"]


def test_a_filter_is_in_the_address_and_works_from_there(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", 2)
    desktop.get_by_role("radio", name="7 d", exact=True).or_(
        desktop.get_by_role("button", name="7 d", exact=True)
    ).click()
    expect(desktop).to_have_url(re.compile(r"days=7"))
    expect(desktop.get_by_text("vs prior 7 days").first).to_be_visible()
    week = shown(desktop)
    desktop.goto(desktop.url)
    drawn(desktop, "Overview", 2)
    assert shown(desktop) == week


def test_a_table_downloads_as_csv(app: App, desktop: Page) -> None:
    visit(desktop, app, "Top songs", 1)
    with desktop.expect_download() as started:
        desktop.locator(".st-key-card_chart .bb-csv").click()
    with Path(started.value.path()).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert started.value.suggested_filename == "backbeat-chart.csv"
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 11)]
    assert {"track_title", "artist_name", "plays", "listeners", "peak_rank", "streak"} <= set(rows[0])


def test_the_head_of_a_table_sorts_it(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", PAGES["Overview"])
    panel = desktop.locator(".st-key-card_countries")
    for way in ("descending", "ascending"):
        panel.get_by_role("button", name="Listeners").click()
        expect(panel.get_by_role("columnheader", name="Listeners")).to_have_attribute("aria-sort", way)
        shown = [int(cell) for cell in panel.locator("td:nth-child(3)").all_inner_texts()]
        assert shown == sorted(shown, reverse=way == "descending")
        assert len(set(shown)) > 1
    panel.get_by_role("button", name="Country").click()
    names = panel.locator("td:nth-child(1)").all_inner_texts()
    assert names == sorted(names)
    cut, whole = panel.locator("td:nth-child(1)").first, panel.locator("td:nth-child(3)").first
    cut.evaluate("cell => { cell.textContent = 'long '.repeat(80).trim() }")
    for cell in (whole, cut):
        cell.hover()
    expect(cut).to_have_attribute("title", " ".join(["long"] * 80))
    expect(whole).not_to_have_attribute("title", re.compile(""))


def test_a_listener_who_is_not_listed_can_be_typed(app: App, desktop: Page) -> None:
    visit(desktop, app, "Your listening", PAGES["Your listening"])
    for typed, told in (("nobody", "There is no listener “nobody”"), ("sim-000007", "sim-000007")):
        desktop.get_by_label("Listener, or type another").fill(typed)
        desktop.keyboard.press("Enter")
        expect(
            desktop.get_by_text(told).or_(desktop.locator(f'input[value*="{told}"]')).first
        ).to_be_visible()
    expect(desktop).to_have_url(re.compile("user=sim-000007"))


def test_a_chart_downloads_as_csv_and_as_png(app: App, desktop: Page) -> None:
    visit(desktop, app, "Trends", PAGES["Trends"])
    panel = desktop.locator(".st-key-card_measure")
    with desktop.expect_download() as numbers:
        panel.get_by_role("link", name=re.compile("as CSV$")).click()
    with Path(numbers.value.path()).open(newline="", encoding="utf-8") as file:
        plays = sum(int(row["plays"]) for row in csv.DictReader(file))
    path = newest(app.snapshots)
    assert path is not None
    assert plays == listening.totals(Snapshot(path), MONTH)["plays"]
    with desktop.expect_download() as picture:
        panel.get_by_role("button", name="Download as PNG").click()
    assert picture.value.suggested_filename.endswith(".png")
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_figure_says_what_it_counts_to_the_keyboard(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", PAGES["Overview"])
    desktop.get_by_label("What is counted as Streams").press("Enter")
    expect(desktop.get_by_text("Plays of 30 seconds or more")).to_be_visible()
    expect(desktop.get_by_text("All that was played, however short")).to_be_hidden()


def test_trends_lie_over_the_period_before(app: App, desktop: Page) -> None:
    visit(desktop, app, "Trends", PAGES["Trends"])
    desktop.get_by_text("14 d", exact=True).click()
    expect(desktop).to_have_url(re.compile(r"days=14"), timeout=20_000)
    drawn(desktop, "Trends", PAGES["Trends"])
    desktop.get_by_text("With the period before").click()
    expect(desktop).to_have_url(re.compile(r"before=yes"), timeout=20_000)
    desktop.goto(f"{desktop.url}&by=device&region=DE")
    drawn(desktop, "Trends", PAGES["Trends"])
    with desktop.expect_download() as started:
        desktop.locator(".st-key-card_measure").get_by_role("link", name=re.compile("as CSV$")).click()
    rows = list(csv.DictReader(Path(started.value.path()).read_text().splitlines()))
    path = newest(app.snapshots)
    assert path is not None
    for span, days in (("This period", Period(date(2026, 11, 7), date(2026, 11, 20))),
                       ("The period before", Period(date(2026, 10, 24), date(2026, 11, 6)))):  # fmt: skip
        plays = sum(int(row["plays"]) for row in rows if row["span"] == span)
        assert plays == listening.totals(Snapshot(path), days, "DE")["plays"]
    expect(desktop.get_by_label(re.compile("^Download as PNG: Plays per day for"))).to_be_visible()


def test_charts_of_the_past_beside_each_other_by_the_viewers_clock(app: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1600, "height": 1100}, timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(f"{app.url}/top_songs?chart=hour&at=2026-11-15T18&beside=DE")
    drawn(page, "Top songs", 1)  # nothing was streamed in Germany in that hour
    expect(page.get_by_role("heading", name="All countries, 16 Nov 2026, 03:00 JST")).to_be_visible()
    page.get_by_role("button", name="Earlier").click()
    expect(page).to_have_url(re.compile("date=2026-11-15"), timeout=20_000)
    day_before = page.get_by_role("heading", name=re.compile("All countries, 15 Nov 2026"))
    expect(day_before).to_be_visible(timeout=20_000)
    context.close()


def test_a_new_snapshot_shows_up_by_itself(app: App, desktop: Page) -> None:
    visit(desktop, app, "Overview", 2)
    before = shown(desktop)["Plays"]
    with duckdb.connect(str(app.warehouse)) as warehouse:
        warehouse.execute(
            """update gold.daily_listening_stats set plays = plays + 1000
               where region = 'GLOBAL' and played_date = date '2026-11-20'"""
        )
    publish(app.warehouse, app.snapshots)
    figure = desktop.locator('[data-kpi="Plays"]')
    expect(figure).to_have_attribute("data-value", f"{before + 1000:.0f}", timeout=10_000)
    drawn(desktop, "Overview", 2)
