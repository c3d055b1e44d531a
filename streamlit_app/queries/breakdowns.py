"""How much is played, broken down by what the plays themselves say."""

from __future__ import annotations

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.queries.listening import GLOBAL
from streamlit_app.snapshot import Snapshot

COLUMNS = {"device": "Device", "source": "Source", "context": "From where"}
KIND = "kind"
SHOWN = 6
_MEASURES = """sum(plays)::bigint as plays, sum(streams)::bigint as streams,
                count(distinct user_id) as listeners,
                sum(ms_played) / 3600000 as hours, sum(skips) / sum(plays) as skip_rate"""


def series(snapshot: Snapshot, period: Period, grain: str, column: str, region: str = GLOBAL) -> pl.DataFrame:
    """bucket, name, plays, streams, listeners, hours, skip_rate by one of `COLUMNS`.

    The six values with most plays in the period, the rest as Other; what a play does not say is Unknown.
    """
    field = next(name for name in COLUMNS if name == column)
    return snapshot.frame(
        f"""with played as ({_played(f"coalesce({field}, 'Unknown')")}
            ), largest as (
                select value, row_number() over (order by sum(plays) desc, value) as place
                from played group by value qualify place <= $shown
            )
            select bucket, coalesce(largest.value, 'Other') as name, {_MEASURES}
            from played left join largest using (value)
            group by all order by bucket, name""",  # noqa: S608 - one of three columns
        **_asked(period, grain, region),
        shown=SHOWN,
    )


def _played(value: str) -> str:
    """bucket, value, user_id and their numbers: play by play for hours, else of the days' listeners."""
    return f"""
                select date_trunc($grain, played_hour)::timestamp as bucket, {value} as value, user_id,
                    1 as plays, is_stream::int as streams, is_skipped::int as skips, ms_played
                from gold.fct_plays
                where $grain = 'hour' and played_date between $first and $last
                    and $region in ('GLOBAL', country)
                union all
                select date_trunc($grain, played_date)::timestamp, {value}, user_id,
                    plays, streams, skips, ms_played
                from gold.daily_listeners
                where $grain <> 'hour' and played_date between $first and $last
                    and $region in ('GLOBAL', country)"""  # noqa: S608 - an expression of ours


def kinds(snapshot: Snapshot, period: Period, grain: str, region: str = GLOBAL) -> pl.DataFrame:
    """The same columns for Music and Podcasts; a podcast has no streams and no skips (null)."""
    return snapshot.frame(
        f"""with played as ({_played("'Music'")}
            ), music as (
                select bucket, value as name, {_MEASURES} from played group by bucket, value
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
