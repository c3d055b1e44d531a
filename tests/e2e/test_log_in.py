"""The log-in, in a browser and at a provider of our own: nobody sees another listener by an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts.web.key_file import KeyFile
from producer.broker import EmbeddedBroker, contract_topics
from serving.snapshot import newest
from streamlit_app.snapshot import Snapshot
from tests.e2e.browsing import drawn, shown
from tests.e2e.conftest import App, serving
from tests.oidc_server import CLIENT, SECRET, Provider, providing
from tests.service_harness import Feed, service

ANNA, BO = "sim-000007", "sim-000008"
PEOPLE = {
    "anna": {"name": "Anna <b>", "listener": {"id": ANNA}},
    "ada": {"name": "Ada", "groups": ["staff", "data"]},
    "fin": {"name": "Fin", "groups": ["money"]},
}

# Key figures that are money, by the page that shows them.
MONEY_ON = {
    "Business": {"Net royalty", "Missing royalty", "Ad spend"},
    "Royalties": {"Net", "Gross", "Per 1000 units", "Missing", "Paid twice"},
    "Releases": {"Net", "Per 1000 units"},
    "Campaigns": {"Spent", "Per click", "Per new listener"},
    "Audience": set(),
}
MONEY = set().union(*MONEY_ON.values())


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file of keys, and the token that reads."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    return path, KeyFile(path).create("app", ("read",))[1]


@pytest.fixture(scope="module")
def members(
    app: App, provider: Provider, key: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """The app on the same snapshots, for those who have logged in."""
    settings = {
        "BACKBEAT_SNAPSHOTS": str(app.snapshots),
        "BACKBEAT_OIDC_ISSUER": provider.issuer,
        "BACKBEAT_OIDC_CLIENT_ID": CLIENT,
        "BACKBEAT_OIDC_CLIENT_SECRET": SECRET,
        "BACKBEAT_OIDC_USER_CLAIM": "listener.id",
        "BACKBEAT_OIDC_ROLE_CLAIM": "groups",
        "BACKBEAT_OIDC_ANALYST_ROLES": "data",
        "BACKBEAT_LIVE_KEY": key[1],
        "BACKBEAT_OIDC_FINANCE_ROLES": "money",
    }
    with serving(tmp_path_factory.mktemp("members"), settings) as running:
        yield running


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1100})
    yield context.new_page()
    context.close()


def asked(page: Page) -> None:
    """Nothing but the way in is shown."""
    expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-kpi]")).to_have_count(0)
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)


def log_in(page: Page, app: App, person: str) -> None:
    page.goto(f"{app.url}/your_listening?user={BO}")
    asked(page)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=person).click()
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link").first).to_be_visible(timeout=30_000)


def plays_of(app: App, user_id: str) -> object:
    path = newest(app.snapshots)
    assert path is not None
    counted = "select count(*) as plays from gold.fct_plays where user_id = $who"
    return Snapshot(path).row(counted, who=user_id)["plays"]


def test_a_listener_sees_their_own_history_whatever_the_address_says(
    app: App, members: App, provider: Provider, tab: Page
) -> None:
    log_in(tab, members, "anna")
    expect(tab.locator(".bb-who")).to_have_text("Logged in as Anna <b>")
    own, other = plays_of(app, ANNA), plays_of(app, BO)
    assert own != other
    for address in ("your_listening", f"your_listening?user={BO}"):
        tab.goto(f"{members.url}/{address}")
        drawn(tab, "Your listening", 3)
        assert shown(tab)["Plays"] == own
    tab.goto(f"{members.url}/recommendations?user={BO}")
    drawn(tab, "Recommendations", 0)
    expect(tab.get_by_role("combobox", name="Listener")).to_have_count(0)
    expect(tab.get_by_text(ANNA).first).to_be_visible()
    expect(tab.get_by_text(BO)).to_have_count(0)
    tab.get_by_role("button", name="Log out").click()
    asked(tab)
    assert len(provider.ended) == 1
    tab.goto(f"{members.url}/your_listening")
    asked(tab)


def test_a_listener_searches_the_catalogue_without_the_listeners_in_it(
    app: App, members: App, tab: Page
) -> None:
    log_in(tab, members, "anna")
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name="Catalogue").click()
    drawn(tab, "Catalogue", 0)
    kinds = tab.get_by_test_id("stButtonGroup").get_by_role("radio")
    expect(kinds).to_have_count(3)
    tab.get_by_role("searchbox", name="Search the catalogue").fill("fever")
    hit = tab.locator("[class*=st-key-hit_] a").first
    expect(hit).to_contain_text(re.compile("fever", re.IGNORECASE))
    hit.click()
    drawn(tab, "Catalogue", 1)
    assert shown(tab)["Plays"] > 0
    for asked in (f"user={BO}", "q=sim-0000&in=user"):
        tab.goto(f"{members.url}/catalogue?{asked}")
        drawn(tab, "Catalogue", 0)
        expect(kinds).to_have_count(3)
        expect(tab.get_by_text(re.compile("sim-0000[0-9]{2}"))).to_have_count(0)


def test_an_analyst_follows_what_is_played_with_a_ticket_and_a_listener_does_not(
    members: App, key: tuple[Path, str], tab: Page, tmp_path: Path
) -> None:
    keys, token = key
    with EmbeddedBroker(contract_topics(1)) as broker:
        feed = Feed(broker.bootstrap)
        feed.event("playback_started", "somebody", country="NO")
        feed.flush()
        everywhere = {"live_address": "0.0.0.0", "live_port": members.live_port}  # noqa: S104 - so it asks for keys
        with service("live", tmp_path, kafka_bootstrap=broker.bootstrap, collector_keys=keys, **everywhere):
            log_in(tab, members, "ada")
            asked: list[str] = []
            tab.on("websocket", lambda socket: asked.append(socket.url))
            tab.goto(f"{members.url}/now")
            expect(tab.locator(".bb-state")).to_contain_text("live", timeout=30_000)
            expect(tab.locator(".bb-play")).to_have_count(1)
            [followed] = [url for url in asked if "/ws/live" in url]
            assert "ticket=" in followed
            assert token not in followed
            tab.context.clear_cookies()
            log_in(tab, members, "anna")
            asked.clear()
            tab.goto(f"{members.url}/now")
            expect(tab.get_by_test_id("stSidebarNav").get_by_role("link").first).to_be_visible(timeout=30_000)
            expect(tab.locator(".bb-live")).to_have_count(0)
            assert [url for url in asked if "/ws/live" in url] == []


def test_an_analyst_sees_everybody(app: App, members: App, tab: Page) -> None:
    log_in(tab, members, "ada")
    tab.goto(f"{members.url}/catalogue?q=sim-0000&in=user")
    drawn(tab, "Catalogue", 0)
    expect(tab.get_by_text(re.compile("sim-0000[0-9]{2}")).first).to_be_visible()
    for user_id in (ANNA, BO):
        tab.goto(f"{members.url}/your_listening?user={user_id}")
        drawn(tab, "Your listening", 3)
        assert shown(tab)["Plays"] == plays_of(app, user_id)


def test_money_is_shown_to_finance_and_to_no_analyst(members: App, browser: Browser) -> None:
    for person, sees_money in (("ada", False), ("fin", True)):
        context = browser.new_context(viewport={"width": 1600, "height": 1100}, locale="en-US")
        page = context.new_page()
        log_in(page, members, person)
        links = page.get_by_test_id("stSidebarNav").get_by_role("link")
        offered = {link.inner_text().split("\n")[-1] for link in links.all()}
        assert ("Royalties" in offered, "Growth" in offered) == (sees_money, not sees_money)
        for title, money in MONEY_ON.items():
            if title not in offered:
                continue
            page.goto(f"{members.url}/{title.lower()}")
            expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible(timeout=30_000)
            expect(page.locator("[data-testid=stSkeleton], [data-stale=true]")).to_have_count(0)
            expect(page.locator(".stAlert, .stException")).to_have_count(0)
            expect(page.get_by_role("link", name=re.compile("as CSV$")).first).to_be_visible()
            names = {*page.locator("[data-kpi]").evaluate_all("nodes => nodes.map(n => n.dataset.kpi)")}
            assert (names & MONEY, "$" in page.inner_text(".stMain")) == (
                (money, bool(money)) if sees_money else (set(), False)
            ), title
        page.goto(f"{members.url}/royalties")
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible(timeout=30_000)
        shows = page.get_by_role("heading", name="Statement lines", exact=True)
        expect(shows).to_have_count(1 if sees_money else 0, timeout=20_000)
        context.close()


def test_a_log_in_of_long_ago_does_not_count(members: App, provider: Provider, tab: Page) -> None:
    provider.ago_s = 13 * 3600
    try:
        tab.goto(members.url)
        asked(tab)
        tab.get_by_role("button", name="Log in").click()
        tab.get_by_role("link", name="anna").click()
        asked(tab)
    finally:
        provider.ago_s = 0.0
