"""How one listener listens: streaks, discoveries, skips, sessions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot


def streaks(snapshot: Snapshot, user_id: str, period: Period) -> pl.DataFrame:
    """first_date, last_date, days of every run of days with a play (UTC) within the period, longest first."""
    return snapshot.frame(
        """with days as (
               select distinct played_date as day from gold.fct_plays
               where user_id = $user_id and played_date between $first and $last
           ), runs as (
               select day, day - (row_number() over (order by day))::int as run from days
           )
           select min(day) as first_date, max(day) as last_date, count(*) as days
           from runs group by run order by days desc, last_date desc""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )


def discoveries(snapshot: Snapshot, user_id: str, period: Period) -> Mapping[str, object]:
    """new_tracks and new_artists: heard within the period and never before it."""
    return snapshot.row(
        """with firsts as (
               select track_key, any_value(artist_key) as artist_key, min(played_date) as first_date
               from gold.fct_plays where user_id = $user_id and track_key is not null group by track_key
           ), artists as (
               select artist_key, min(first_date) as first_date from firsts group by artist_key
           )
           select (select count(*) from firsts where first_date between $first and $last) as new_tracks,
               (select count(*) from artists where first_date between $first and $last) as new_artists""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )


def trends(snapshot: Snapshot, user_id: str, period: Period, step: str) -> pl.DataFrame:
    """start of each day, week or month with plays: hours, skip_rate, discovery_rate (first listens)."""
    return snapshot.frame(
        """with ranked as (
               select date_trunc($step, played_date)::date as start, played_date, ms_played, is_skipped,
                   row_number() over (partition by track_key order by started_at, event_id) = 1
                       and track_key is not null as is_first
               from gold.fct_plays where user_id = $user_id and played_date <= $last
           )
           select start, sum(ms_played) / 3600000 as hours,
               count(*) filter (is_skipped) / count(*) as skip_rate,
               count(*) filter (is_first) / count(*) as discovery_rate, count(*) as plays
           from ranked where played_date >= $first group by start order by start""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        step=step,
    )


def first_listens(snapshot: Snapshot, user_id: str, period: Period, many: int = 30) -> pl.DataFrame:
    """first_at, artist_name, track_title (heard first), plays and tracks since: new artists, newest first."""
    return snapshot.frame(
        """select min(started_at) as first_at, any_value(artist_name) as artist_name,
               arg_min(track_title, started_at) as track_title, count(*) as plays,
               count(distinct track_key) as tracks
           from gold.fct_plays where user_id = $user_id and artist_key is not null
           group by artist_key having min(played_date) between $first and $last
           order by first_at desc, artist_name limit $many""",
        user_id=user_id,
        first=period.first,
        last=period.last,
        many=many,
    )


def sessions(snapshot: Snapshot, user_id: str, period: Period) -> Mapping[str, object]:
    """sessions, minutes (median length), longest (minutes) and plays per session of the period."""
    return snapshot.row(
        """with lengths as (
               select plays, date_diff('second', started_at, ended_at) / 60 as minutes from gold.fct_sessions
               where user_id = $user_id and session_date between $first and $last
           )
           select count(*) as sessions, median(minutes) as minutes, max(minutes) as longest,
               avg(plays) as plays from lengths""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )
