"""Tracks: the most played, those one can ask about, and those like them."""

from __future__ import annotations

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.queries.listening import GLOBAL
from streamlit_app.snapshot import Snapshot


def top(snapshot: Snapshot, period: Period, many: int = 50, region: str = GLOBAL) -> pl.DataFrame:
    """place, track_title, artist_name, streams, listeners over the period, most streamed first."""
    return snapshot.frame(
        """with most as (  -- of the world by the days' sums: a tenth of the time that all plays take
               select track_key, any_value(track_title) as track_title,
                   any_value(artist_name) as artist_name, sum(streams)::bigint as streams
               from gold.daily_song_plays
               where $region = 'GLOBAL' and track_key is not null and played_date between $first and $last
               group by track_key having sum(streams) > 0
               union all
               select track_key, any_value(track_title), any_value(artist_name), count(*) as streams
               from gold.fct_plays
               where $region <> 'GLOBAL' and country = $region and is_stream and track_key is not null
                   and played_date between $first and $last
               group by track_key
               order by streams desc, track_key limit $many
           ), people as (
               select track_key, count(distinct user_id) as listeners
               from gold.fct_plays semi join most using (track_key)
               where is_stream and played_date between $first and $last and $region in ('GLOBAL', country)
               group by track_key
           )
           select row_number() over (order by streams desc, track_key) as place, track_title, artist_name,
               streams, listeners
           from most join people using (track_key) order by place""",
        first=period.first,
        last=period.last,
        many=many,
        region=region,
    )


def comparable(snapshot: Snapshot, words: str = "", many: int = 200) -> pl.DataFrame:
    """track_key, label of the tracks that have similar ones, those with most shared listeners first.

    With `words`: the track of that key, else those whose label has the words in it.
    """
    return snapshot.frame(
        """select likes.track_key,
               any_value(dim_tracks.track_title || ' · ' || dim_tracks.artist_name) as label
           from gold.similar_tracks as likes join gold.dim_tracks using (track_key)
           group by likes.track_key
           having likes.track_key = $words or contains(lower(label), lower($words))
           order by likes.track_key = $words desc, max(listeners_together) desc, label limit $many""",
        words=words,
        many=many,
    )


def similar(snapshot: Snapshot, track_key: str) -> pl.DataFrame:
    """rank, track_title, artist_name, listeners_together, similarity (0–1) of the tracks like this one."""
    return snapshot.frame(
        """select "rank", track_title, artist_name, listeners_together, similarity
           from gold.similar_tracks where track_key = $track_key order by "rank" """,
        track_key=track_key,
    )
