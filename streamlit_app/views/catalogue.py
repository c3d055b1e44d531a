"""Catalogue: one search in tracks, artists and episodes, and a closer look at each.

Listeners are among them for those who see everybody.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from streamlit_app import closeup, components, filters, viewer
from streamlit_app.links import link, row
from streamlit_app.queries import catalogue
from streamlit_app.snapshot import Snapshot

NAMES = {"track": "Tracks", "artist": "Artists", "episode": "Episodes", "user": "Listeners"}
WORDS = {"track": "A title", "artist": "an artist", "episode": "an episode", "user": "a listener"}
SHOWN = 25


def kinds() -> dict[str, str]:
    """What the one who looks may search: listeners are for those who see everybody."""
    return {kind: name for kind, name in NAMES.items() if kind != "user" or viewer.sees_everybody()}


def search_box() -> str:
    """What is searched for (`?q=`)."""
    asked = st.text_input(
        "Search the catalogue",
        value=st.query_params.get("q", ""),
        key="filter_q",
        type="search",
        live=True,
        max_chars=100,
        placeholder=", ".join(WORDS[kind] for kind in kinds()),
        icon=":material/search:",
        on_change=leave_closeup,
    ).strip()
    if asked:
        st.query_params["q"] = asked
    elif "q" in st.query_params:
        del st.query_params["q"]
    return asked


def leave_closeup() -> None:
    """Typing leads back to the results."""
    for kind in NAMES:
        if kind in st.query_params:
            del st.query_params[kind]


def counted(hits: pl.DataFrame) -> str:
    """How many hits there are, as far as they were looked for."""
    return f"{hits.height}+" if hits.height == catalogue.MOST else str(hits.height)


def best_of(found: dict[str, pl.DataFrame], asked: str) -> str:
    """The first kind with a hit that begins as asked, else the first with any."""
    with_hits = [kind for kind, hits in found.items() if hits.height]
    begins = (kind for kind in with_hits if found[kind]["title"][0].lower().startswith(asked.lower()))
    return next(begins, next(iter(with_hits), "track"))


def results(snapshot: Snapshot, asked: str) -> None:
    """The hits of each kind, one kind at a time (`?in=`)."""
    found = {kind: catalogue.search(snapshot, kind, asked) for kind in kinds()}
    names = {kind: f"{NAMES[kind]} · {counted(hits)}" for kind, hits in found.items()}
    kind = filters.choice("in", "Kind", names, best_of(found, asked))
    hits = found[kind]
    title = NAMES[kind] if asked else f"{NAMES[kind]} of late"
    with components.panel("hits", title) as panel:
        components.csv_button(panel, hits)
        if hits.is_empty():
            st.markdown("Nothing has all of these words. Fewer words, or the beginning of one, find more.")
        for hit in hits.head(SHOWN).iter_rows(named=True):
            row("hits", kind, hit, {"in": kind} | ({"q": asked} if asked else {}))
        if hits.height > SHOWN:
            st.caption(f"The best {SHOWN}; a further word narrows them down, the CSV has {hits.height}.")


snapshot = components.require_snapshot()
components.page_header(snapshot, "Catalogue", "Everything that was ever played or heard")
asked = search_box()
chosen = next((kind for kind in kinds() if kind in st.query_params), None)
if chosen is None:
    results(snapshot, asked)
else:
    back = {name: st.query_params[name] for name in ("q", "in") if name in st.query_params}
    link("catalogue", "Back to the results", back, icon=":material/arrow_back:")
    closeup.section(snapshot, chosen, st.query_params[chosen])
