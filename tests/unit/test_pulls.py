"""Pulling platforms' APIs: every page once, through every fault, into the lines an import would have made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.store import store_for
from contracts.errors import BackbeatError
from contracts.reports import LINES, REPORTS
from producer.importers.context import Context
from producer.importers.pseudonym import Pseudonyms
from producer.pulls.document import Document, Step, Stream
from producer.pulls.landing import HowFar, Pulled, pull
from producer.pulls.ledger import Ledger
from producer.pulls.platforms import PLATFORMS, mailchimp, youtube
from tests.api_server import (
    HALVED,
    META_EXPIRED,
    META_LIMIT,
    META_TOO_MUCH,
    REPEATED,
    RESET,
    ApiServer,
    ad_day,
    api_server,
)
from tests.local_http import Answer
from tests.pulling import TODAY, ListedStore, Puller
from tests.unit.test_reports import rows_of

INSIGHTS = "/act_1/insights"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as found:
        found.fill()
        yield found


@pytest.fixture
def puller(server: ApiServer, tmp_path: Path) -> Puller:
    return Puller(server, ListedStore(), tmp_path)


# What may stand anywhere in an answer when nobody expects it.
LEAF = st.none() | st.booleans() | st.integers(-1, 3) | st.floats(allow_nan=False) | st.text(max_size=3)
ODD = (
    LEAF
    | st.lists(LEAF, max_size=2)
    | st.dictionaries(st.sampled_from(["id", "data", "day"]), LEAF, max_size=2)
)


def spoiled(body: Any, way: list[int], odd: Any) -> Any:
    """`body` with `odd` where `way` leads: the place among the members at each depth."""
    if not way or not isinstance(body, dict | list) or not body:
        return odd
    if isinstance(body, list):
        place = way[0] % len(body)
        return [spoiled(one, way[1:], odd) if at == place else one for at, one in enumerate(body)]
    name = sorted(body)[way[0] % len(body)]
    return {**body, name: spoiled(body[name], way[1:], odd)}


def lines_of(puller: Puller) -> list[dict[str, Any]]:
    return rows_of(puller.store, LINES)


def counts(pulled: Pulled) -> tuple[int, int, int, int, str | None]:
    return pulled.documents, pulled.rows_in, pulled.accepted, pulled.rejected, pulled.error


def test_ads_come_page_by_page_and_a_second_pull_adds_nothing(puller: Puller, server: ApiServer) -> None:
    assert counts(puller.pull("meta_ads")) == (3, 6, 6, 0, None)
    lines = lines_of(puller)
    assert sum(line["net_amount"] for line in lines) == Decimal("108.00") + Decimal("1.5")
    assert {(line["item_id"], line["currency"], line["clicks"]) for line in lines} == {
        ("61", "EUR", 9),
        ("62", "EUR", 9),
    }
    assert {line["report_kind"] for line in lines} == {"meta_ads_api"}
    asked = server.asked(INSIGHTS)
    assert {query["level"] + query["time_increment"] for query in asked} == {"ad1"}
    assert all("access_token" not in query for query in asked)
    before = dict(puller.store)
    again = puller.pull("meta_ads")
    assert counts(again) == (0, 0, 0, 0, None)
    assert (again.unchanged, again.since) == (3, TODAY - timedelta(days=29))
    assert puller.store == before


def test_a_restated_day_supersedes_and_one_that_is_restated_back_does_too(
    puller: Puller, server: ApiServer
) -> None:
    puller.pull("meta_ads")
    first = server.insights["act_1"][4]
    server.insights["act_1"][4] = {**first, "spend": "20.5", "campaign_name": "Renamed"}
    told = [puller.pull("meta_ads")]
    server.insights["act_1"][4] = first
    told += [puller.pull("meta_ads"), puller.pull("meta_ads")]
    assert [(one.documents, one.restated, one.unchanged) for one in told] == [(1, 1, 2), (1, 1, 2), (0, 0, 3)]
    reports = [row for row in rows_of(puller.store, REPORTS) if "2026-03-19" in row["file_name"]]
    latest = max(reports, key=lambda row: row["imported_at"])
    assert len(reports) == 3
    assert latest["measure_total"] == Decimal("38.5")
    keys = {line["statement_key"] for line in lines_of(puller) if line["line_date"] == date(2026, 3, 19)}
    assert keys == {"61|2026-03-19", "62|2026-03-19"}
    kept = [
        body
        for key, body in puller.store.items()
        if key.startswith("archive/landing/") and str(latest["report_id"]) in key
    ]
    assert len(kept) == 1
    assert b'"supersedes":"' in kept[0]


@pytest.mark.parametrize("platform", ["meta_ads", "tiktok", "youtube", "mailchimp"])
def test_faults_change_nothing(
    platform: str, puller: Puller, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailchimp, "_PAGE", 2)
    monkeypatch.setattr(youtube, "_PAGE", 2)
    puller.pull(platform)
    whole = [{**line, "report_id": "", "line_id": ""} for line in lines_of(puller)]
    puller.store.clear()
    paths = {
        "meta_ads": [INSIGHTS],
        "tiktok": ["/report/integrated/get/"],
        "youtube": ["/reports", "/token"],
        "mailchimp": ["/campaigns", "/reports/p2/sent-to", "/reports/p2/email-activity"],
    }
    for path in paths[platform]:
        server.faults[path].extend([Answer(500), RESET, HALVED, None, Answer(429, "{}"), Answer(503)])
    pulled = puller.pull(platform)
    assert pulled.error is None
    assert pulled.rows_in == pulled.accepted + pulled.rejected == len(whole)
    assert [{**line, "report_id": "", "line_id": ""} for line in lines_of(puller)] == whole


def test_a_wait_that_is_asked_for_is_waited_for_or_refused(puller: Puller, server: ApiServer) -> None:
    server.faults[INSIGHTS].append(Answer(429, "{}", Retry_After="1"))
    began = datetime.now(UTC)
    assert puller.pull("meta_ads").error is None
    assert datetime.now(UTC) - began >= timedelta(seconds=1)
    assert "does not answer (MissingSchema)" in str(puller.pull("meta_ads", meta_ads_url="here").error)
    server.faults[INSIGHTS].append(Answer(429, "{}", Retry_After="3600"))
    error = puller.pull("meta_ads").error
    assert error is not None
    assert "asks to wait 3,600 s; see BACKBEAT_PULL_LONGEST_WAIT_S" in error


def test_metas_limits_are_read_from_its_codes_and_headers(puller: Puller, server: ApiServer) -> None:
    usage = '{"17":[{"type":"ads_insights","call_count":96,"estimated_time_to_regain_access":9}]}'
    server.faults[INSIGHTS].append(Answer(400, META_LIMIT, X_Business_Use_Case_Usage=usage))
    error = puller.pull("meta_ads").error
    assert error is not None
    assert "too many calls" in error
    assert "asks to wait 540 s" in error
    server.faults[INSIGHTS].append(Answer(400, META_LIMIT))
    server.headers = {"X_FB_Ads_Insights_Throttle": '{"app_id_util_pct":97.5,"acc_id_util_pct":10}'}
    assert puller.pull("meta_ads").error is None
    assert puller.paused
    assert set(puller.paused) == {60.0}


@pytest.mark.parametrize(
    ("platform", "changes", "named"),
    [
        ("meta_ads", {"meta_ads_token": "old"}, "BACKBEAT_META_ADS_TOKEN"),
        ("tiktok", {"tiktok_token": "old"}, "BACKBEAT_TIKTOK_TOKEN"),
        ("youtube", {"youtube_refresh_token": "old"}, "BACKBEAT_YOUTUBE_REFRESH_TOKEN"),
        ("mailchimp", {"mailchimp_key": "old-us6"}, "BACKBEAT_MAILCHIMP_KEY"),
        ("spotify", {"spotify_client_secret": "old"}, "BACKBEAT_SPOTIFY_CLIENT_SECRET"),
    ],
)
def test_a_key_that_has_run_out_is_told_with_its_setting(
    platform: str, changes: dict[str, str], named: str, puller: Puller
) -> None:
    pulled = puller.pull(platform, **changes)
    assert pulled.error is not None
    assert f"see {named}" in pulled.error
    assert not lines_of(puller)
    (secret,) = changes.values()
    assert secret not in pulled.error.replace("old-us6 ", "")


def test_a_pull_that_dies_between_pages_goes_on_where_it_was(puller: Puller, server: ApiServer) -> None:
    server.insights["act_1"] = [ad_day(f"2026-0{month}-11", "61", "1.5") for month in (1, 2, 3)]
    # Three windows of a month: the second's second page never comes, then the key is at its end.
    server.faults[INSIGHTS].extend([None, None, None, Answer(400, META_EXPIRED)])
    broken = puller.pull("meta_ads")
    assert (broken.rows_in, broken.error is None) == (1, False)
    asked = len(server.requests)
    whole = puller.pull("meta_ads", pull_look_back_days=3)
    assert counts(whole) == (2, 2, 2, 0, None)
    assert whole.since > broken.since
    assert sum(line["net_amount"] for line in lines_of(puller)) == Decimal("4.5")
    assert len(server.requests) > asked


def test_a_page_that_comes_twice_counts_once(puller: Puller, server: ApiServer) -> None:
    server.faults[INSIGHTS].extend([None, REPEATED])
    assert counts(puller.pull("meta_ads", pull_first_days=10)) == (3, 6, 6, 0, None)
    assert len(server.asked(INSIGHTS)) == 5
    server.faults["/report/integrated/get/"].extend([None, REPEATED])
    moved = puller.pull("tiktok", pull_first_days=10)
    assert moved.error is not None
    assert "listed 2 of 3 rows" in moved.error
    assert counts(puller.pull("tiktok")) == (3, 3, 3, 0, None)


def test_days_that_are_too_many_at_once_are_asked_for_by_halves(puller: Puller, server: ApiServer) -> None:
    server.page = 10
    server.faults[INSIGHTS].extend([None, None, Answer(400, META_TOO_MUCH), Answer(500, META_TOO_MUCH)])
    assert counts(puller.pull("meta_ads")) == (3, 6, 6, 0, None)
    asked = [json.loads(query["time_range"]) for query in server.asked(INSIGHTS)]
    days = [(date.fromisoformat(one["until"]) - date.fromisoformat(one["since"])).days + 1 for one in asked]
    assert days[:5] == [30, 30, 30, 15, 7]
    server.faults[INSIGHTS].extend([Answer(400, META_TOO_MUCH)] * 6)
    error = puller.pull("meta_ads").error
    assert error is not None
    assert "reduce the amount of data" in error


@settings(max_examples=60, deadline=None)
@given(way=st.lists(st.integers(0, 5), max_size=7), odd=ODD, platform=st.sampled_from(sorted(PLATFORMS)))
def test_no_answer_is_too_odd_to_be_counted_or_told(way: list[int], odd: Any, platform: str) -> None:
    with api_server() as server:
        server.fill()
        server.spoil = lambda body: body if body.get("access_token") else spoiled(body, way, odd)
        pulled = Puller(server, ListedStore(), Path()).pull(platform, pull_attempts=1, pull_first_days=4)
    assert pulled.rows_in == pulled.accepted + pulled.rejected
    assert pulled.error is None or "\n" not in pulled.error


def test_pages_without_end_end(puller: Puller, server: ApiServer) -> None:
    server.faults[INSIGHTS].extend([None, *[REPEATED] * 40])
    error = puller.pull("meta_ads", pull_first_days=10).error
    assert error is not None
    assert "the same page again and again" in error


def test_followers_are_of_today_and_an_artist_without_them_is_refused(
    puller: Puller, server: ApiServer
) -> None:
    server.followers["a2"] = None
    first = puller.pull("spotify", spotify_artists="a1, a2,a1")
    assert (*counts(first), dict(first.by_reason)) == (1, 2, 1, 1, None, {"missing_followers": 1})
    server.followers = {"a1": 1300, "a2": 7}
    assert counts(puller.pull("spotify", TODAY + timedelta(days=1), spotify_artists="a1,a2"))[1:4] == (
        2,
        2,
        0,
    )
    assert [(line["line_date"].day, line["item_id"], line["followers"]) for line in lines_of(puller)] == [
        (20, "a1", 1200),
        (20, "a2", None),
        (21, "a1", 1300),
        (21, "a2", 7),
    ]


def test_campaigns_come_whole_without_an_address(
    puller: Puller, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailchimp, "_PAGE", 2)
    # p1: itself and three recipients; p2: the same, three things that happened, one who left.
    assert counts(puller.pull("mailchimp")) == (6, 12, 12, 0, None)
    done = [line["action"] for line in lines_of(puller)]
    assert {action: done.count(action) for action in done} == {
        "sent": 2,
        "recipient": 6,
        "open": 2,
        "bounce": 1,
        "unsubscribe": 1,
    }
    landed = b"".join(puller.store.values())
    assert b"x@y.z" not in landed
    assert b"203.0.113.9" not in landed
    click = {"action": "click", "timestamp": "2026-03-20T10:00:00+00:00", "url": "x"}
    server.reports["email-activity"][0]["activity"].append(click)
    again = puller.pull("mailchimp")
    assert (again.documents, again.restated, again.unchanged, again.rows_in) == (1, 1, 7, 4)


@pytest.mark.parametrize(
    ("reached", "since", "begins"),
    [
        (None, None, date(2026, 3, 11)),
        (None, date(2026, 3, 1), date(2026, 3, 1)),
        (None, date(2026, 3, 18), date(2026, 3, 18)),
        (date(2026, 3, 15), None, date(2026, 3, 13)),
        (date(2026, 3, 15), date(2026, 3, 1), date(2026, 3, 1)),
        # A day that was never asked for must not be skipped for ever.
        (date(2026, 3, 15), date(2026, 3, 18), date(2026, 3, 13)),
        (date(2026, 3, 25), None, date(2026, 3, 18)),
    ],
)
def test_a_pull_begins_where_it_leaves_no_gap(reached: date | None, since: date | None, begins: date) -> None:
    ledger = Ledger(ListedStore(), Stream("meta_ads", "act_1", lambda *_: iter(()), TODAY))
    ledger.reached = reached
    assert HowFar(2, 10, since).of(ledger, TODAY) == begins


@pytest.mark.parametrize("period", ["..", "", ".", "a/../b", "x" * 300, "é\ud800", "2026-03-17"])
def test_whatever_a_period_is_called_it_lies_in_its_own_place(period: str, tmp_path: Path) -> None:
    rows = ({"ad_id": "1", "campaign_id": "7", "date_start": "2026-03-17", "spend": "1"},)
    told = (Document("meta_ads_api", "a/c", period, rows), Document("meta_ads_api", "a/c", "a_.._b", rows))
    stream = Stream("meta_ads", "a/c", lambda *_: iter([Step(told, TODAY)]), TODAY)
    store = store_for(str(tmp_path / "lake"))
    context = Context(Pseudonyms(b"key"), datetime.now(UTC))
    first, again = (pull(stream, HowFar(3, 3), store, context) for _ in range(2))
    assert (counts(first), counts(again), again.unchanged) == ((2, 2, 2, 0, None), (0, 0, 0, 0, None), 2)
    assert len(list(store.list("_pulls/meta_ads/a%2Fc/told/meta_ads_api/"))) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_a_strange_file_among_the_notes_is_named(puller: Puller) -> None:
    puller.store["_pulls/meta_ads/act_1/reached/soon.json"] = b""
    with pytest.raises(BackbeatError, match=r"act_1/reached/soon\.json: not a note of a pull"):
        puller.pull("meta_ads")


def test_nobody_is_told_that_dlt_runs() -> None:
    assert os.environ["RUNTIME__DLTHUB_TELEMETRY"] == "false"
    assert resolve_configuration(RuntimeConfiguration()).dlthub_telemetry is False
