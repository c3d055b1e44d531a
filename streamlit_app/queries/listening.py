"""How much is played: per period, day, hour and country."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot

GLOBAL = "GLOBAL"


def regions(snapshot: Snapshot) -> pl.DataFrame:
    """region, name: GLOBAL first, then countries by plays."""
    return snapshot.frame(
        """select stats.region, coalesce(any_value(country_name),
                   if(stats.region = 'GLOBAL', 'All countries', stats.region)) as name
           from gold.daily_listening_stats as stats
           left join gold.dim_regions on country = stats.region
           group by stats.region order by stats.region <> 'GLOBAL', sum(plays) desc, stats.region"""
    )


def totals(snapshot: Snapshot, period: Period, region: str = GLOBAL) -> Mapping[str, object]:
    """plays, streams, skips, ms_played (0 when nothing), listeners (distinct over the whole period)."""
    return snapshot.row(
        """select coalesce(sum(plays), 0)::bigint as plays, coalesce(sum(streams), 0)::bigint as streams,
               coalesce(sum(skips), 0)::bigint as skips, coalesce(sum(ms_played), 0)::bigint as ms_played,
               (select count(distinct user_id) from gold.daily_listeners
                where played_date between $first and $last and $region in ('GLOBAL', country)) as listeners
           from gold.daily_listening_stats where region = $region and played_date between $first and $last""",
        first=period.first,
        last=period.last,
        region=region,
    )


def daily(snapshot: Snapshot, period: Period, region: str = GLOBAL) -> pl.DataFrame:
    """One row per day, silent days included: day, plays, streams, listeners, ms_played, skip_rate."""
    return snapshot.frame(
        """with days as (
               select unnest(generate_series($first::date, $last::date, interval 1 day))::date as day
           )
           select day, coalesce(plays, 0) as plays, coalesce(streams, 0) as streams,
               coalesce(listeners, 0) as listeners, coalesce(ms_played, 0) as ms_played,
               coalesce(skip_rate, 0) as skip_rate
           from days left join gold.daily_listening_stats on played_date = day and region = $region
           order by day""",
        first=period.first,
        last=period.last,
        region=region,
    )


def by_area(snapshot: Snapshot, period: Period, grain: str) -> pl.DataFrame:
    """bucket (hour or day), area (a part of the world), plays: the six largest areas, the rest as Other."""
    return snapshot.frame(
        """with hourly as (
               select region, played_hour, plays from gold.listening_trends
               where played_date between $first and $last
           ), placed as (
               select played_hour, plays, coalesce(dim_regions.region, 'Other') as area
               from hourly left join gold.dim_regions on country = hourly.region
               where hourly.region <> 'GLOBAL'
               union all
               -- plays whose country is unknown are only in the total
               select played_hour, sum(if(region = 'GLOBAL', plays, -plays)), 'Other'
               from hourly group by played_hour
           ), largest as (
               select area, row_number() over (order by sum(plays) desc, area) as place
               from placed where area <> 'Other' group by area qualify place <= 6
           )
           select date_trunc($grain, played_hour)::timestamp as bucket,
               coalesce(largest.area, 'Other') as area,
               sum(plays)::bigint as plays, coalesce(any_value(place), 7)::bigint as place
           from placed left join largest using (area)
           group by all having sum(plays) > 0 order by place, bucket""",
        first=period.first,
        last=period.last,
        grain=grain,
    )


def by_country(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """One row per country, most plays first: plays, listeners, hours, skip_rate, trend (plays per day)."""
    return snapshot.frame(
        """with people as (
               select country, count(distinct user_id) as listeners from gold.daily_listeners
               where played_date between $first and $last group by country
           )
           select stats.region as country, coalesce(any_value(country_name), stats.region) as country_name,
               any_value(numeric_code) as numeric_code, sum(stats.plays)::bigint as plays,
               any_value(people.listeners) as listeners, sum(ms_played) / 3600000 as hours,
               sum(skips) / sum(stats.plays) as skip_rate, list(stats.plays order by played_date) as trend
           from gold.daily_listening_stats as stats
           left join gold.dim_regions on dim_regions.country = stats.region
           left join people on people.country = stats.region
           where stats.region <> 'GLOBAL' and played_date between $first and $last
           group by stats.region order by plays desc, stats.region""",
        first=period.first,
        last=period.last,
    )


def series(snapshot: Snapshot, period: Period, grain: str, regions: tuple[str, ...]) -> pl.DataFrame:
    """bucket, region, name, plays, streams, listeners, hours, skip_rate; grain hour, day or week (Monday).

    Listeners of a week are distinct over the week, not a sum of days.
    """
    return snapshot.frame(
        """with measured as (
               select region, played_hour as moment, plays, streams, skips, listeners, ms_played
               from gold.listening_trends where $grain = 'hour' and played_date between $first and $last
               union all
               select region, played_date::timestamp, plays, streams, skips, listeners, ms_played
               from gold.daily_listening_stats where $grain <> 'hour' and played_date between $first and $last
           ), totalled as (
               select date_trunc($grain, moment)::timestamp as bucket, region, sum(plays)::bigint as plays,
                   sum(streams)::bigint as streams, sum(listeners)::bigint as listeners,
                   sum(ms_played) / 3600000 as hours, sum(skips) / sum(plays) as skip_rate
               from measured where list_contains($regions, region) group by all
           ), people as (
               select date_trunc('week', played_date)::timestamp as bucket,
                   coalesce(country, 'GLOBAL') as region, count(distinct user_id) as listeners
               from gold.daily_listeners where $grain = 'week' and played_date between $first and $last
               group by grouping sets ((bucket), (bucket, country))
               having grouping(country) = 1 or country is not null
           )
           select bucket, totalled.region,
               coalesce(country_name,
                   if(totalled.region = 'GLOBAL', 'All countries', totalled.region)) as name,
               plays, streams, coalesce(people.listeners, totalled.listeners) as listeners, hours, skip_rate
           from totalled left join people using (bucket, region)
           left join gold.dim_regions on country = totalled.region order by bucket, totalled.region""",
        grain=grain,
        first=period.first,
        last=period.last,
        regions=regions,
    )
