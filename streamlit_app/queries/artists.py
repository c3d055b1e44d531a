"""Artists by what is streamed of them."""

from __future__ import annotations

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot


def over_time(snapshot: Snapshot, period: Period, grain: str, many: int = 6) -> pl.DataFrame:
    """bucket (day or week), artist_name, streams, place (1 = most) of the `many` top artists."""
    return snapshot.frame(
        """with foremost as (
               select artist_key, row_number() over (order by sum(streams) desc, artist_key) as place
               from gold.artist_popularity where played_date between $first and $last
               group by artist_key qualify place <= $many
           )
           select date_trunc($grain, played_date)::timestamp as bucket, any_value(artist_name) as artist_name,
               sum(streams)::bigint as streams, place
           from gold.artist_popularity join foremost using (artist_key)
           where played_date between $first and $last
           group by bucket, artist_key, place order by place, bucket""",
        first=period.first,
        last=period.last,
        grain="week" if grain == "week" else "day",
        many=many,
    )
