"""Series over time as they are drawn: silent steps are there, a period lies over the one before it (pure)."""

from __future__ import annotations

import polars as pl

from streamlit_app.charts.prior import BEFORE, NOW
from streamlit_app.periods import Period

_STEPS = {"hour": "1h", "day": "1d", "week": "1w"}
_AMOUNTS = ("plays", "streams", "listeners", "hours")


def filled(data: pl.DataFrame, grain: str) -> pl.DataFrame:
    """`data` (bucket, name, amounts, …) with 0 where a name has no row, between the first step and the last.

    Without it a line would go straight over the silence. What no play says, a skip rate, stays unknown.
    """
    if data.is_empty():
        return data
    known = data.with_columns(pl.col("bucket").dt.cast_time_unit("us"))
    first, last = pl.col("bucket").min(), pl.col("bucket").max()
    steps = known.select(bucket=pl.datetime_range(first, last, _STEPS[grain]))
    # A podcast has no streams: no zeros either.
    names = known.group_by("name", maintain_order=True).agg(
        pl.col(*_AMOUNTS).is_not_null().any().name.suffix("_told")
    )
    whole = steps.join(names, how="cross").join(
        known, on=["bucket", "name"], how="left", maintain_order="left"
    )
    zero = [pl.when(f"{name}_told").then(pl.col(name).fill_null(0)).alias(name) for name in _AMOUNTS]
    return whole.with_columns(zero).select(data.columns)


def laid_over(now: pl.DataFrame, before: pl.DataFrame, period: Period, prior: Period) -> pl.DataFrame:
    """Both as one frame with `bucket` moved into `period`, `moment` when it was, and `span` which of them."""
    days = (period.first - prior.first).days
    ours = now.with_columns(moment=pl.col("bucket"), span=pl.lit(NOW))
    theirs = before.with_columns(
        moment=pl.col("bucket"), bucket=pl.col("bucket").dt.offset_by(f"{days}d"), span=pl.lit(BEFORE)
    )
    return pl.concat([ours, theirs.select(ours.columns)])
