"""The KPIs of the artist's business: what each is now, was before and is to be."""

from __future__ import annotations

import polars as pl

from streamlit_app.snapshot import Snapshot

# What the viewer may be told: without money neither an amount nor anything of royalties.
_TOLD = """with told as (
    select kpi, kpi_source, unit, value, kpi_date from gold.kpi_daily
    where $with_money or (unit <> 'currency' and kpi_source <> 'royalty_reconciliation')
)
"""


def _asked(snapshot: Snapshot, rest: str, **asked: object) -> pl.DataFrame:
    return snapshot.frame(_TOLD + rest, **asked)


def board(snapshot: Snapshot, days: int, *, with_money: bool) -> pl.DataFrame:
    """One row per KPI that has a value, in the seed's order of sources, with its definition.

    value, prior, trend (list, oldest first), first_date and last_date of the `days` days, or the months in
    them, up to the newest its source tells: reports do not end on one day. prior is null where the data do
    not reach back that far. target is for the whole time. Without `with_money` nothing of royalties, and no
    amount.
    """
    return _asked(
        snapshot,
        """, spans as (
               select kpi_source, min(kpi_date) as begun, max(kpi_date) as newest from told group by all
           ), steps as (
               select dim_kpis.*, begun, newest, if(grain = 'month', greatest($days // 30, 1), $days) as many,
                   if(grain = 'month', interval 1 month, interval 1 day) as step
               from gold.dim_kpis join spans using (kpi_source)
           ), windows as (
               select *, (newest - (many - 1) * step)::date as first_date,
                   (newest - (2 * many - 1) * step)::date as prior_date
               from steps
           ), parted as (
               select kpi, value, kpi_date, kpi_date >= first_date as is_now
               from told join windows using (kpi) where kpi_date >= prior_date
           ), taken as (
               select kpi, is_now, sum(value) as total, avg(value) as mean,
                   arg_max(value, kpi_date) as newest, min(value) as least,
                   list(value::double order by kpi_date) as trend
               from parted group by all
           ), rolled as (
               select kpi, is_now, trend,
                   case over_time when 'sum' then total when 'mean' then mean when 'last' then taken.newest
                       else least end::decimal(28, 6) as value
               from taken join windows using (kpi)
           )
           select windows.kpi, title, rolled.value, before.value as prior,
               (target * if(over_time = 'sum', many, 1))::decimal(28, 6) as target, unit, report_currency,
               grain, over_time, better, formula, caveat, windows.kpi_source, first_date,
               windows.newest as last_date, rolled.trend
           from windows join rolled on windows.kpi = rolled.kpi and is_now
           left join rolled as before
               on windows.kpi = before.kpi and not before.is_now and begun <= prior_date
           order by kpi_source, title""",
        days=days,
        with_money=with_money,
    )


def over_time(snapshot: Snapshot, kpi: str, *, with_money: bool) -> pl.DataFrame:
    """bucket (day, or first of the month), value, name: all that is told of one KPI."""
    return _asked(
        snapshot,
        """select kpi_date::timestamp as bucket, value, title as name
           from told join gold.dim_kpis using (kpi) where kpi = $kpi order by bucket""",
        kpi=kpi,
        with_money=with_money,
    )
