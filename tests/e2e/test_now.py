"""The page Now in a browser, beside a live service that comes, tells what flows, and goes."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from producer.broker import EmbeddedBroker, contract_topics
from tests.e2e.browsing import drawn, shown, visit
from tests.e2e.conftest import App
from tests.service_harness import Feed, service

BEATS_MS = 20_000


def an_hour(feed: Feed) -> None:
    """A song that half of all listeners play as of ten minutes ago, where everybody played another before."""
    for number in range(60):
        feed.event("plays", f"then{number}", 1_200.0 + number, track_id="old", ms_played=60_000)
        feed.event("plays", f"lately{number}", 300.0 + number, country="DE", ms_played=60_000)
    for number in range(3):
        feed.event("playback_started", f"on{number}", 5.0, country="DE", device="phone")
    feed.flush()


def test_now_comes_ticks_and_goes(app: App, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport={"width": 1600, "height": 1100}, timezone_id="Asia/Tokyo", locale="de-DE"
    )
    page = context.new_page()
    visit(page, app, "Now", 0)
    expect(page.get_by_text("The live service does not answer")).to_be_visible()
    with EmbeddedBroker(contract_topics(1)) as broker:
        feed = Feed(broker.bootstrap)
        an_hour(feed)
        settings = {"kafka_bootstrap": broker.bootstrap, "live_tick_seconds": 0.1}
        with service("live", tmp_path, **settings, live_port=app.live_port):
            rising = page.locator(".bb-risers li").first
            expect(rising).to_contain_text("Jóga", timeout=BEATS_MS)
            drawn(page, "Now", 2)
            assert {name: shown(page)[name] for name in ("Listening now", "Behind Kafka")} == {
                "Listening now": 3,
                "Behind Kafka": 0,
            }
            expect(page.get_by_text("JST")).to_be_visible()
            expect(rising).to_contain_text("60 listeners")
            feed.event("playback_started", "anna", country="NO", track_title="<i>Hyperballad</i>")
            feed.flush()
            expect(page.locator(".bb-play").first).to_contain_text("<i>Hyperballad</i>", timeout=BEATS_MS)
            expect(page.locator(".bb-play").first).to_contain_text("Norway")
            page.goto(f"{app.url}/now?region=DE&window=60")
            expect(page.locator(".bb-play")).to_have_count(3, timeout=BEATS_MS)
            assert shown(page)["Listening now"] == 3
        expect(page.get_by_text("The live service does not answer")).to_be_visible(timeout=BEATS_MS)
        expect(page.get_by_text("backbeat live", exact=True)).to_be_visible()
    context.close()
