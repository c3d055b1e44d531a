"""How the tests move about in the app, and when they call a page complete."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
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
    "Catalogue": 0,
    "Business": 1,
    "Royalties": 2,
    "Releases": 2,
    "Campaigns": 3,
    "Audience": 2,
    "Growth": 3,
    "Data quality": 1,
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
    """By the menu, as a person does; from the first page where the app is not open yet."""
    if not page.url.startswith(app.url):
        page.goto(app.url)
        drawn(page, "Overview", PAGES["Overview"])
    if not page.get_by_role("heading", name=title, exact=True, level=1).is_visible():
        menu = page.get_by_test_id("stExpandSidebarButton")
        if menu.is_visible():  # on a phone, until it has been opened once
            menu.click()
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    drawn(page, title, charts)


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical: rule, and the first element that breaks it."""
    found = Axe().run(page).response["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in grave]


def reached_by_tab(page: Page, most: int = 60) -> set[str]:
    """The names of what the Tab key comes by, until it leaves the page."""
    named = """() => { const e = document.activeElement; return e === document.body ? null
        : e.getAttribute('aria-label') || e.innerText || e.tagName }"""
    names = set()
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(named)
        if name is None:
            break
        names.add(name.split("\n")[-1])
    return names


def shown(page: Page) -> dict[str, float]:
    """The exact values of the key figures on the page."""
    figures = page.locator("[data-kpi]")
    figures.first.wait_for()
    pairs = figures.evaluate_all("nodes => nodes.map(node => [node.dataset.kpi, node.dataset.value])")
    return {name: float(value) for name, value in pairs}
