"""Real listening, read from the samples in BACKBEAT_DATA; nothing of them is kept but figures."""

from __future__ import annotations

import csv
import gzip
import json
import os
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from contracts.errors import BackbeatError
from producer.simulator.arrays import Floats

CHART = 50


def folder() -> Path:
    """Where the samples are; raises BackbeatError where they are not."""
    found = Path(os.environ.get("BACKBEAT_DATA", ""))
    if not (found / "lastfm1k_sample").is_dir():
        raise BackbeatError("BACKBEAT_DATA must name the folder with lastfm1k_sample, hetrec2011_lastfm_2k …")
    return found


def lastfm_listener() -> pl.DataFrame:
    """(4,997) scrobbles of Last.fm-1K's user_000001: user, track, artist, started (UTC), in order of time."""
    path = folder() / "lastfm1k_sample/userid-timestamp-artid-artname-traid-traname.tsv"
    names = ["user", "time", "artist_mbid", "artist", "track_mbid", "title"]
    rows = pl.read_csv(path, separator="\t", has_header=False, quote_char=None, new_columns=names)
    return (
        rows.filter(pl.col("user") == "user_000001")
        .select(
            "user",
            "artist",
            track=pl.concat_str("artist", "title", separator="\t", ignore_nulls=True),
            started=pl.col("time").str.to_datetime(time_zone="UTC"),
        )
        .sort("started", maintain_order=True)
    )


def spotify_listener() -> pl.DataFrame:
    """(804) plays of one account's history, as `lastfm_listener`; all plays, skipped ones too."""
    path = folder() / "export_fixtures/mixtapestudy/music_history_realistic.json"
    rows = pl.DataFrame(json.loads(path.read_text("utf-8")))
    ended = pl.col("endTime").str.to_datetime("%Y-%m-%d %H:%M", time_zone="UTC")
    return rows.select(
        user=pl.lit("one"),
        artist="artistName",
        track=pl.concat_str("artistName", "trackName", separator="\t"),
        started=ended - pl.duration(milliseconds="msPlayed"),
    ).sort("started", maintain_order=True)


def artists_of_listeners() -> pl.DataFrame:
    """HetRec 2011: user, artist, plays; the 50 artists that each of 1,892 listeners played most."""
    rows = pl.read_csv(folder() / "hetrec2011_lastfm_2k/user_artists.dat", separator="\t")
    return rows.rename({"userID": "user", "artistID": "artist", "weight": "plays"})


def listen_counts() -> Floats:
    """(10,000,) how often each track of eventsim's list was played."""
    with gzip.open(folder() / "eventsim_data/listen_counts.txt.gz", "rt", encoding="utf-8") as file:
        return np.fromiter((int(line.rsplit("\t", 1)[1]) for line in file), float)


def charts() -> dict[str, pl.DataFrame]:
    """Country (upper case) → its 200 most streamed tracks of a day: track, streams; whole charts only."""
    found = {}
    for path in sorted((folder() / "spotify_charts_65_countries_2021_04").glob("regional-*.csv")):
        rows = pl.read_csv(path, skip_rows=1).select(track="URL", streams="Streams")
        if len(rows) >= CHART:
            found[path.name.split("-")[1].upper()] = rows.head(CHART)
    return found


def track_seconds() -> Floats:
    """(10,000,) lengths of the Million Song Dataset's sample."""
    with (folder() / "msd_songs/songs.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        header, *rows = csv.reader(file, escapechar="\\")
    column = header.index("duration")
    return np.fromiter(chain(float(row[column]) for row in rows), float)
