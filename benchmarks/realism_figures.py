"""Figures that are taken of real and of simulated listening in the same way."""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

import numpy as np
import polars as pl

from producer.simulator.arrays import Floats

# Silence that ends a session, from one start to the next.
SESSION_GAP_S = 1_800


def scrobbled(plays: pl.DataFrame) -> pl.DataFrame:
    """What a scrobbler reports of `plays`: half of the track, or four minutes."""
    return plays.filter(pl.col("ms_played") >= pl.min_horizontal(pl.col("duration_ms") / 2, 240_000))


def gaps(listens: pl.DataFrame) -> Floats:
    """Seconds from each start to the listener's next; `listens` in order of user and time."""
    since = pl.col("started").diff().over("user").dt.total_milliseconds() / 1_000
    return listens.select(since.drop_nulls()).to_series().to_numpy()


def session_lengths(listens: pl.DataFrame) -> Floats:
    """Listens of each session: runs without half an hour between two starts."""
    since = pl.col("started").diff().over("user").dt.total_seconds()
    sessions = listens.with_columns(number=(since.fill_null(SESSION_GAP_S + 1) > SESSION_GAP_S).cum_sum())
    return sessions["number"].value_counts()["count"].to_numpy().astype(float)


def repeat_rate(listens: pl.DataFrame, first: int) -> float:
    """Of a listener's `first` listens, the share heard before; the mean of those who have so many."""
    known = pl.struct("user", "track").is_first_distinct().not_()
    place = pl.int_range(pl.len()).over("user")
    marked = listens.select("user", known=known, place=place).filter(pl.col("place") < first)
    rates = marked.group_by("user").agg(pl.col("known").mean(), pl.len().alias("listens"))
    whole = rates.filter(pl.col("listens") == first)["known"]
    return float(whole.mean()) if len(whole) else float("nan")  # type: ignore[arg-type]


def top_share(counts: Floats, part: float) -> float:
    """The share of all that the largest `part` of `counts` holds."""
    falling = np.sort(counts)[::-1]
    return float(falling[: max(1, round(part * len(falling)))].sum() / falling.sum())


def chart_overlap(charts: dict[str, list[str]]) -> dict[str, float]:
    """Tracks that two charts have in common, as a share: mean and quartiles over all pairs of countries."""
    sets = {country: set(tracks) for country, tracks in charts.items()}
    shared = [len(one & other) / len(one) for one, other in combinations(sets.values(), 2)]
    everywhere = [track for tracks in sets.values() for track in tracks]
    _, in_charts = np.unique(everywhere, return_counts=True)
    return {
        "mean": fmean(shared),
        "upper_quartile": float(np.quantile(shared, 0.75)),
        "in_one_country": float((in_charts == 1).mean()),
    }


def chart_shape(streams: Floats) -> dict[str, float]:
    """How steep a chart is: the share of its first ten, and the first against the last."""
    return {
        "top_10": float(streams[:10].sum() / streams.sum()),
        "first_to_last": float(streams[0] / streams[-1]),
    }


def by_hour(listens: pl.DataFrame, hour: pl.Expr) -> Floats:
    """(24,) share of the listens in each hour of the day."""
    counts = np.bincount(listens.select(hour).to_series().to_numpy(), minlength=24)
    return np.asarray(counts / counts.sum())


def variation(one: Floats, other: Floats) -> float:
    """Total variation distance of two distributions: 0 the same, 1 nothing in common."""
    return float(np.abs(one - other).sum() / 2)


def nearest_shift(one: Floats, other: Floats) -> float:
    """`variation`, the clock of `one` moved by whole hours to where it fits best."""
    return min(variation(np.roll(one, hours), other) for hours in range(24))
