"""The parts of the page Now that move by themselves: a component that holds the live service's WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from serving.live.document import Now, Rising
from streamlit_app import browser

HERE = Path(__file__).parent
CSS = """
.bb-state { margin: 0; color: #98a0b3; font-size: 0.82rem; font-variant-numeric: tabular-nums; }
.bb-said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.bb-feed i { transition: width 1s linear; }
@media (prefers-reduced-motion: reduce) { .bb-feed i { transition: none; } }
"""
_part = st.components.v2.component(
    "backbeat_live",
    css=CSS,
    js="".join((HERE / name).read_text(encoding="utf-8") for name in ("live_link.js", "live_view.js")),
    isolate_styles=False,
)


def counters(cards: str, told: Now, socket: str, ticket: str) -> str:
    """The key figures (HTML: `cards`), and what all parts follow: the WebSocket at `socket`, or nothing.

    Returns whether the browser has reached it: `yes`, `no`, or "" until that is known.
    """
    data = {
        **_shared("counters"),
        "cards": cards,
        "told": told.model_dump(include={"at", "listening", "rebuilding"}),
        "zone": str(browser.zone()),
        "zone_name": browser.zone_name(),
        "socket": socket,
        "ticket": ticket,
    }
    return str(_part(data=data, key="live_counters", on_reached_change=lambda: None).get("reached") or "")


def feed(told: Now, names: Mapping[str, str]) -> None:
    """The plays, latest first. `names`: country → its name."""
    plays = [each.model_dump() for each in told.playing]
    _part(data={**_shared("feed"), "playing": plays, "names": dict(names)}, key="live_feed")


def risers(told: Rising, empty: str) -> None:
    """The rising tracks of a window; `empty` stands there as long as there are none."""
    tracks = [each.model_dump() for each in told.tracks]
    data = {**_shared("risers"), "window": str(told.minutes), "tracks": tracks, "empty": empty}
    _part(data=data, key="live_risers")


def _shared(part: str) -> dict[str, Any]:
    return {"part": part, "language": str(browser.language()).replace("_", "-")}
