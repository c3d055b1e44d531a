"""Page views: every session opens on the home page and wanders on from there."""

from __future__ import annotations

import numpy as np
import polars as pl

from producer.simulator.arrays import Ints, weighted
from producer.simulator.draft import Column, Draft, Sender, envelope
from producer.simulator.population import Population
from producer.simulator.rhythm import DAY_MS
from producer.simulator.sessions import BROWSE, MUSIC, Plan

_PAGES = {
    "home": 18,
    "playlist": 17,
    "artist": 14,
    "album": 12,
    "search": 14,
    "library": 8,
    "charts": 5,
    "discover": 5,
    "podcast": 3,
    "settings": 1.5,
    "upgrade": 1,
    "help": 0.8,
    "about": 0.7,
}
_STATUSES = {200: 962, 304: 20, 404: 14, 500: 4}
_PAGE_NAMES = pl.Series(list(_PAGES))
_PER_PLAY = 0.85
_PER_SESSION = np.array([1.0, 1.5, 3.0])  # music, podcast, browse
_OPENING_MS = 1_200
_BROWSING_MS = 120_000


def browse_spans(rng: np.random.Generator, plan: Plan, spans: Ints) -> None:
    """Write how long sessions that only browse last (ms) into `spans`."""
    rows = plan.of_kind(BROWSE)
    spans[rows] = 5_000 + rng.exponential(_BROWSING_MS, len(rows)).astype(np.int64)


def page_draft(rng: np.random.Generator, plan: Plan, spans: Ints) -> Draft:
    """The pages of all sessions, which last `spans` (ms)."""
    extra = rng.poisson(_PER_SESSION[plan.kind] + np.where(plan.kind == MUSIC, _PER_PLAY * plan.plays, 0))
    session = np.repeat(np.arange(len(plan)), 1 + extra)
    firsts = np.cumsum(1 + extra) - 1 - extra
    share = rng.random(len(session))
    share[firsts] = 0.0
    share = np.sort(session + share) - session
    at = _OPENING_MS + (np.clip(share, 0, 1) * np.maximum(spans[session] - _OPENING_MS, 0)).astype(np.int64)
    page = weighted(rng, _PAGES, len(session))
    page[firsts] = 0
    referrer = pl.Series(np.roll(page, 1))
    referrer[firsts] = None
    return Draft("page_views", session, at, _columns(rng, page, referrer))


def _columns(rng: np.random.Generator, page: Ints, referrer: pl.Series) -> dict[str, Column]:
    status = np.array(list(_STATUSES))[weighted(rng, {str(k): v for k, v in _STATUSES.items()}, len(page))]
    return {
        "page": _PAGE_NAMES.gather(pl.Series(page)),
        "referrer": _PAGE_NAMES.gather(referrer),
        "http_status": status,
    }


def stray_views(rng: np.random.Generator, people: Population, day_ms: int, count: int) -> pl.DataFrame:
    """`count` single page views at any time of a day, by anybody, outside of sessions."""
    user = np.flatnonzero(people.arrival < 0)
    user = user[rng.integers(0, len(user), count)]
    occurred = np.sort(day_ms + rng.integers(0, DAY_MS, count))
    nowhere = pl.Series([None], dtype=pl.String).new_from_index(0, count)
    referrer = pl.Series([None], dtype=pl.Int64).new_from_index(0, count)
    sender = Sender(user, people.devices[user, 0], nowhere)
    return envelope(rng, occurred, sender, people).with_columns(
        *pl.DataFrame(_columns(rng, weighted(rng, _PAGES, count), referrer))
    )
