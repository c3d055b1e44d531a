"""What somebody sees who looks on while snapshots come, go and break: each within ten seconds, by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from serving.publish import publish
from serving.snapshot import newest, next_name
from tests.e2e.browsing import drawn, shown, visit
from tests.e2e.conftest import App
from tests.snapshot_builder import build_warehouse, empty_gold

SOON = 10_000  # ms


def told(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=SOON)
    expect(page.locator(".stException")).to_have_count(0)


def broken(folder: Path) -> None:
    names = [entry.name for entry in folder.iterdir()]
    (folder / next_name(datetime.now(UTC), names)).write_bytes(b"no database")


def test_snapshots_come_go_and_break_under_a_reader(
    app: App, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept = tmp_path / "kept"

    def restore() -> None:
        if kept.exists():
            kept.rename(app.snapshots)
        for path in app.snapshots.iterdir():
            path.unlink()
        publish(app.warehouse, app.snapshots)

    request.addfinalizer(restore)
    page = browser.new_page(viewport={"width": 1600, "height": 1100})
    request.addfinalizer(page.close)
    visit(page, app, "Overview", 2)
    before = shown(page)

    publish(empty_gold(build_warehouse(tmp_path / "warehouse.duckdb")), app.snapshots)
    told(page, "This snapshot holds no plays yet")

    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("drop table gold.daily_listening_stats")
    publish(tmp_path / "warehouse.duckdb", app.snapshots)
    told(page, "This snapshot does not fit the app")

    broken(app.snapshots)
    told(page, "cannot be read")

    app.snapshots.rename(kept)
    told(page, "Nothing published yet")

    kept.rename(app.snapshots)
    told(page, "cannot be read")
    publish(app.warehouse, app.snapshots)
    expect(page.locator("[data-kpi]").first).to_be_visible(timeout=SOON)
    drawn(page, "Overview", 2)
    assert shown(page) == before
    assert newest(app.snapshots) is not None
