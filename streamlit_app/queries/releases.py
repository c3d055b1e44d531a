"""One release: what platforms say was streamed of its recordings.

None of it is money: what a release earned is asked of `royalties`, with `Share.release`.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.snapshot import Snapshot

# A platform tells the same streams in several reports: of a recording's day the fullest report counts.
# What is earlier than the release's first month is its recordings' life on an earlier record.
_DAILY = """with tracks as (
    select release_id, recording_id, first_earned_month as begun
    from gold.dim_release_tracks join gold.dim_releases using (release_id)
), reports as (
    select release_id, recording_id, lower(store) as store_key, min(store) as store_name, report_kind,
        line_date, sum(streams)::bigint as streams
    from gold.fct_platform_streams join tracks using (recording_id)
    where line_date is not null and streams > 0 and line_date >= coalesce(begun, line_date)
    group by release_id, recording_id, lower(store), report_kind, line_date
), daily as (
    select release_id, recording_id, store_key, min(store_name) as store_name, line_date,
        max(streams) as streams
    from reports group by release_id, recording_id, store_key, line_date
)
"""
# The first day of which a report tells. Where the first month was paid but not reported, it is unknown.
_BEGUN = """, days as (
    select release_id, min(line_date) as told_date from daily group by release_id
), begun as (
    select release_id,
        case when date_trunc('month', told_date) <= coalesce(first_earned_month, told_date) then told_date end
            as release_day
    from days join gold.dim_releases using (release_id)
)
"""


def asked(snapshot: Snapshot, rest: str, **parameters: object) -> pl.DataFrame:
    """The rows of `rest`, which reads tracks, daily, days and begun as above."""
    return snapshot.frame(_DAILY + _BEGUN + rest, **parameters)


def choices(snapshot: Snapshot) -> pl.DataFrame:
    """release_id, label of every record, newest first; a podcast's show is none."""
    return snapshot.frame(
        """select release_id, coalesce(release_title, release_id)
               || if(artist_name is null, '', ' · ' || artist_name) as label
           from gold.dim_releases
           where artist_name is not null
               or release_id in (select release_id from gold.dim_release_tracks)
           order by first_earned_month desc nulls last, label, release_id"""
    )


def about(snapshot: Snapshot, release: str) -> Mapping[str, object]:
    """release_title, artist_name, upc, catalog_number, first and last_earned_month, release_day, streams,
    stores, tracks of one release."""
    found = asked(
        snapshot,
        """select release_title, artist_name, upc, catalog_number, first_earned_month, last_earned_month,
               (select release_day from begun where release_id = $release) as release_day,
               (select coalesce(sum(streams), 0)::bigint from daily where release_id = $release) as streams,
               (select count(distinct store_key) from daily where release_id = $release) as stores,
               (select count(*) from tracks where release_id = $release) as tracks
           from gold.dim_releases where release_id = $release""",
        release=release,
    )
    return found.row(0, named=True)


def by_month(snapshot: Snapshot, release: str, many: int = 6) -> pl.DataFrame:
    """month, month_name, store_name (the `many` with most streams, then Other), place, streams; by month."""
    return asked(
        snapshot,
        """, places as (
               select store_key, min(store_name) as name,
                   row_number() over (order by sum(streams) desc, store_key) as place
               from daily where release_id = $release group by store_key
           )
           select date_trunc('month', line_date)::date as month, strftime(line_date, '%b %Y') as month_name,
               if(place <= $many, name, 'Other') as store_name, least(place, $many + 1) as place,
               sum(streams)::bigint as streams
           from daily join places using (store_key) where release_id = $release
           group by all order by month, place""",
        release=release,
        many=many,
    )


def by_store(snapshot: Snapshot, release: str) -> pl.DataFrame:
    """key, name, streams per store, most first."""
    return asked(
        snapshot,
        """select store_key as key, min(store_name) as name, sum(streams)::bigint as streams
           from daily where release_id = $release group by store_key order by streams desc, key""",
        release=release,
    )


def by_country(snapshot: Snapshot, release: str) -> pl.DataFrame:
    """key, name, streams per country, most first: of the reports that tell one, the fullest of each."""
    return snapshot.frame(
        """with told as (
               select country, lower(store) as store_key, recording_id, line_date, report_kind,
                   sum(streams) as streams
               from gold.fct_platform_streams join gold.dim_release_tracks using (recording_id)
               join gold.dim_releases using (release_id)
               where release_id = $release and country is not null and line_date is not null and streams > 0
                   and line_date >= coalesce(first_earned_month, line_date)
               group by all
           ), fullest as (
               select country, max(streams) as streams
               from told group by country, store_key, recording_id, line_date
           )
           select country as key, coalesce(any_value(country_name), country) as name,
               sum(streams)::bigint as streams
           from fullest left join gold.dim_regions using (country)
           group by country order by streams desc, name""",
        release=release,
    )


def tracks(snapshot: Snapshot, release: str) -> pl.DataFrame:
    """recording_id, track_title, isrc, streams of each recording, most streamed first."""
    return asked(
        snapshot,
        """, heard as (
               select recording_id, sum(streams)::bigint as streams from daily
               where release_id = $release group by recording_id
           )
           select recording_id, coalesce(track_title, recording_id) as track_title, isrc, streams
           from gold.dim_release_tracks left join heard using (recording_id)
           where release_id = $release order by streams desc nulls last, track_title, recording_id""",
        release=release,
    )
