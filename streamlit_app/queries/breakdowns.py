"""How much is played, broken down by what the plays themselves say."""

from __future__ import annotations

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.queries.listening import GLOBAL
from streamlit_app.snapshot import Snapshot

COLUMNS = {"device": "Device", "source": "Source", "context": "From where"}
KIND = "kind"
SHOWN = 6
_MEASURES = """count(*) as plays, count(*) filter (is_stream) as streams,
               count(distinct user_id) as listeners,
               sum(ms_played) / 3600000 as hours, avg(is_skipped::int) as skip_rate"""


def series(snapshot: Snapshot, period: Period, grain: str, column: str, region: str = GLOBAL) -> pl.DataFrame:
    """bucket, name, plays, streams, listeners, hours, skip_rate by one of `COLUMNS`.

    The six values with most plays in the period, the rest as Other; what a play does not say is Unknown.
    """
    field = next(name for name in COLUMNS if name == column)
    return snapshot.frame(
        f"""with played as (
                select date_trunc($grain, played_hour)::timestamp as bucket, user_id, is_stream, is_skipped,
                    ms_played, coalesce({field}, 'Unknown') as value
                from gold.fct_plays
                where played_date between $first and $last and $region in ('GLOBAL', country)
            ), largest as (
                select value, row_number() over (order by count(*) desc, value) as place
                from played group by value qualify place <= $shown
            )
            select bucket, coalesce(largest.value, 'Other') as name, {_MEASURES}
            from played left join largest using (value)
            group by all order by bucket, name""",  # noqa: S608 - one of three columns
        **_asked(period, grain, region),
        shown=SHOWN,
    )


def kinds(snapshot: Snapshot, period: Period, grain: str, region: str = GLOBAL) -> pl.DataFrame:
    """The same columns for Music and Podcasts; a podcast has no streams and no skips (null)."""
    return snapshot.frame(
        f"""with music as (
                select date_trunc($grain, played_hour)::timestamp as bucket, 'Music' as name, {_MEASURES}
                from gold.fct_plays
                where played_date between $first and $last and $region in ('GLOBAL', country) group by bucket
            ), podcasts as (
                select date_trunc($grain, started_at)::timestamp as bucket, 'Podcasts' as name,
                    count(*) as plays, null as streams, count(distinct user_id) as listeners,
                    sum(listened_ms) / 3600000 as hours, null as skip_rate
                from gold.fct_podcast_listens
                where listen_date between $first and $last and $region in ('GLOBAL', country) group by bucket
            )
            select * from music union all by name select * from podcasts
            order by bucket, name""",  # noqa: S608 - fixed columns
        **_asked(period, grain, region),
    )


def _asked(period: Period, grain: str, region: str) -> dict[str, object]:
    return {"first": period.first, "last": period.last, "grain": grain, "region": region}
