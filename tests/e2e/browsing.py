"""How the tests move about in the app, and when they call a page complete."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import App

# Title of a page → charts on it.
PAGES = {
    "Overview": 2,
    "Now": 0,  # nobody serves it until a test does
    "Trends": 3,
    "Top songs": 1,
    "Your listening": 3,
    "Recommendations": 0,
    "Podcasts": 2,
    "Growth": 3,
    "Data quality": 2,
}
SETTLED = "() => document.querySelectorAll('[data-stale=\"true\"]').length === 0"


def drawn(page: Page, title: str, charts: int) -> None:
    """Wait until the page of that title is complete: charts drawn, nothing stale, no message of failure."""
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible(timeout=30_000)
    canvases = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg.marks")
    expect(canvases).to_have_count(charts, timeout=30_000)
    page.wait_for_function(SETTLED)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    expect(page.locator(".stAlert, .stException")).to_have_count(0)


def visit(page: Page, app: App, title: str, charts: int) -> None:
    """From the first page by the menu, as a person does."""
    page.goto(app.url)
    drawn(page, "Overview", PAGES["Overview"])
    if title == "Overview":
        return
    if page.viewport_size and page.viewport_size["width"] < 640:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    drawn(page, title, charts)


def shown(page: Page) -> dict[str, float]:
    """The exact values of the key figures on the page."""
    figures = page.locator("[data-kpi]")
    figures.first.wait_for()
    pairs = figures.evaluate_all("nodes => nodes.map(node => [node.dataset.kpi, node.dataset.value])")
    return {name: float(value) for name, value in pairs}
