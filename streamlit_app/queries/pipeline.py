"""How fresh and how clean the data are."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.snapshot import Snapshot


def published(snapshot: Snapshot) -> Mapping[str, object]:
    """published_at and source_warehouse."""
    return snapshot.row("select published_at, source_warehouse from meta limit 1")


def span(snapshot: Snapshot) -> Mapping[str, object]:
    """first_date, last_date (null when nothing was played) and plays, over everything."""
    return snapshot.row(
        """select min(played_date) as first_date, max(played_date) as last_date,
               coalesce(sum(plays), 0)::bigint as plays
           from gold.daily_listening_stats where region = 'GLOBAL'"""
    )


def topics(snapshot: Snapshot) -> pl.DataFrame:
    """One row per topic: landed, accepted, rejected, accepted_share, latest_occurred_at, latest_landed_at."""
    return snapshot.frame(
        """select topic, landed, accepted, rejected,
               if(landed = 0, null, accepted / landed) as accepted_share,
               latest_occurred_at, latest_landed_at
           from gold.pipeline_freshness order by landed desc, topic"""
    )


def refusals(snapshot: Snapshot) -> pl.DataFrame:
    """One row per topic and error code: events, first and last day; most first."""
    return snapshot.frame(
        """select topic, error_code, sum(events)::bigint as events, min(error_date) as first_date,
               max(error_date) as last_date
           from gold.data_quality_summary
           group by topic, error_code order by events desc, topic, error_code"""
    )


def builds(snapshot: Snapshot) -> pl.DataFrame:
    """One row per build, newest ten: began_at, scope, outcome, seconds, models, tests, failed, error.

    Empty too for a snapshot of before builds were written down.
    """
    if not _has_builds(snapshot):
        return pl.DataFrame()
    return snapshot.frame(
        """select began_at, scope, outcome, seconds, models, tests, failed, error
           from pipeline_runs order by began_at desc limit 10"""
    )


def slowest_models(snapshot: Snapshot) -> pl.DataFrame:
    """The ten slowest models of the newest build: model, seconds, before (in the build before it)."""
    return snapshot.frame(
        """with timed as (
               select *, dense_rank() over (partition by model order by began_at desc) as age
               from model_timings
           )
           select model, max(seconds) filter (age = 1) as seconds, max(seconds) filter (age = 2) as before
           from timed group by model
           having max(began_at) = (select max(began_at) from model_timings)
           order by seconds desc, model limit 10"""
    )


def _has_builds(snapshot: Snapshot) -> bool:
    found = snapshot.row(
        """select count(*) as tables from duckdb_tables()
           where database_name = 'published' and table_name = 'pipeline_runs'"""
    )
    return bool(found["tables"])
