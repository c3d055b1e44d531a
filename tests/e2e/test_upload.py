"""A history dropped onto the page: imported for real, told row by row; and a year as a picture."""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import duckdb
from playwright.sync_api import Page, expect

from serving.snapshot import newest
from streamlit_app.periods import Period
from streamlit_app.queries import habits, users
from streamlit_app.snapshot import Snapshot
from tests.e2e.browsing import SETTLED, drawn, shown
from tests.e2e.conftest import App

EVERYTHING = Period(date(2026, 9, 22), date(2026, 11, 20))
EXPORT = Path(__file__).parents[1] / "data/koito/Streaming_History_Audio_spotify_import_test.json"


def opened(page: Page, app: App) -> None:
    page.goto(f"{app.url}/your_listening")
    drawn(page, "Your listening", 3)
    page.get_by_text("Bring your own history").click()


def dropped(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stFileChipDeleteBtn")).to_be_visible()
    page.wait_for_function(SETTLED)
    page.get_by_role("button", name="Import", exact=True).click()


def test_a_file_that_is_dropped_is_imported_and_told(app: App, desktop: Page) -> None:
    opened(desktop, app)
    dropped(desktop, EXPORT)
    expect(desktop.get_by_text("39 of 39 rows accepted, 0 rejected.")).to_be_visible(timeout=60_000)
    expect(desktop.get_by_role("button", name="Refresh now")).to_be_visible()
    landed = duckdb.read_parquet(f"{app.folder}/var/lake/bronze/plays/**/*.parquet")
    assert landed.aggregate("count(*), count(distinct user_id)").fetchall() == [(39, 1)]

    opened(desktop, app)
    dropped(desktop, EXPORT)
    expect(desktop.get_by_text("imported before, it adds nothing")).to_be_visible(timeout=60_000)


def test_a_refresh_shows_how_far_it_is_and_says_why_it_failed(app: App, desktop: Page) -> None:
    opened(desktop, app)
    dropped(desktop, EXPORT)
    (app.folder / ".env").write_text("BACKBEAT_TARGET=nowhere\n")  # a warehouse that no profile knows
    try:
        desktop.get_by_role("button", name="Refresh now").click(timeout=60_000)
        expect(desktop.get_by_role("progressbar")).to_be_visible()
        expect(desktop.get_by_text("The refresh failed (")).to_be_visible(timeout=60_000)
        expect(desktop.get_by_text("dbt build ended with code", exact=False)).to_be_visible()
        expect(desktop.get_by_role("button", name="Refresh now")).to_be_enabled()
    finally:
        (app.folder / ".env").unlink()


def test_a_file_of_no_known_kind_is_refused_in_words(app: App, desktop: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "holiday.json"
    wrong.write_text('{"photos": []}')
    opened(desktop, app)
    dropped(desktop, wrong)
    expect(desktop.get_by_text("That could not be imported")).to_be_visible(timeout=30_000)
    told = desktop.get_by_text("holiday.json: a JSON object, but of no kind that can be imported", exact=True)
    expect(told).to_be_visible()


def test_a_year_is_drawn_and_downloaded(app: App, desktop: Page) -> None:
    desktop.goto(f"{app.url}/your_listening?user=sim-000007")
    drawn(desktop, "Your listening", 3)
    snapshot = Snapshot(newest(app.snapshots) or Path())
    streaks = habits.streaks(snapshot, "sim-000007", EVERYTHING)
    assert shown(desktop)["Longest streak"] == streaks["days"].max()
    desktop.get_by_role("button", name="Draw 2026").click()
    artist = users.top_artists(snapshot, "sim-000007", EVERYTHING)["artist_name"][0]
    expect(desktop.get_by_role("img", name=artist)).to_be_visible(timeout=20_000)
    with desktop.expect_download() as started:
        desktop.locator(".st-key-png_review button").click()
    assert started.value.suggested_filename == "backbeat-2026.png"
    data = Path(started.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1080, 1350)
