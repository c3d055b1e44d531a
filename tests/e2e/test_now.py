"""The page Now in a browser, beside a live service that comes, tells what flows, goes, and comes back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from producer.broker import EmbeddedBroker, contract_topics
from tests.e2e.browsing import drawn, faults, shown, visit
from tests.e2e.conftest import App
from tests.service_harness import Feed, service

BEATS_MS = 20_000
# Play → when its row was there (epoch ms), and whether the socket or the server had told of it.
WATCH = """() => { window.came = {}; new MutationObserver(() => {
    for (const row of document.querySelectorAll('.bb-play'))
        window.came[row.dataset.play] ??= [Date.now(), row.closest('.bb-live').dataset.from];
}).observe(document.body, { childList: true, subtree: true }) }"""


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(contract_topics(1)) as embedded:
        an_hour(Feed(embedded.bootstrap))
        yield embedded


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1600, "height": 1100}, timezone_id="Asia/Tokyo", locale="de-DE"
    )
    yield context.new_page()
    context.close()


def an_hour(feed: Feed) -> None:
    """A song that half of all listeners play as of ten minutes ago, where everybody played another before."""
    for number in range(60):
        feed.event("plays", f"then{number}", 1_200.0 + number, track_id="old", ms_played=60_000)
        feed.event("plays", f"lately{number}", 300.0 + number, country="DE", ms_played=60_000)
    for number in range(3):
        feed.event("playback_started", f"on{number}", 5.0, country="DE", device="phone")
    feed.flush()


def latencies(page: Page, feed: Feed, many: int) -> list[float]:
    """How long each of `many` plays took from its event onto the page (ms, in order), by the socket alone."""
    page.evaluate(WATCH)
    found = []
    for number in range(many):
        began = time.time() * 1000
        feed.event("playback_started", f"now{number}", country="NO")
        feed.flush()
        came = page.wait_for_function(f"() => window.came['p-now{number}']", timeout=BEATS_MS).json_value()
        assert came[1] == "socket"
        found.append(came[0] - began)
    return sorted(found)


def test_a_play_is_on_screen_within_a_second_and_the_page_outlives_the_service(
    app: App, broker: EmbeddedBroker, page: Page, tmp_path: Path
) -> None:
    feed = Feed(broker.bootstrap)
    settings = {"kafka_bootstrap": broker.bootstrap, "live_port": app.live_port}
    visit(page, app, "Now", 0)
    expect(page.get_by_text("The live service does not answer")).to_be_visible()
    with service("live", tmp_path, **settings):
        rising = page.locator(".bb-risers li").first
        expect(rising).to_contain_text("Jóga", timeout=BEATS_MS)
        expect(rising).to_contain_text("60 listeners")
        drawn(page, "Now", 2)
        expect(page.locator(".bb-state")).to_contain_text("JST · live")
        assert {name: shown(page)[name] for name in ("Listening now", "Behind Kafka")} == {
            "Listening now": 3,
            "Behind Kafka": 0,
        }
        assert faults(page) == []
        took = latencies(page, feed, 8)
        assert took[6] < 2_000, took  # a second, where little else runs
        feed.event("playback_started", "anna", country="NO", track_title="<i>Hyperballad</i>")
        feed.flush()
        expect(page.locator(".bb-play").first).to_contain_text("<i>Hyperballad</i>", timeout=BEATS_MS)
        expect(page.locator(".bb-play").first).to_contain_text("Norway")
        expect(page.locator("[data-kpi='Listening now']")).to_have_text("12")
        page.evaluate("() => { window.isTheSame = true }")
    expect(page.get_by_text("The live service does not answer")).to_be_visible(timeout=BEATS_MS)
    expect(page.get_by_text("backbeat live", exact=True)).to_be_visible()
    with service("live", tmp_path, **settings):
        expect(page.locator(".bb-state")).to_contain_text("live", timeout=BEATS_MS)
        expect(page.locator(".bb-live[data-part=feed]")).to_have_attribute("data-from", "socket")
        expect(page.locator(".bb-play").first).to_contain_text("<i>Hyperballad</i>")
        assert page.evaluate("() => window.isTheSame") is True


def test_where_the_socket_is_out_of_reach_the_page_asks(
    app: App, broker: EmbeddedBroker, page: Page, tmp_path: Path
) -> None:
    page.route_web_socket("**/ws/live**", lambda socket: socket.close())
    feed = Feed(broker.bootstrap)
    settings = {"kafka_bootstrap": broker.bootstrap, "live_port": app.live_port}
    with service("live", tmp_path, **settings):
        page.goto(f"{app.url}/now?region=DE&window=60")
        expect(page.locator(".bb-play")).to_have_count(3, timeout=BEATS_MS)
        listening = page.locator('[data-kpi="Listening now"]')
        expect(listening).to_have_attribute("data-value", re.compile(r"^3(\.0)?$"), timeout=BEATS_MS)
        expect(page.locator(".bb-state")).to_contain_text("every 2 s", timeout=BEATS_MS)
        for number in range(2):  # the pace of asking is quicker than that of the map
            feed.event("playback_started", f"asked{number}", country="DE", track_title="<b>Bachelorette")
            feed.flush()
            expect(page.locator(".bb-play").first).to_contain_text("<b>Bachelorette", timeout=9_000)
            expect(page.locator(".bb-play")).to_have_count(4 + number)
        expect(page.locator(".bb-live[data-part=feed]")).to_have_attribute("data-from", "server")
