"""Search in tracks, artists, episodes and users, and what is known of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from streamlit_app import viewer
from streamlit_app.queries import reach
from streamlit_app.snapshot import Snapshot

MOST = 50
_WORDS = 6
_CANDIDATES = 400


@dataclass(frozen=True)
class Kind:
    """What can be searched: its table, key, the text that is looked through (SQL), and what it is shown with.

    `title` and `subtitle` are SQL over the table; `plays` is SQL over `found` and gives key and plays.
    """

    table: str
    key: str
    title: str
    subtitle: str
    plays: str
    recent: str


KINDS = {
    "track": Kind(
        "dim_tracks",
        "track_key",
        "track_title",
        "artist_name",
        "select track_key as key, sum(plays) as plays from gold.daily_song_plays"
        " where track_key in (select key from found) group by track_key",
        "last_played_at",
    ),
    "artist": Kind(
        "dim_artists",
        "artist_key",
        "artist_name",
        "tracks || if(tracks = 1, ' track', ' tracks')",
        "select artist_key as key, sum(plays) as plays from gold.artist_popularity"
        " where artist_key in (select key from found) group by artist_key",
        "last_played_at",
    ),
    "episode": Kind(
        "dim_episodes",
        "episode_id",
        "coalesce(episode_title, episode_id)",
        "coalesce(podcast_title, podcast_id)",
        "select episode_id as key, sum(plays) as plays from gold.episode_performance"
        " where episode_id in (select key from found) group by episode_id",
        "released_on",
    ),
    "user": Kind(
        "dim_users",
        "user_id",
        "user_id",
        "coalesce((select any_value(country_name) from gold.dim_regions as regions"
        " where regions.country = dim_users.country), dim_users.country)",
        "select user_id as key, plays from gold.dim_users where user_id in (select key from found)",
        "last_seen_at",
    ),
}


def search(snapshot: Snapshot, kind: str, asked: str, many: int = MOST) -> pl.DataFrame:
    """key, title, subtitle, plays of what has every word of `asked`: those that begin with it first.

    Case makes no difference. Without a word: what was played last. Of many thousands, the `many` best.
    BackbeatError where listeners are looked for by one who may not see who listens.
    """
    if kind == "user":
        viewer.require_everybody()
    searched, words = KINDS[kind], asked.lower().split()[:_WORDS]
    text = f"lower({searched.title}) || ' ' || lower(coalesce({searched.subtitle}, ''))"
    has_all = " and ".join(f"contains(text, $word{place})" for place in range(len(words))) or "true"
    return snapshot.frame(
        f"""with texts as (
               select {searched.key} as key, {searched.title} as title, {searched.subtitle} as subtitle,
                   {searched.recent} as recent, {text} as text
               from gold.{searched.table}
           ), found as (
               select *, case when lower(title) = $asked then 0 when starts_with(lower(title), $asked) then 1
                   when contains(lower(title), ' ' || $asked) then 2
                   when contains(lower(title), $asked) then 3 else 4 end as place
               from texts where {has_all} order by place, recent desc nulls last, key limit {_CANDIDATES}
           ), played as ({searched.plays})
           select key, title, subtitle, coalesce(plays, 0)::bigint as plays
           from found left join played using (key)
           order by place, plays desc, title, key limit $many""",  # noqa: S608 - fixed parts; words are bound
        asked=" ".join(words),
        many=many,
        **{f"word{place}": word for place, word in enumerate(words)},
    )


def track(snapshot: Snapshot, key: str) -> Mapping[str, object]:
    """What dim_tracks says, plays, streams, skips, ms_played, listeners, best_rank, charted; or nothing."""
    found = snapshot.row(
        """with days as (
               select sum(plays)::bigint as plays, sum(streams)::bigint as streams,
                   sum(skips)::bigint as skips, sum(ms_played)::bigint as ms_played
               from gold.daily_song_plays where track_key = $key
           ), charts as (
               select min("rank") as best_rank, count(*) as charted from gold.top_songs_daily
               where track_key = $key and region = 'GLOBAL'
           )
           select dim_tracks.*, days.*, charts.*
           from gold.dim_tracks, days, charts where track_key = $key""",
        key=key,
    )
    return {**found, "listeners": reach.listeners(snapshot, "track", key)} if found else found


def artist(snapshot: Snapshot, key: str) -> Mapping[str, object]:
    """What dim_artists says, plays, streams, ms_played, listeners, best_rank (of a day); empty if unknown."""
    found = snapshot.row(
        """with days as (
               select sum(plays)::bigint as plays, sum(streams)::bigint as streams,
                   sum(ms_played)::bigint as ms_played, min("rank") as best_rank
               from gold.artist_popularity where artist_key = $key
           )
           select dim_artists.*, days.*
           from gold.dim_artists, days where artist_key = $key""",
        key=key,
    )
    return {**found, "listeners": reach.listeners(snapshot, "artist", key)} if found else found


def episode(snapshot: Snapshot, key: str) -> Mapping[str, object]:
    """What dim_episodes says, plays, completes, listeners, listened_ms, listens; empty if unknown."""
    return snapshot.row(
        """with heard as (
               select sum(plays)::bigint as plays, sum(completes)::bigint as completes, count(*) as listens,
                   count(distinct user_id) as listeners, sum(listened_ms)::bigint as listened_ms,
                   avg(listen_through_rate) as listen_through_rate
               from gold.fct_podcast_listens where episode_id = $key
           )
           select episodes.*, heard.* from gold.dim_episodes as episodes, heard where episode_id = $key""",
        key=key,
    )


def daily(snapshot: Snapshot, kind: str, key: str) -> pl.DataFrame:
    """start, finish and plays of each day or, over more than 120 days, week of a track, artist or episode."""
    table, column, day = {
        "track": ("daily_song_plays", "track_key", "played_date"),
        "artist": ("artist_popularity", "artist_key", "played_date"),
        "episode": ("episode_performance", "episode_id", "listen_date"),
    }[kind]
    return snapshot.frame(
        f"""with days as (
               select {day} as day, plays from gold.{table} where {column} = $key
           ), steps as (
               select if(max(day) - min(day) > 120, 'week', 'day') as step, min(day) as first,
                   max(day) as last from days having count(*) > 0
           ), starts as (
               select step, unnest(generate_series(
                   date_trunc(step, first)::timestamp, last::timestamp, ('1 ' || step)::interval)) as start
               from steps
           )
           select start, start + ('1 ' || any_value(step))::interval as finish,
               coalesce(sum(plays), 0)::bigint as plays
           from starts left join days on date_trunc(step, day)::timestamp = start
           group by start order by start""",  # noqa: S608 - names from the table above
        key=key,
    )


def tracks_of(snapshot: Snapshot, artist_key: str, many: int = 25) -> pl.DataFrame:
    """key, title, subtitle (nothing), plays of an artist's tracks, most played first."""
    return snapshot.frame(
        """select track_key as key, any_value(track_title) as title, null::varchar as subtitle,
               sum(plays)::bigint as plays
           from gold.daily_song_plays where artist_key = $artist_key
           group by track_key order by plays desc, title, track_key limit $many""",
        artist_key=artist_key,
        many=many,
    )
