"""The artist's business on its pages: sums equal the warehouse's, and nothing is dropped on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from streamlit_app.periods import Period
from streamlit_app.queries import audience, beginnings, business, campaigns, releases, royalties
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
    for of in ("store", "country", "release", "track"):
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


UNDERTOW = "190000000010"


def test_a_release_streamed_what_the_fullest_reports_tell(snapshot: Snapshot) -> None:
    """A chart that tells a part of the same streams by country adds nothing."""
    (whole,) = snapshot.row(
        """select sum(streams) as n from gold.fct_platform_streams join gold.dim_release_tracks using (isrc)
           where release_id = $release and report_kind <> 'spotify_chart'""",
        release=UNDERTOW,
    ).values()
    about = releases.about(snapshot, UNDERTOW)
    assert (about["streams"], about["stores"], about["tracks"]) == (whole, 2, 3)
    for cut in (releases.by_month, releases.by_store, releases.tracks):
        assert cut(snapshot, UNDERTOW)["streams"].sum() == whole
    assert set(releases.by_country(snapshot, UNDERTOW)["name"]) == {"Germany", "United States"}
    assert releases.choices(snapshot).height == 4


def test_first_weeks_are_those_of_the_first_day_told(snapshot: Snapshot) -> None:
    told = beginnings.beginnings(snapshot, UNDERTOW)
    assert told["is_this"].to_list() == [True, False, False, False]
    assert told["release_day"][0] == date(2025, 9, 5)
    days = beginnings.first_days(snapshot, UNDERTOW)
    for row in told.iter_rows(named=True):
        so_far = dict(days.filter(release_name=row["release_name"]).select("day", "streams").iter_rows())
        assert (row["first_week"], row["first_month"]) == (so_far[7], so_far[28])
        assert row["first_month"] < row["streams"]


def test_what_was_done_for_a_release_lies_about_its_first_day(snapshot: Snapshot) -> None:
    first = date(2025, 9, 5)
    ads, mail = beginnings.advertised(snapshot, first), beginnings.mailed(snapshot, first)
    assert (ads["campaign"].to_list(), mail["campaign"].to_list()) == (
        ["Undertow launch"],
        ["Undertow is here"],
    )
    assert ads["spend"].sum() == Decimal("72.5")
    assert (ads.columns, beginnings.advertised(snapshot, date(2025, 7, 1)).height) == (mail.columns, 0)


def test_the_audience_is_that_of_the_last_day(snapshot: Snapshot) -> None:
    month = Period(date(2026, 10, 19), date(2026, 11, 17))
    assert audience.span(snapshot)["last_date"] == month.last
    last = audience.followers(snapshot, month).filter(pl.col("bucket").dt.date() == month.last)
    now = audience.followers_now(snapshot, month)
    assert now["followers"] == last["people"].sum()
    assert now["prior"] < now["followers"]  # type: ignore[operator]
    heard = audience.listeners(snapshot, month)
    assert audience.listeners_a_day(snapshot, month) == pytest.approx(heard["people"].sum() / 30)
    assert audience.devices(snapshot, month)["share"].sum() == pytest.approx(1)
    assert audience.mailed(snapshot, month)["list_size"] == 1100
    assert (
        audience.letters(snapshot)["people"].sum()
        == snapshot.row("select sum(recipients + openers + clickers) as n from gold.fct_email_campaigns")["n"]
    )
