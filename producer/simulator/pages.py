"""Page views: every session opens on the home page and wanders on by the Markov chain of its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from producer.simulator.arrays import Floats, Ints, weighted
from producer.simulator.draft import Column, Draft, Sender, envelope
from producer.simulator.engagement import PageChances
from producer.simulator.population import FREE, LEVELS, Population
from producer.simulator.rhythm import DAY_MS
from producer.simulator.sessions import BROWSE, MUSIC, Day

_HOME = "home"
_KINDS = ("music", "podcast", "browse")


@dataclass(frozen=True)
class Chain:
    """Which page follows which, for each level."""

    names: pl.Series
    home: int
    cumulative: Floats  # (levels * pages * pages,): row r = level * pages + page fills (r, r + 1]
    statuses: dict[str, float]

    @classmethod
    def of(cls, chances: PageChances) -> Self:
        """The configuration's chain; pages that a level does not know lead home."""
        names = sorted({page for rows in chances.next.values() for page in rows})
        weights = np.zeros((len(LEVELS), len(names), len(names)))
        for level, name in enumerate(LEVELS):
            for page, following in chances.next[name].items():
                for to, weight in following.items():
                    weights[level, names.index(page), names.index(to)] = weight
        home = names.index(_HOME)
        statuses = {str(status): weight for status, weight in chances.statuses.items()}
        weights[weights.sum(axis=2) == 0, home] = 1
        totals = np.cumsum(weights, axis=2).reshape(-1, len(names))
        rows = totals / totals[:, -1:] + np.arange(len(totals))[:, None]
        return cls(pl.Series(names), home, rows.ravel(), statuses)

    def follow(self, level: Ints, page: Ints, chance: Floats) -> Ints:
        """(n,) the page after each `page` (n,); `chance` (n,) from 0 to 1 decides."""
        row = level * len(self.names) + page
        found = np.searchsorted(self.cumulative, row + chance, side="right") - row * len(self.names)
        return np.minimum(found, len(self.names) - 1).astype(np.int64)

    def columns(self, rng: np.random.Generator, page: Ints, referrer: pl.Series) -> dict[str, Column]:
        """The fields of page views."""
        return {
            "page": self.names.gather(pl.Series(page)),
            "referrer": self.names.gather(referrer),
            "http_status": np.array([int(status) for status in self.statuses])[
                weighted(rng, self.statuses, len(page))
            ],
        }


def browse_spans(today: Day, spans: Ints) -> None:
    """Write how long sessions that only browse last (ms) into `spans`."""
    rows, chances = today.plan.of_kind(BROWSE), today.config.pages
    lasting = today.rng.exponential(chances.browsing_ms, len(rows)).astype(np.int64)
    spans[rows] = 4 * chances.opening_ms + lasting


def page_draft(today: Day, chain: Chain, spans: Ints, level: Ints) -> Draft:
    """The pages of all sessions, which last `spans` (ms), by listeners at `level` (sessions,)."""
    rng, plan, chances = today.rng, today.plan, today.config.pages
    usual = np.array([chances.per_session[kind] for kind in _KINDS])[plan.kind]
    mean = usual + np.where(plan.kind == MUSIC, chances.per_play * plan.plays, 0)
    extra = rng.poisson(np.where(plan.bot, 0, mean))
    session = np.repeat(np.arange(len(plan)), 1 + extra)
    firsts = np.cumsum(1 + extra) - 1 - extra
    share = rng.random(len(session))
    share[firsts] = 0.0
    share = np.clip(np.sort(session + share) - session, 0, 1)
    room = np.maximum(spans[session] - chances.opening_ms, 0)
    at = chances.opening_ms + (share * room).astype(np.int64)
    page = _wander(rng, chain, level, extra, firsts)
    referrer = pl.Series(np.roll(page, 1))
    referrer[firsts] = None
    return Draft("page_views", session, at, chain.columns(rng, page, referrer))


def _wander(rng: np.random.Generator, chain: Chain, level: Ints, extra: Ints, firsts: Ints) -> Ints:
    """The pages of all sessions one after the other: home, and `extra` (sessions,) more, step by step."""
    page = np.full(len(extra) + int(extra.sum()), chain.home)
    chance = rng.random(len(page))
    longest_first = np.argsort(-extra, kind="stable")
    firsts, level = firsts[longest_first], level[longest_first]
    lengths = -extra[longest_first]
    here = page[firsts]
    for step in range(1, int(extra.max(initial=0)) + 1):
        going = int(np.searchsorted(lengths, -step, side="right"))
        place = firsts[:going] + step
        here = chain.follow(level[:going], here[:going], chance[place])
        page[place] = here
    return page


def stray_views(
    rng: np.random.Generator, chain: Chain, people: Population, day_ms: int, count: int
) -> pl.DataFrame:
    """`count` single page views at any time of a day, by anybody, outside of sessions."""
    user = np.flatnonzero((people.arrival < 0) & ~people.bot)
    user = user[rng.integers(0, len(user), count)]
    occurred = np.sort(day_ms + rng.integers(0, DAY_MS, count))
    nowhere = pl.Series([None], dtype=pl.UInt64).new_from_index(0, count)
    referrer = pl.Series([None], dtype=pl.Int64).new_from_index(0, count)
    page = chain.follow(np.full(count, FREE), np.full(count, chain.home), rng.random(count))
    sender = Sender(user, people.devices[user, 0], nowhere)
    return envelope(rng, occurred, sender, people).with_columns(
        *pl.DataFrame(chain.columns(rng, page, referrer))
    )
