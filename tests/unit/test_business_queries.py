"""The artist's business on its pages: sums equal the warehouse's, and nothing is dropped on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from streamlit_app.queries import business, campaigns, royalties
from streamlit_app.queries.royalties import Share
from streamlit_app.snapshot import Snapshot
from tests.snapshot_builder import build_snapshot

ALL = Share(date(2025, 9, 1), date(2026, 8, 1))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot(build_snapshot(tmp_path_factory.mktemp("business")))


def test_every_cut_of_the_earnings_adds_up_to_what_the_statements_say(snapshot: Snapshot) -> None:
    whole = snapshot.row("select sum(net_converted) as net, count(*) as lines from gold.fct_royalties")
    totals = royalties.totals(snapshot, ALL)
    assert (totals["net"], totals["lines"]) == (whole["net"], whole["lines"])
    assert (totals["lines_without_rate"], totals["unmatched_lines"], totals["wrong_splits"]) == (
        1,
        1,
        24 // 4,
    )
    for of in ("store", "country", "release"):
        cut = royalties.earners(snapshot, ALL, of)
        assert (cut["net"].sum(), cut["lines"].sum()) == (whole["net"], whole["lines"])
    assert royalties.by_month(snapshot, ALL)["net"].sum() == whole["net"]


def test_reconciliation_tells_what_gold_found(snapshot: Snapshot) -> None:
    found = royalties.reconciliation(snapshot, ALL)
    held = snapshot.row("select count(*) as n, sum(missing_amount) as gap from gold.royalty_reconciliation")
    assert (found.height, found["missing_amount"].sum()) == (held["n"], held["gap"])
    (deezer,) = found.filter(finding="missing payment").rows(named=True)
    assert (deezer["store_name"], deezer["month_name"], deezer["net_converted"]) == (
        "Deezer",
        "Mar 2026",
        None,
    )


def test_a_kpi_is_rolled_up_as_its_definition_says(snapshot: Snapshot) -> None:
    board = {row["kpi"]: row for row in business.board(snapshot, 90, with_money=True).iter_rows(named=True)}
    daily = snapshot.frame("select kpi, value, kpi_date from gold.kpi_daily").sort("kpi_date")

    def told(kpi: str) -> list[Decimal]:
        return daily.filter(kpi=kpi)["value"].to_list()

    assert board["net_royalty"]["value"] == sum(told("net_royalty")[-3:])
    assert board["net_royalty"]["prior"] == sum(told("net_royalty")[-6:-3])
    assert board["net_royalty"]["target"] == 3 * 8000
    assert board["followers"]["value"] == told("followers")[-1]
    assert board["streams"]["prior"] is None
    assert float(board["payout_lag_days"]["value"]) == 61
    open_to_all = business.board(snapshot, 90, with_money=False)
    assert open_to_all.filter(
        (pl.col("unit") == "currency") | pl.col("kpi").str.contains("royalty")
    ).is_empty()


def test_spending_is_that_of_the_days(snapshot: Snapshot) -> None:
    spent = campaigns.spending(snapshot)["spend"]
    assert spent == campaigns.daily_spend(snapshot)["spend"].sum()
    assert spent == campaigns.advertised(snapshot)["spend_converted"].sum()
