"""The charts: top 10 per region, by day and by hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from streamlit_app.snapshot import Snapshot

_COLUMNS = """ "rank", track_key, track_title, artist_name, plays, listeners, previous_rank, move, peak_rank,
    streak"""


def span(snapshot: Snapshot, region: str) -> Mapping[str, object]:
    """first_date, last_date of the region's daily chart."""
    return snapshot.row(
        """select min(chart_date) as first_date, max(chart_date) as last_date
           from gold.top_songs_daily where region = $region""",
        region=region,
    )


def hour_span(snapshot: Snapshot, region: str) -> Mapping[str, object]:
    """first_hour, last_hour (UTC, without a zone) of the region's hourly chart."""
    return snapshot.row(
        """select min(chart_hour) as first_hour, max(chart_hour) as last_hour
           from gold.top_songs_hourly where region = $region""",
        region=region,
    )


def regions(snapshot: Snapshot) -> pl.DataFrame:
    """region, name: GLOBAL first, then by name."""
    return snapshot.frame(
        """select charts.region,
               coalesce(country_name, if(charts.region = 'GLOBAL', 'All countries', charts.region)) as name
           from (select distinct region from gold.top_songs_daily) as charts
           left join gold.dim_regions on country = charts.region order by charts.region <> 'GLOBAL', name"""
    )


def hours(snapshot: Snapshot, region: str, first: datetime, end: datetime) -> list[datetime]:
    """The hours (UTC, without a zone) from `first` to before `end` that have a chart, latest first."""
    frame = snapshot.frame(
        """select distinct chart_hour from gold.top_songs_hourly
           where region = $region and chart_hour >= $first and chart_hour < $end order by chart_hour desc""",
        region=region,
        first=first,
        end=end,
    )
    return frame["chart_hour"].to_list()


def daily(snapshot: Snapshot, region: str, day: date) -> pl.DataFrame:
    """The chart of a day, best first."""
    return snapshot.frame(
        f"""select {_COLUMNS} from gold.top_songs_daily
            where region = $region and chart_date = $day order by "rank" """,  # noqa: S608 - fixed columns
        region=region,
        day=day,
    )


def hourly(snapshot: Snapshot, region: str, hour: datetime) -> pl.DataFrame:
    """The chart of an hour, best first."""
    return snapshot.frame(
        f"""select {_COLUMNS} from gold.top_songs_hourly
            where region = $region and chart_hour = $hour order by "rank" """,  # noqa: S608 - fixed columns
        region=region,
        hour=hour,
    )


def path_of_daily(snapshot: Snapshot, region: str, day: date, days: int = 14) -> pl.DataFrame:
    """bucket, song, place (today's rank), rank: today's top 5 over the last `days` days."""
    return snapshot.frame(
        """with foremost as (
               select track_key, "rank" as place from gold.top_songs_daily
               where region = $region and chart_date = $day and "rank" <= 5
           )
           select chart_date::timestamp as bucket, track_title || ' · ' || artist_name as song, place, "rank"
           from gold.top_songs_daily join foremost using (track_key)
           where region = $region and chart_date > $day::date - $days::int and chart_date <= $day
           order by place, bucket""",
        region=region,
        day=day,
        days=days,
    )


def path_of_hourly(snapshot: Snapshot, region: str, hour: datetime, hours: int = 24) -> pl.DataFrame:
    """bucket, song, place, rank: this hour's top 5 over the last `hours` hours."""
    return snapshot.frame(
        """with foremost as (
               select track_key, "rank" as place from gold.top_songs_hourly
               where region = $region and chart_hour = $hour and "rank" <= 5
           )
           select chart_hour as bucket, track_title || ' · ' || artist_name as song, place, "rank"
           from gold.top_songs_hourly join foremost using (track_key)
           where region = $region and chart_hour > $hour::timestamp - to_hours($hours::int)
               and chart_hour <= $hour
           order by place, bucket""",
        region=region,
        hour=hour,
        hours=hours,
    )
