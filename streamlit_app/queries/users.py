"""One listener at a time."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot


def choices(snapshot: Snapshot, many: int = 200) -> pl.DataFrame:
    """user_id, source, plays: people who brought their own history first, then by plays."""
    return snapshot.frame(
        """select user_id, source, plays from gold.dim_users
           order by coalesce(source, '') not like 'import%', plays desc, user_id limit $many""",
        many=many,
    )


def profile(snapshot: Snapshot, user_id: str) -> Mapping[str, object]:
    """source, country_name, level, first_date, last_date, taste (top artist and track); empty if unknown."""
    return snapshot.row(
        """select users.source, coalesce(country_name, users.country) as country_name, level, plays.*,
               top_artist_name, top_track_title, favourite_hour, discovery_rate
           from gold.dim_users as users
           left join gold.dim_regions on dim_regions.country = users.country
           left join gold.user_preferences as tastes on tastes.user_id = users.user_id
           cross join (select min(played_date) as first_date, max(played_date) as last_date
                       from gold.fct_plays where user_id = $user_id) as plays
           where users.user_id = $user_id""",
        user_id=user_id,
    )


def totals(snapshot: Snapshot, user_id: str, period: Period) -> Mapping[str, object]:
    """plays, streams, skips, ms_played (null when no play says how long), tracks, artists of the period."""
    return snapshot.row(
        """select count(*) as plays, count(*) filter (is_stream) as streams,
               count(*) filter (is_skipped) as skips, sum(ms_played)::bigint as ms_played,
               count(distinct track_key) as tracks,
               count(distinct artist_key) as artists
           from gold.fct_plays where user_id = $user_id and played_date between $first and $last""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )


def over_time(snapshot: Snapshot, user_id: str, period: Period, step: str) -> pl.DataFrame:
    """start and finish of each day, week or month (`step`), and its plays; silent ones included."""
    return snapshot.frame(
        """with steps as (
               select unnest(generate_series(
                   date_trunc($step, $first::date)::timestamp, $last::timestamp, ('1 ' || $step)::interval
               )) as start
           ), played as (
               select date_trunc($step, played_date)::timestamp as start, count(*) as plays
               from gold.fct_plays where user_id = $user_id and played_date between $first and $last
               group by all
           )
           select start, coalesce(plays, 0) as plays,
               coalesce(lead(start) over (order by start), $last::timestamp + interval 1 day) as finish
           from steps left join played using (start) order by start""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        step=step,
    )


def top_artists(snapshot: Snapshot, user_id: str, period: Period, many: int = 10) -> pl.DataFrame:
    """artist_name, plays, hours; both orders are taken from it."""
    return snapshot.frame(
        """select any_value(artist_name) as artist_name, count(*) as plays,
               sum(ms_played) / 3600000 as hours
           from gold.fct_plays
           where user_id = $user_id and artist_key is not null and played_date between $first and $last
           group by artist_key
           qualify least(row_number() over (order by plays desc, artist_key),
                         row_number() over (order by hours desc nulls last, artist_key)) <= $many
           order by plays desc, artist_name""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        many=many,
    )


def top_tracks(
    snapshot: Snapshot, user_id: str, period: Period, by: str = "plays", many: int = 50
) -> pl.DataFrame:
    """track_title, artist_name, plays, hours, skips; most plays first, or most hours (`by`)."""
    return snapshot.frame(
        """select any_value(track_title) as track_title, any_value(artist_name) as artist_name,
               count(*) as plays, sum(ms_played) / 3600000 as hours,
               count(*) filter (is_skipped) as skips
           from gold.fct_plays
           where user_id = $user_id and track_key is not null and played_date between $first and $last
           group by track_key
           order by if($by = 'hours', hours, plays) desc nulls last, plays desc, hours desc nulls last,
               track_key
           limit $many""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        by=by,
        many=many,
    )


def rhythm(snapshot: Snapshot, user_id: str, period: Period, zone: str = "UTC") -> pl.DataFrame:
    """weekday (1 = Monday), hour (by the clock of `zone`), plays: all 168 cells."""
    return snapshot.frame(
        """with cells as (
               select weekday, hour from range(1, 8) as weekdays(weekday), range(24) as hours(hour)
           ), moments as (
               select timezone($zone, timezone('UTC', started_at)) as started_at from gold.fct_plays
               where user_id = $user_id and played_date between $first and $last
           ), played as (
               select isodow(started_at) as weekday, hour(started_at) as hour, count(*) as plays
               from moments group by all
           )
           select weekday, hour, coalesce(plays, 0) as plays from cells left join played using (weekday, hour)
           order by weekday, hour""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        zone=zone,
    )


def recent_plays(snapshot: Snapshot, user_id: str, many: int = 30) -> pl.DataFrame:
    """ended_at, track_title, artist_name, seconds, is_skipped, device, newest first."""
    return snapshot.frame(
        """select ended_at, track_title, artist_name, ms_played / 1000 as seconds, is_skipped, device
           from gold.fct_plays where user_id = $user_id order by ended_at desc, event_id limit $many""",
        user_id=user_id,
        many=many,
    )


def sessions(snapshot: Snapshot, user_id: str, many: int = 30) -> pl.DataFrame:
    """started_at, minutes, plays, skips, device, newest first."""
    return snapshot.frame(
        """select started_at, date_diff('second', started_at, ended_at) / 60 as minutes, plays, skips, device
           from gold.fct_sessions where user_id = $user_id
           order by started_at desc, session_key limit $many""",
        user_id=user_id,
        many=many,
    )
