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


def gates(snapshot: Snapshot) -> pl.DataFrame:
    """One row per rule of a gate: gate, rule, outcome, found, expected, evaluated_at, in the flow's order.

    Empty too for a snapshot of before gates were written down.
    """
    if not snapshot.holds("gate_results"):
        return pl.DataFrame()
    return snapshot.frame(
        """select gate, rule, if(passed, '✓ passed', '✕ shut') as outcome, found, expected, evaluated_at
           from gate_results order by rowid"""
    )


def builds(snapshot: Snapshot) -> pl.DataFrame:
    """One row per build, newest ten: began_at, scope, outcome, seconds, models, tests, failed, error.

    Empty too for a snapshot of before builds were written down.
    """
    if not snapshot.holds("pipeline_runs"):
        return pl.DataFrame()
    return snapshot.frame(
        """select began_at, scope, outcome, seconds, models, tests, failed, error
           from pipeline_runs order by began_at desc limit 10"""
    )
