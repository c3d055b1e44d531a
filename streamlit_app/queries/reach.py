"""How far a track or an artist is heard: in which countries, and by how many."""

from __future__ import annotations

import polars as pl

from streamlit_app.snapshot import Snapshot

_COLUMNS = {"track": "track_key", "artist": "artist_key"}


def countries(snapshot: Snapshot, kind: str, key: str, many: int = 10) -> pl.DataFrame:
    """country_name, plays, listeners of a track or an artist, most plays first."""
    return _reach(snapshot, kind, key).filter(~pl.col("is_whole")).drop("is_whole").head(many)


def listeners(snapshot: Snapshot, kind: str, key: str) -> int:
    """Different listeners, wherever they are."""
    return int(_reach(snapshot, kind, key).filter("is_whole")["listeners"].sum())


def _reach(snapshot: Snapshot, kind: str, key: str) -> pl.DataFrame:
    """country_name, plays, listeners, is_whole: of all countries together, then of each, in one reading."""
    return snapshot.frame(
        f"""select coalesce(any_value(country_name), fct_plays.country, 'unknown') as country_name,
               count(*) as plays, count(distinct user_id) as listeners,
               grouping(fct_plays.country) = 1 as is_whole
           from gold.fct_plays left join gold.dim_regions on dim_regions.country = fct_plays.country
           where {_COLUMNS[kind]} = $key group by rollup (fct_plays.country)
           order by is_whole desc, plays desc, country_name""",  # noqa: S608 - one of two columns
        key=key,
    )
