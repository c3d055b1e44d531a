"""The artist's business from report to gold: what was earned, what is missing, doubled or wrongly split."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest
import yaml

from consumer.store import store_for
from serving.folder import Folder
from serving.gates.gold import gold_verdicts
from serving.gates.silver import silver_verdicts
from tests.api_server import api_server
from tests.dbt_process import ROOT, WITHOUT_TESTS, WITHOUT_UNIT_TESTS, DbtProcess
from tests.pulling import Puller
from tests.report_samples import CORRECTED, REPORTS, bring_in
from tests.warehouse_builder import Warehouse

AT = datetime(2026, 11, 20, tzinfo=UTC)
ALL = ["--select", "+path:models/gold/business", "--indirect-selection", "cautious"]
OWN = [
    "--select",
    "path:models/silver/business",
    "path:models/gold/business",
    "--indirect-selection",
    "cautious",
]
STATEMENTS = (
    "select statement_key, is_current, superseded_by is null, lines, refused_lines, net_amount "
    "from gold.report_statements where report_kind = 'distrokid_bank' order by imported_at, statement_key"
)


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Warehouse:
    """Built from the planted reports, without any listening."""
    folder = tmp_path_factory.mktemp("business")
    warehouse = Warehouse(folder, dbt)
    warehouse.lake.root.mkdir(parents=True)
    assert bring_in(warehouse.lake.root, folder, REPORTS, AT) == (32, 31, 1)
    warehouse.dbt("build", *ALL, *WITHOUT_TESTS)
    warehouse.dbt("build", *OWN)
    return warehouse


def test_the_gates_let_it_pass(business: Warehouse) -> None:
    lake = Folder(business.lake.root)
    with duckdb.connect(str(business.path), read_only=True) as connection:
        verdicts = [*silver_verdicts(connection, lake, datetime.now(UTC), None), *gold_verdicts(connection)]
    assert [one.sentence for one in verdicts if not one.passed] == []
    assert {one.rule for one in verdicts} >= {"counts", "report counts", "schema", "amounts"}


def test_each_line_is_found_again_by_report_number_and_hash(business: Warehouse) -> None:
    rows = business.rows(
        "select line_number, quantity, net_amount, country, recording_id, match_rule, length(line_hash), "
        "earned_month::varchar, paid_month::varchar from gold.fct_royalties "
        "where report_kind = 'distrokid_bank' order by line_number"
    )
    assert rows[0] == (
        2, 1000, Decimal("3.5"), "DE", "QZAAA2500001", "isrc", 64, "2025-01-01", "2025-03-01",
    )  # fmt: skip
    assert [row[0] for row in rows] == [2, 3, 4, 5, 6]
    assert rows[4][3:4] == (None,)


def test_what_is_paid_twice_and_what_is_split_otherwise(business: Warehouse) -> None:
    found = business.rows(
        "select line_number, is_paid_twice, is_wrong_split, agreed_share_percent from gold.fct_royalties "
        "where report_kind = 'distrokid_bank' and (is_paid_twice or is_wrong_split) order by line_number"
    )
    assert found == [(3, False, True, Decimal(100)), (5, True, False, Decimal(100))]


def test_reconciliation_finds_what_was_planted(business: Warehouse) -> None:
    rows = business.rows(
        "select earned_month::varchar, finding, reported_streams, paid_quantity, expected_amount, "
        "net_converted, missing_amount, doubled_lines, doubled_amount, wrong_split_lines, split_difference "
        "from gold.royalty_reconciliation where store_key = 'spotify' order by earned_month"
    )
    money = Decimal
    assert rows == [
        (
            "2025-01-01",
            "paid twice",
            1020,
            2000,
            money("2.9274"),
            money(7),
            money("-4.0726"),
            1,
            money("3.5"),
            0,
            None,
        ),
        ("2025-02-01", "missing payment", 900, None, money("2.583"), None, money("2.583"), 0, None, 0, None),
        (
            "2025-03-01",
            "wrong split",
            800,
            800,
            money("2.296"),
            money("1.5"),
            money("0.796"),
            0,
            None,
            1,
            money("1.5"),
        ),
        ("2025-04-01", "nothing to compare", None, 500, None, money("1.75"), None, 0, None, 0, None),
    ]


def test_foreign_money_is_converted_by_the_rate_of_its_month_and_refunds_count(business: Warehouse) -> None:
    rows = business.rows(
        "select net_amount, net_converted, sale_type from gold.fct_royalties "
        "where platform = 'bandcamp' order by line_date"
    )
    assert rows == [
        (Decimal("7.5"), Decimal("7.765295"), "album"),
        (Decimal("7.5"), Decimal("7.765295"), "album"),
        (Decimal("-7.5"), Decimal("-7.765295"), "reversal"),
    ]
    (paid,) = business.rows(
        "select net_converted, refunded_amount from gold.royalty_reconciliation where store_key = 'bandcamp'"
    )
    assert paid == (Decimal("7.765295"), Decimal("-7.765295"))


def test_a_release_is_one_however_its_number_is_spelled(business: Warehouse) -> None:
    rows = business.rows(
        "select upc, recordings, catalog_numbers, platforms from gold.dim_releases order by all"
    )
    assert rows == [("190000000011", 1, 3, 2)]
    tracks = business.rows(
        "select release_id, recording_id, isrc, track_title from gold.dim_release_tracks order by all"
    )
    assert tracks == [("190000000011", "QZAAA2500001", "QZAAA2500001", "Song One")]


def test_what_has_no_track_or_was_refused_is_listed(business: Warehouse) -> None:
    rows = business.rows(
        "select file_name, line_number, reason, track_title from gold.unmatched_report_lines "
        "order by line_number"
    )
    assert rows == [
        ("bank.tsv", 6, "no_known_track", "Unheard"),
        ("bank.tsv", 7, "bad_sold_month", "Song One"),
    ]


def test_what_a_campaign_cost_and_an_e_mail_did(business: Warehouse) -> None:
    campaigns = business.rows(
        "select campaign_key, impressions, clicks, spend_converted, cost_per_click, window_new_listeners "
        "from gold.campaign_performance"
    )
    assert campaigns == [("Launch", 1600, 60, Decimal("14.736855"), Decimal("0.245614"), 0)]
    mails = business.rows(
        "select campaign_name, subject_line, recipients, opens, openers, clicks, bounces, unsubscribes, "
        "sent_date::varchar from gold.fct_email_campaigns"
    )
    assert mails == [("Launch", "Out now", 8, 2, 1, 1, 1, 1, "2026-03-18")]
    rates = dict(
        business.rows("select kpi, value from gold.kpi_daily where kpi_source = 'fct_email_campaigns'")
    )
    assert rates["email_open_rate"] == Decimal("12.5")


def test_every_kpi_has_a_definition_and_an_expected_value() -> None:
    with (ROOT / "seeds/kpi_definitions.csv").open(encoding="utf-8") as file:
        defined = list(csv.DictReader(file))
    unit_tests = yaml.safe_load((ROOT / "models/gold/business/_business__unit_tests.yml").read_text())
    (every,) = [test for test in unit_tests["unit_tests"] if test["model"] == "kpi_daily"]
    expected = {row["kpi"] for row in every["expect"]["rows"]}
    assert len(defined) >= 34
    assert {kpi["kpi"] for kpi in defined} == expected
    assert all(text for kpi in defined for text in kpi.values())


def pull_twice(business: Warehouse) -> None:
    """Pull all platforms' APIs; then again, with one day told otherwise."""
    with api_server() as server:
        server.fill()
        puller = Puller(server, store_for(str(business.lake.root)), business.path.parent)
        assert puller.pull_all() == [(3, 6), (3, 3), (6, 12), (3, 3), (1, 1)]
        server.insights["act_1"][0]["spend"] = "18.75"
        assert puller.pull_all() == [(1, 2), (0, 0), (0, 0), (0, 0), (0, 0)]


