"""Realism: simulated listening held against real, row by row, each taken in the same way from both.

Reads the samples in BACKBEAT_DATA; keeps figures only. Target: a distance within 10 %, or the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from statistics import fmean

import numpy as np
import polars as pl

from benchmarks import realism_data as data
from benchmarks import realism_figures as figures
from benchmarks import realism_sample as sample
from benchmarks.clock import Clock
from producer.simulator.arrays import Floats
from producer.simulator.catalogue import build_catalogue

TARGET = 0.1
_LASTFM, _LAMERE = "Last.fm-1K, user_000001", "Lamere 2014, published"
_HETREC, _CHARTS = "HetRec 2011, 1,892 listeners", "Spotify, 24 countries, April 2021"
_EVENTSIM = "eventsim's list, 10,000 of 385,000 tracks"
_MSD = "Million Song Dataset, 10,000 tracks"
_SMALLER = "1,600 artists have no tail like 17,632; the shares of plays fit"
_DRAWN_AT_RANDOM = "drawn at random from far more tracks: most hits are left out; the charts' rows have them"
_ONE_PERSON = "one person; simulated listeners differ from each other"
_TWO_KINDS = "two kinds: on in the evening, or the next day; the median falls between them"
_YOUNG = "the first weeks of one person; from the thousandth scrobble on it fits"


@dataclass(frozen=True)
class Row:
    """One comparison; `distance` is relative, or the total variation of two distributions."""

    figure: str
    real: float
    simulated: float
    distance: float
    source: str
    reason: str = ""

    @property
    def within(self) -> bool:
        """The target is met."""
        return self.distance <= TARGET


def compared(figure: str, values: Iterable[float], source: str, reason: str = "") -> Row:
    """A row of two `values`, real and simulated; a reason is kept only where the target is missed."""
    real, simulated = values
    distance = abs(simulated - real) / real
    why = reason if distance > TARGET else ""
    return Row(figure, round(real, 4), round(simulated, 4), round(distance, 3), source, why)


def measure() -> dict[str, object]:
    """All rows, and how many of them are within the target."""
    with Clock() as clock:
        crowd, heavy = sample.plays_of(sample.crowd()), figures.scrobbled(sample.plays_of(sample.heavy()))
        rows = [
            *_popularity(crowd),
            *_charts(),
            *_sessions(heavy),
            *_repeats(heavy),
            *_clock(heavy),
            *_skips(crowd),
            *_lengths(),
        ]
    return {
        "target": TARGET,
        "rows_within": sum(row.within for row in rows),
        "rows": [asdict(row) for row in rows],
        "simulated_plays": len(crowd),
        "cpu_seconds": round(clock.cpu, 1),
    }


def _popularity(crowd: pl.DataFrame) -> Iterator[Row]:
    real = data.artists_of_listeners()
    streams = crowd.filter(pl.col("ms_played") >= 30_000).group_by("user", "artist").len("plays")
    simulated = streams.sort("plays", "artist", descending=True).group_by("user").head(50)
    for words, amount, reason in (
        ("plays", pl.col("plays").sum(), ""),
        ("listeners' artists", pl.len(), _SMALLER),
    ):
        found = [_per_artist(rows, amount) for rows in (real, simulated)]
        for part in (0.01, 0.1):
            shares = [figures.top_share(amounts, part) for amounts in found]
            yield compared(f"artists, top {part:.0%}: share of {words}", shares, _HETREC, reason)
    listeners = [real.group_by("user").agg(pl.col("plays").sum()), crowd.group_by("user").len("plays")]
    busiest = [figures.top_share(rows["plays"].to_numpy().astype(float), 0.1) for rows in listeners]
    yield compared("listeners, top 10%: share of plays", busiest, _HETREC)
    counts = [data.listen_counts(), crowd["track"].value_counts()["count"].to_numpy().astype(float)]
    for part in (0.01, 0.1):
        shares = [figures.top_share(amounts, part) for amounts in counts]
        yield compared(f"tracks, top {part:.0%}: share of plays", shares, _EVENTSIM, _DRAWN_AT_RANDOM)


def _per_artist(rows: pl.DataFrame, amount: pl.Expr) -> Floats:
    return rows.group_by("artist").agg(amount.alias("amount"))["amount"].to_numpy().astype(float)


def _charts() -> Iterator[Row]:
    real, simulated = data.charts(), sample.country_charts(sample.crowd())
    both = [code for code in simulated if code in real]
    overlaps = [
        figures.chart_overlap({code: real[code]["track"].to_list() for code in both}),
        figures.chart_overlap({code: simulated[code][0] for code in both}),
    ]
    for key, words in (
        ("mean", "tracks two countries' charts share"),
        ("upper_quartile", "tracks two charts share, upper quartile of pairs"),
        ("in_one_country", "chart tracks that are in one country's only"),
    ):
        yield compared(f"first 50: {words}", (found[key] for found in overlaps), _CHARTS)
    shapes = [
        [figures.chart_shape(real[code]["streams"].to_numpy().astype(float)) for code in both],
        [figures.chart_shape(simulated[code][1]) for code in both],
    ]
    for key, words in (("top_10", "the first ten's share"), ("first_to_last", "the first against the 50th")):
        means = [fmean(shape[key] for shape in found) for found in shapes]
        yield compared(f"first 50: {words} of streams", means, _CHARTS)


def _sessions(heavy: pl.DataFrame) -> Iterator[Row]:
    real = data.lastfm_listener()
    lengths = [figures.session_lengths(rows) for rows in (real, heavy)]
    spotify = figures.session_lengths(data.spotify_listener())
    yield compared("plays per session, mean", map(_mean, lengths), _LASTFM)
    yield compared("plays per session, median", map(_median, lengths), _LASTFM)
    yield compared("plays per session, mean", map(_mean, (spotify, lengths[1])), "one Spotify account")
    yield compared("plays per session, median", map(_median, (spotify, lengths[1])), "one Spotify account")
    gaps = [figures.gaps(rows) for rows in (real, heavy)]
    within = [found[found <= figures.SESSION_GAP_S] for found in gaps]
    between = [found[found > figures.SESSION_GAP_S] / 3_600 for found in gaps]
    yield compared("from start to start, mean (s)", map(_mean, within), _LASTFM)
    yield compared("from start to start, median (s)", map(_median, within), _LASTFM)
    yield compared("from session to session, mean (h)", map(_mean, between), _LASTFM)
    yield compared("from session to session, median (h)", map(_median, between), _LASTFM, _TWO_KINDS)


def _mean(values: Floats) -> float:
    return float(values.mean())


def _median(values: Floats) -> float:
    return float(np.median(values))


def _repeats(heavy: pl.DataFrame) -> Iterator[Row]:
    real = data.lastfm_listener()
    for first in (500, 1_000, 2_000, 4_000):
        rates = [figures.repeat_rate(rows, first) for rows in (real, heavy)]
        yield compared(f"first {first:,} scrobbles: tracks heard before", rates, _LASTFM, _YOUNG)


def _clock(heavy: pl.DataFrame) -> Iterator[Row]:
    """Days begin where they fit best: nothing says in which time zone the real listener lives."""
    real = figures.by_hour(data.lastfm_listener(), pl.col("started").dt.hour())
    own = sample.by_local_clock(sample.heavy(), heavy)
    everybody = figures.by_hour(own, pl.col("local").dt.hour())
    each = [figures.by_hour(rows, pl.col("local").dt.hour()) for rows in own.partition_by("user")]
    apart = fmean(figures.variation(hours, everybody) for hours in each)
    real_apart = figures.nearest_shift(real, everybody)
    yield compared("hour of day: distance of one listener's to everybody's", (real_apart, apart), _LASTFM)
    quiet = [fmean(float(np.sort(hours)[:6].sum()) for hours in days) for days in ([real], each)]
    yield compared("hour of day: share of one listener's six quietest hours", quiet, _LASTFM, _ONE_PERSON)


def _skips(crowd: pl.DataFrame) -> Iterator[Row]:
    held, length = crowd["ms_played"].to_numpy(), crowd["duration_ms"].to_numpy()
    for words, real, early in (
        ("within 5 s", 0.2414, held < 5_000),
        ("within 10 s", 0.2897, held < 10_000),
        ("within 30 s", 0.3505, held < 30_000),
        ("before the end", 0.486, held < length),
    ):
        yield compared(f"plays ended {words}", (real, float(early.mean())), _LAMERE)
    mobile = crowd["device"].is_in(["android", "ios"]).to_numpy()
    desktop = crowd["device"].is_in(["desktop", "web"]).to_numpy()
    for words, real, rows in (("mobile", 0.511, mobile), ("desktop", 0.401, desktop)):
        shares = (real, float((held < length)[rows].mean()))
        yield compared(f"plays ended before the end, {words}", shares, _LAMERE)


def _lengths() -> Iterator[Row]:
    real = data.track_seconds()
    simulated = build_catalogue(sample.crowd()).durations / 1_000
    for part in (0.1, 0.5, 0.9):
        values = [float(np.quantile(found, part)) for found in (real, simulated)]
        yield compared(f"track length, {part:.0%} quantile (s)", values, _MSD)
    yield compared("track length, mean (s)", map(_mean, (real, simulated)), _MSD)
