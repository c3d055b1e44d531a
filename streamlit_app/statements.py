"""Statement lines, what reconciliation found in them, and those that fit nothing, as parts of a page."""

from __future__ import annotations

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters
from streamlit_app.queries import royalties
from streamlit_app.queries.royalties import Share
from streamlit_app.snapshot import Snapshot

OWED = ("missing payment", "too little")
WRONG = (*OWED, "paid twice", "wrong split")
_SIGNS = {
    "missing payment": "✕ missing payment",
    "too little": "▼ too little",
    "paid twice": "▲ paid twice",
    "wrong split": "÷ wrong split",
}
_MONTH = "MMM YYYY"


def lines(snapshot: Snapshot, share: Share, currency: str) -> None:
    """The lines of what is chosen above: each with its file, number and hash."""
    data = royalties.lines(snapshot, share)
    components.table(
        "lines",
        "Statement lines",
        data,
        {
            "month": st.column_config.DateColumn("Month", format=_MONTH, width=80),
            "store_name": st.column_config.TextColumn("Store", width=100),
            "country_name": st.column_config.TextColumn("Country", width=105),
            "track_title": st.column_config.TextColumn("Track", width=140),
            "quantity": st.column_config.NumberColumn("Units", format="localized", width=70),
            "net_converted": st.column_config.NumberColumn(f"Net ({currency})", format="%.4f", width=90),
            "net_amount": st.column_config.NumberColumn("As told", format="%.4f", width=85),
            "currency": st.column_config.TextColumn("In", width=45),
            "is_paid_twice": st.column_config.CheckboxColumn("Twice", width=55),
            "is_wrong_split": st.column_config.CheckboxColumn("Split", width=50),
            "file_name": st.column_config.TextColumn("File", width=165),
            "line_number": st.column_config.NumberColumn("Line", format="%d", width=55),
        },
    )


def reconciled(compared: pl.DataFrame, currency: str) -> None:
    """Expected against paid by month, and every store and month with what was found."""
    note = "Column: paid. Line: reported streams × the usual rate. Of stores whose streams a report tells."
    with components.panel("owed", "Paid and expected", note) as panel:
        months = (
            compared.drop_nulls("expected_amount")
            .group_by("earned_month", "month_name")
            .agg(
                pl.col("net_converted").sum().alias("paid"),
                pl.col("expected_amount").sum().alias("expected"),
                pl.col("missing_amount").sum().alias("missing"),
            )
            .sort("earned_month")
        )
        if months.is_empty():
            st.markdown("Nothing to compare: no report tells the streams of these stores and months.")
        else:
            components.chart(panel, months, charts.paid_and_expected(220), "Paid and expected by month")
    is_wrong = filters.flag("wrong", "Only what is wrong")
    shown = compared.filter(pl.col("finding").is_in(WRONG)) if is_wrong else compared
    components.table(
        "reconciliation",
        "Reconciliation",
        shown.with_columns(sign=pl.col("finding").replace(_SIGNS)),
        {
            "earned_month": st.column_config.DateColumn("Earned", format=_MONTH, width=80),
            "store_name": st.column_config.TextColumn("Store", width=115),
            "sign": st.column_config.TextColumn("Finding", width=150),
            "reported_streams": st.column_config.NumberColumn("Reported", format="localized", width=80),
            "paid_quantity": st.column_config.NumberColumn("Paid for", format="localized", width=80),
            "expected_amount": st.column_config.NumberColumn(
                f"Expected ({currency})", format="%.2f", width=115
            ),
            "net_converted": st.column_config.NumberColumn("Paid", format="%.2f", width=80),
            "missing_amount": st.column_config.NumberColumn("Missing", format="%.2f", width=75),
            "doubled_amount": st.column_config.NumberColumn("Paid twice", format="%.2f", width=85),
            "split_difference": st.column_config.NumberColumn("Split off", format="%.2f", width=75),
            "payout_lag_days": st.column_config.NumberColumn("Lag (days)", format="%.0f", width=80),
        },
        rows=9,
    )


def unmatched(snapshot: Snapshot) -> None:
    """Lines that were refused, and lines of no known track."""
    data = royalties.unmatched(snapshot)
    if data.is_empty():
        return
    components.table(
        "unmatched",
        "Lines that fit nothing",
        data,
        {
            "file_name": st.column_config.TextColumn("File", width=170),
            "line_number": st.column_config.NumberColumn("Line", format="%d", width=60),
            "reason": st.column_config.TextColumn("Why", width=140),
            "store": st.column_config.TextColumn("Store", width=100),
            "artist_name": st.column_config.TextColumn("Artist", width=130),
            "track_title": st.column_config.TextColumn("Track", width=160),
            "release_title": st.column_config.TextColumn("Release", width=150),
            "net_amount": st.column_config.NumberColumn("Net as told", format="%.4f", width=95),
        },
        rows=8,
    )