def assert_pulled(business: Warehouse) -> None:
    """Gold has what the APIs told last, and says what that replaced."""
    assert business.rows(
        "select report_kind, count(*), sum(spend), count(distinct campaign_key) from gold.fct_ad_performance "
        "where report_kind like '%_api' group by report_kind order by report_kind"
    ) == [("meta_ads_api", 6, Decimal(111), 1), ("tiktok_ads_api", 3, Decimal("55.5"), 1)]
    assert business.rows(
        "select platform, item_id, count(*), sum(views), sum(watch_minutes), max(followers) "
        "from gold.fct_social_daily where item_id in ('MINE', 'a1') group by platform, item_id order by all"
    ) == [
        ("spotify_for_artists", "a1", 1, None, None, 1200),
        ("youtube", "MINE", 3, 30, Decimal("55.5"), None),
    ]
    assert business.rows(
        "select campaign_id, campaign_name, recipients, opens, bounces, unsubscribes, sent_date::varchar "
        "from gold.fct_email_campaigns where campaign_id like 'p%' order by campaign_id"
    ) == [("p1", "News", 3, 0, 0, 0, "2026-03-10"), ("p2", "News", 3, 2, 1, 1, "2026-03-18")]
    restated = business.rows(
        "select statement_key, net_amount, is_current from gold.report_statements "
        "where report_kind = 'meta_ads_api' and statement_key = '61|2026-03-17' order by imported_at"
    )
    assert restated == [("61|2026-03-17", Decimal("17.25"), False), ("61|2026-03-17", Decimal("18.75"), True)]


# Last: it changes the warehouse.
def test_a_corrected_report_replaces_its_period_visibly(business: Warehouse) -> None:
    assert business.rows(STATEMENTS) == [
        ("2025-03-01", True, True, 1, 0, Decimal("3.5")),
        ("2025-05-01", True, True, 1, 0, Decimal("1.5")),
        ("2025-06-01", True, True, 4, 1, Decimal("5.5")),
    ]
    folder = business.path.parent
    later = AT.replace(month=12)
    assert bring_in(business.lake.root, folder, {"bank (1).tsv": CORRECTED}, later) == (3, 3, 0)
    pull_twice(business)
    business.dbt("build", *OWN, *WITHOUT_UNIT_TESTS)
    assert_pulled(business)
    assert business.rows(STATEMENTS) == [
        ("2025-03-01", True, True, 1, 0, Decimal("3.5")),
        ("2025-05-01", True, True, 1, 0, Decimal("1.5")),
        ("2025-06-01", False, False, 4, 1, Decimal("5.5")),
        ("2025-06-01", True, True, 3, 0, Decimal(6)),
    ]
    april = business.rows(
        "select net_amount from gold.fct_royalties where earned_month = '2025-04-01' order by all"
    )
    assert april == [(Decimal("0.25"),), (Decimal("2.25"),)]
    # The same files again: nothing changes.
    before = business.rows("select * exclude (imported_at) from gold.report_statements order by all")
    assert bring_in(business.lake.root, folder, {"other name.tsv": CORRECTED, **REPORTS}, later) == (0, 0, 0)
    business.dbt("build", *OWN, *WITHOUT_TESTS)
    assert business.rows("select * exclude (imported_at) from gold.report_statements order by all") == before
