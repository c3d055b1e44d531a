"""`make bench-app`: how long people wait for the app, in real Chromium; beside it, an empty Streamlit app.

`APP="--snapshot FILE"` measures on a published snapshot, `APP="--plays 10M"` makes one of so many plays first
(and keeps it), which takes as long as a full build of `make bench-scale` at that size. With `--times 10` the
days of those are published ten times, one after another: a hundred million plays on the disk of thirty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from playwright.async_api import Browser, async_playwright

from benchmarks.app_crowd import PAUSE_S, VIEWERS, among_callers, together
from benchmarks.app_snapshot import counted, snapshot_of
from benchmarks.app_viewer import HOME, Viewer
from benchmarks.pace import pace_ms
from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.stage import say
from benchmarks.streamlit_server import served
from serving.build import ROOT

LOADS, SWITCHES, FILTERS = 3, 3, 6  # rounds over all pages, the same, clicks on one page
_CHOICES = ("7 d", "30 d")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
_EMPTY = """import streamlit as st
def one(): st.title("One")
def two(): st.title("Two")
st.navigation([st.Page(one, title="One", default=True), st.Page(two, title="Two")]).run()
"""
Times = dict[str, list[float]]


@dataclass
class Waits:
    """What one viewer waited for, in milliseconds by page; `cold` is the very first page of all."""

    cold: float = 0.0
    paints: Times = field(default_factory=dict)
    loads: Times = field(default_factory=dict)
    switches: Times = field(default_factory=dict)
    filters: Times = field(default_factory=dict)


async def alone(browser: Browser, url: str, home: str) -> Waits:
    """One viewer who opens every page again and again, switches between them, and uses their filters."""
    viewer, waits = await Viewer.arrive(browser, url), Waits()
    _, waits.cold = await viewer.load("", home)
    titles = await viewer.pages()
    paths = {home: ""}
    for title in titles[1:]:
        await viewer.switch(title)
        paths[title] = await viewer.address()
    for title in titles * LOADS:
        painted, drawn = await viewer.load(paths[title], title)
        waits.paints.setdefault(title, []).append(painted)
        waits.loads.setdefault(title, []).append(drawn)
    for title in titles * SWITCHES:
        waits.switches.setdefault(title, []).append(await viewer.switch(title))
    for title in titles:
        await viewer.switch(title)
        if await viewer.offers(_CHOICES[0]):
            waits.filters[title] = [await viewer.filter(_CHOICES[turn % 2]) for turn in range(FILTERS)]
    await viewer.leave()
    return waits


def p95(times: Sequence[float]) -> int:
    """The time that 95 of 100 did not exceed."""
    return round(sorted(times)[math.ceil(0.95 * len(times)) - 1])


def _all(times: Times) -> list[float]:
    return [time for found in times.values() for time in found]


def _medians(waits: Waits) -> dict[str, dict[str, int]]:
    kinds = {"reload_ms": waits.loads, "switch_ms": waits.switches, "filter_ms": waits.filters}
    return {
        title: {kind: round(median(times[title])) for kind, times in kinds.items() if title in times}
        for title in waits.loads
    }


async def _measured(snapshot: Path, empty: Path) -> dict[str, object]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ["BACKBEAT_BROWSER"], args=list(_FLAGS)
        )
        say("an empty app")
        paces = [pace_ms()]
        with served(str(empty), {}) as server:
            bare = await alone(browser, server.url, "One")
        paces.append(pace_ms())
        environment = {"BACKBEAT_SNAPSHOTS": str(snapshot.parent.resolve())}
        with served(str(ROOT / "streamlit_app" / "app.py"), environment) as server:
            say("one viewer")
            waits = await alone(browser, server.url, HOME)
            paces.append(pace_ms())
            say(f"{VIEWERS} viewers, after {json.dumps(_medians(waits))}")
            among, held = await among_callers(browser, server)
            paces.append(pace_ms())
            say(f"{VIEWERS} browsers on this machine")
            crowd = await together(browser, server)
        await browser.close()
    return {
        **counted(snapshot),
        "first_paint_ms_p95": p95(_all(waits.paints)),
        "first_page_ms_p95": p95(_all(waits.loads)),
        "page_switch_ms_p95": p95(_all(waits.switches)),
        "filter_ms_p95": p95(_all(waits.filters)),
        f"viewers{VIEWERS}_ms_p95": p95(among),
        f"viewers{VIEWERS}_ms_p50": round(median(among)),
        f"browsers{VIEWERS}_ms_p95": p95(crowd),
        f"browsers{VIEWERS}_ms_p50": round(median(crowd)),
        "rss_mib": held,
        "new_browser_ms": round(waits.cold),
        "streamlit_empty_ms_p95": p95(_all(bare.loads)),
        "streamlit_empty_switch_ms_p95": p95(_all(bare.switches)),
        "pause_seconds": PAUSE_S,
        "bare_loop_ms": paces,  # before the empty app, one viewer, many, browsers
        "median_by_page": _medians(waits),
    }


def measure(snapshot: Path) -> dict[str, object]:
    """Every figure, on that snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(_EMPTY)
        return asyncio.run(_measured(snapshot, empty))


def main() -> None:
    """Measure, and put the figures where they are shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshot", type=Path, help="a published snapshot; its folder is followed")
    parser.add_argument("--plays", default="1M", help="else one of so many plays is made: 1M, 10M, 100M")
    parser.add_argument("--times", type=int, default=1, help="their days so many times, one after another")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "var" / "scale", help="where it is made and kept"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where app.json goes")
    given = parser.parse_args()
    if given.snapshot and given.times > 1:
        parser.error("--times makes --plays longer: a snapshot is measured as it is")
    snapshot = given.snapshot or snapshot_of(given.plays, given.folder, given.times)
    record("app", partial(measure, snapshot), given.results)
    if given.results == RESULTS:
        write_tables()


if __name__ == "__main__":
    main()
