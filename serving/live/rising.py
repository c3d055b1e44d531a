"""Which tracks rise: more listeners than their share of an earlier time lets expect.

For a window of W minutes, n is how many listeners the track has in the last W minutes, and m how many it had
in the windows of the same length before it, added up. With N and M the same sums over all tracks,
E = m · N / M is what is expected of a track whose share has not changed: so neither the time of day nor a
window that has just begun makes everything rise. The score is (n + a) / (E + a), the mean of a ratio of
Poisson rates under a gamma prior around 1 (DuMouchel 1999, "Bayesian Data Mining in Large Frequency Tables",
The American Statistician 53, formula for one component): a handful of listeners where none was expected is
no news, a thousand where five hundred were is. A listener counts once a window, however often a bot plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.live.plays import COUNTRY_BITS, USER_BITS, Keys, country_of

WINDOWS = (5, 15, 60)  # minutes
PRIOR = 10.0  # as many listeners, as expected, as everybody is given
MOST_WINDOWS_BEFORE = 11  # an hour for 5 minutes; more says little about now
WORLD = None
_Counts = tuple[Keys, NDArray[np.int64]]


@dataclass(frozen=True)
class Riser:
    """A track's number, its listeners in the window, those expected (not rounded), and its score."""

    track: int
    listeners: int
    expected: float
    score: float


def spans(minutes: int, now: int, since: int) -> list[tuple[int, int]]:
    """First and last second of the window that ends at `now`, and of those before it that are known whole."""
    length = minutes * 60
    all_of_them = [(now - (n + 1) * length + 1, now - n * length) for n in range(MOST_WINDOWS_BEFORE + 1)]
    return [all_of_them[0], *(span for span in all_of_them[1:] if span[0] >= since)]


def rising(
    recent: Sequence[Keys], before: Sequence[Sequence[Keys]], least: int, most: int
) -> dict[str | None, list[Riser]]:
    """Country (None: everywhere) → at most `most` tracks that rise, highest score first.

    `recent` are the keys of the window, `before` those of each window before it; tracks with fewer than
    `least` listeners are left out. Somebody who plays in two countries counts in each.
    """
    now = _listeners(recent)
    then = _added([_listeners(parts) for parts in before])
    found: dict[str | None, list[Riser]] = {WORLD: _top(_everywhere(now), _everywhere(then), least, most)}
    mask = np.uint64((1 << COUNTRY_BITS) - 1)
    here, there = now[0] & mask, then[0] & mask
    for number in np.unique(here[now[1] >= least]).tolist():
        country = country_of(number)
        if country is not None:
            at, was = here == number, there == number
            found[country] = _top(_tracks(now, at), _tracks(then, was), least, most)
    return {country: risers for country, risers in found.items() if risers}


def _listeners(parts: Sequence[Keys]) -> _Counts:
    """(track, country) → how many listeners whose play counts, in order."""
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    keys = np.concatenate(parts)
    people = np.unique(keys[(keys & np.uint64(1)) == 1])
    return np.unique(people >> np.uint64(USER_BITS + 1), return_counts=True)


def _added(counts: Sequence[_Counts]) -> _Counts:
    if not counts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    ids, inverse = np.unique(np.concatenate([found for found, _ in counts]), return_inverse=True)
    weights = np.concatenate([count for _, count in counts])
    return ids, np.bincount(inverse, weights, len(ids)).astype(np.int64)


def _everywhere(counts: _Counts) -> _Counts:
    return _added([(counts[0] >> np.uint64(COUNTRY_BITS), counts[1])])


def _tracks(counts: _Counts, where: NDArray[np.bool_]) -> _Counts:
    return counts[0][where] >> np.uint64(COUNTRY_BITS), counts[1][where]


def _top(now: _Counts, then: _Counts, least: int, most: int) -> list[Riser]:
    total_then = int(then[1].sum())
    if not total_then:
        return []
    enough = now[1] >= least
    tracks, listeners = now[0][enough], now[1][enough]
    expected = _of(then, tracks) * (int(now[1].sum()) / total_then)
    score = (listeners + PRIOR) / (expected + PRIOR)
    order = np.lexsort((tracks, -listeners, -score))[:most]
    return [
        Riser(int(tracks[at]), int(listeners[at]), float(expected[at]), float(score[at]))
        for at in order
        if score[at] > 1
    ]


def _of(counts: _Counts, ids: Keys) -> NDArray[np.float64]:
    """The count of each of `ids`, 0 where there is none."""
    at = np.searchsorted(counts[0], ids)
    at[at == len(counts[0])] = 0
    return np.where(counts[0][at] == ids, counts[1][at], 0).astype(np.float64)


def named(found: Mapping[str | None, list[Riser]]) -> set[int]:
    """The numbers of all tracks in `found`."""
    return {riser.track for risers in found.values() for riser in risers}
