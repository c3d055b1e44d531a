"""Podcast episodes: heard, finished, and how far."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot


def span(snapshot: Snapshot) -> Mapping[str, object]:
    """first_date, last_date of any listen; null when there is none."""
    return snapshot.row(
        "select min(listen_date) as first_date, max(listen_date) as last_date from gold.fct_podcast_listens"
    )


def totals(snapshot: Snapshot, period: Period) -> Mapping[str, object]:
    """listens, listeners, completed, listened_ms (furthest positions), listen_through_rate (uncapped)."""
    return snapshot.row(
        """select count(*) as listens, count(distinct user_id) as listeners,
               count(*) filter (is_completed) as completed,
               coalesce(sum(listened_ms), 0)::bigint as listened_ms,
               sum(listened_ms) filter (duration_ms > 0)
                   / sum(duration_ms) filter (duration_ms > 0) as listen_through_rate
           from gold.fct_podcast_listens where listen_date between $first and $last""",
        first=period.first,
        last=period.last,
    )


def episodes(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """One row per episode, most completed first: plays, listeners (distinct), completes, rates, hours."""
    return snapshot.frame(
        """with people as (
               select episode_id, count(distinct user_id) as listeners, count(*) as listens,
                   count(*) filter (is_completed) as completed
               from gold.fct_podcast_listens where listen_date between $first and $last group by episode_id
           )
           select coalesce(any_value(shown.episode_title), shown.episode_id) as episode_title,
               any_value(shown.podcast_title) as podcast_title, sum(shown.plays)::bigint as plays,
               coalesce(any_value(people.listeners), 0) as listeners,
               sum(shown.completes)::bigint as completes,
               any_value(people.completed / people.listens) as completion_rate,
               coalesce(sum(listened_ms), 0) / 3600000 as hours, any_value(duration_ms) / 60000 as minutes
           from gold.episode_performance as shown left join people using (episode_id)
           where listen_date between $first and $last group by shown.episode_id
           order by completes desc, plays desc, episode_title""",
        first=period.first,
        last=period.last,
    )


def by_country(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """One row per country, most listens first: listens, completes, listen-through uncapped and capped."""
    return snapshot.frame(
        """select coalesce(country_name, country, 'unknown') as country_name, sum(listens)::bigint as listens,
               sum(completes)::bigint as completes,
               if(sum(duration_ms) > 0, sum(listened_ms) / sum(duration_ms), null) as listen_through_rate,
               if(sum(duration_ms) > 0, sum(listened_ms_capped) / sum(duration_ms), null)
                   as listen_through_rate_capped
           from gold.listen_through_by_country where listen_date between $first and $last
           group by all order by listens desc, country_name""",
        first=period.first,
        last=period.last,
    )
