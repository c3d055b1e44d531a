"""Every page renders on a full, an empty and a missing snapshot, and its figures are the snapshot's."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from serving.publish import publish
from serving.snapshot import newest
from streamlit_app import downloads, viewer
from streamlit_app.periods import Period
from streamlit_app.queries import listening
from streamlit_app.snapshot import Snapshot
from tests.snapshot_builder import build_snapshot, build_warehouse, empty_gold

APP = Path(__file__).parents[2] / "streamlit_app" / "app.py"
PAGES = (
    "overview",
    "trends",
    "top_songs",
    "your_listening",
    "recommendations",
    "podcasts",
    "growth",
    "data_quality",
)


BUSINESS = ("business", "royalties", "releases", "campaigns", "audience")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_snapshot(tmp_path_factory.mktemp("full")).parent


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    warehouse = empty_gold(build_warehouse(folder / "warehouse.duckdb"))
    return publish(warehouse, folder / "snapshots").path.parent


def rendered(page: str, **query: str) -> AppTest:
    """The page after its first run, without an exception."""
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"views/{page}.py").run()
    assert [block.value for block in app.exception] == []
    assert [block.value for block in app.error] == []
    return app


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> dict[str, pl.DataFrame]:
    """What each panel offers as CSV, by the panel's name."""
    offered: dict[str, pl.DataFrame] = {}
    link = downloads.link

    def kept(name: str, title: str, data: pl.DataFrame) -> str:
        offered[name] = data
        return link(name, title, data)

    monkeypatch.setattr(downloads, "link", kept)
    return offered


def headings(app: AppTest) -> list[str]:
    """The titles of the panels."""
    bodies = "".join(str(block.body) for block in app.get("html"))
    return [unescape(title) for title in re.findall('<h3 class="bb-title">(.*?)</h3>', bodies)]


def words(app: AppTest) -> str:
    return "\n".join(str(block.value) for block in (*app.title, *app.caption, *app.markdown, *app.code))


@pytest.mark.parametrize("page", PAGES)
def test_a_full_snapshot(page: str, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    assert "plays of 22 Sep – 20 Nov 2026" in words(rendered(page))


@pytest.mark.parametrize("page", [*PAGES, *BUSINESS])
def test_a_snapshot_without_rows(page: str, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(empty))
    assert "backbeat refresh" in words(rendered(page))


@pytest.mark.parametrize("page", [*PAGES, *BUSINESS])
def test_no_snapshot(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "none"))
    text = words(rendered(page))
    assert "make demo" in text
    assert "BACKBEAT_SNAPSHOTS" in text


@pytest.mark.parametrize("snapshots", ["full", "none"])
def test_now_needs_no_snapshot_and_says_how_to_start_the_live_service(
    snapshots: str, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full if snapshots == "full" else full / "none"))
    monkeypatch.setenv("BACKBEAT_LIVE_URL", "http://127.0.0.1:9")
    text = words(rendered("now", region="DE", window="60"))
    assert "backbeat live" in text
    assert "BACKBEAT_LIVE_URL" in text


@pytest.mark.parametrize("days", ["7", "14", "30", "90", "365"])
def test_every_range_of_the_overview(days: str, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("overview", days=days)


def test_an_overview_of_one_country(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("overview", region="DE", days="7")
    assert app.selectbox[0].value == "DE"
    assert {"Plays in Germany", "Top tracks in Germany", "Countries"} <= set(headings(app))
    snapshot = Snapshot(newest(full) or full)
    week = Period(date(2026, 11, 14), date(2026, 11, 20))
    plays = listening.totals(snapshot, week, "DE")["plays"]
    assert f'data-kpi="Plays" data-value="{plays}"' in "".join(each.value for each in app.get("html"))


@pytest.mark.parametrize("grain", ["hour", "day", "week"])
def test_trends_of_two_regions(grain: str, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("trends", grain=grain, regions="GLOBAL,DE")
    assert app.multiselect[0].value == ["GLOBAL", "DE"]


@pytest.mark.parametrize("by", ["device", "source", "context", "kind"])
def test_trends_broken_down_and_beside_the_period_before(
    by: str, full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("trends", by=by, before="yes", days="14", region="DE")
    numbers = tables["trends"]
    assert set(numbers["span"]) == {"This period", "The period before"}
    assert numbers["plays"].sum() > 0


def test_two_charts_side_by_side_on_a_day_of_the_past(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("top_songs", beside="DE", date="2026-11-15")
    shared = tables["chart"].drop_nulls("there")
    places = dict(tables["chart_there"].select("track_key", "rank").iter_rows())
    assert shared["there"].to_list() == [places[key] for key in shared["track_key"]]
    assert f"{len(shared)} of 10 songs" in words(app)
    app.button(key="step_-1").click().run()
    assert app.date_input[0].value == date(2026, 11, 14)
    assert app.query_params["date"] == "2026-11-14"


def test_an_hour_of_the_past(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("top_songs", chart="hour", at="2026-11-15T18", date="2026-11-18")
    assert "15 Nov 2026, 18:00 UTC" in headings(app)


def test_hourly_charts_and_a_day_without_any(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("top_songs", chart="hour", region="DE")
    app = rendered("top_songs", chart="hour", date="2026-09-22")
    assert app.date_input[0].value == app.date_input[0].min > date(2026, 9, 22)


def test_a_listener_from_the_url_and_one_without_plays(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    assert rendered("your_listening", user="sim-000007").selectbox[0].value == "sim-000007"
    assert "has not played anything yet" in words(rendered("your_listening", user="sim-000099"))


def test_recommendations_by_the_hour_and_without_a_skipped_one(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("recommendations", user="sim-000007", hour="12")
    assert "From 12:00 UTC" in headings(app)
    assert "backbeat evaluate" in words(app)
    picks = app.selectbox(key="skipped_pick")
    app = picks.set_value(picks.options[1] if picks.value == picks.options[0] else picks.options[0]).run()
    assert list(app.exception) == []


def test_an_evaluation_is_on_the_page(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    measures = {f"{key}{end}": 0.2 for key in ("ndcg@10", "recall@20") for end in ("", "_low", "_high")}
    kept = tmp_path / "evaluation.json"
    kept.write_text(json.dumps({"models": {"ours": measures, "als": measures}}))
    publish(full.parent / "warehouse.duckdb", tmp_path / "snapshots", evaluation=kept)
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "snapshots"))
    app = rendered("recommendations")
    assert "backbeat evaluate" not in words(app)
    assert tables["evaluation"]["model"].to_list() == ["als", "als", "ours", "ours"]


@pytest.mark.parametrize(("days", "cohort", "paying"), [("7", "day", "moves"), ("365", "month", "rate")])
def test_growth_of_every_length(
    days: str,
    cohort: str,
    paying: str,
    *,
    full: Path,
    monkeypatch: pytest.MonkeyPatch,
    tables: dict[str, pl.DataFrame],
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("growth", days=days, cohort=cohort, paying=paying)
    assert tables["lifetimes"]["users"].sum() == 99


def test_data_quality_of_all_topics_and_of_a_rule(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    app = rendered("data_quality", topic="all", rule="not_json", days="90")
    assert "Samples: not_json" in headings(app)
    assert tables["anomalies"]["anomaly"].to_list() == ["▲ surge", "▼ drop"]
    assert tables["samples"].height == 30
    assert tables["gates"]["gate"].to_list()[-1] == "gold→archive"


def test_a_closer_look_at_each_kind(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    with duckdb.connect(str(full.parent / "warehouse.duckdb"), read_only=True) as warehouse:
        keys = {
            kind: warehouse.execute(
                f"select {key} as key, {name} from gold.dim_{kind}s order by key limit 1"
            ).fetchone()
            for kind, key, name in (
                ("track", "track_key", "track_title"),
                ("artist", "artist_key", "artist_name"),
                ("episode", "episode_id", "episode_title"),
                ("user", "user_id", "user_id"),
            )
        }
    for kind, found in keys.items():
        assert found is not None
        app = rendered("catalogue", **{kind: found[0]})
        assert app.header[0].value.replace("\\", "") == found[1]
    assert "knows no track nothing" in words(rendered("catalogue", track="nothing"))
    assert "Nothing has all of these words" in words(rendered("catalogue", q="zzzz"))


def test_the_kpi_board_and_a_part_of_it(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("business")
    whole = tables["kpis"]
    rendered("business", of="royalty_reconciliation", days="90")
    royalties = tables["kpis"]
    assert set(royalties["kpi_source"]) == {"royalty_reconciliation"} < set(whole["kpi_source"])


def test_royalties_down_to_the_line(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("royalties", store="tidal", country="DE", wrong="yes", by="paid")
    lines = tables["lines"]
    assert (set(lines["store_name"]), set(lines["country_name"])) == ({"TIDAL"}, {"Germany"})
    assert lines.filter("is_wrong_split").height == 1
    assert lines["file_name"].str.starts_with("DistroKid").all()


@pytest.mark.parametrize("sees_money", [True, False])
def test_a_release_and_its_audience(full: Path, monkeypatch: pytest.MonkeyPatch, sees_money: bool) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    monkeypatch.setattr(viewer, "sees_money", lambda: sees_money)
    app = rendered("releases", release="190000000010", show="streams")
    written = " ".join(str(block.body) for block in app.get("html"))
    assert "first told of on 5 Sep 2025" in words(app)
    assert app.selectbox[0].value == "190000000010"
    assert ("Undertow is here" in written, "Undertow launch" in written) == (True, sees_money)
    assert ("Net" in written, "DistroKid" in written, "$" in written) == (sees_money, sees_money, sees_money)
    heard = rendered("audience", people="listeners", days="30").get("html")
    assert "Netherlands" in " ".join(str(block.body) for block in heard)


def test_campaigns_show_no_spending_to_those_who_see_no_money(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("campaigns")
    assert {"campaigns", "mail", "watched"} <= set(tables)
    monkeypatch.setattr(viewer, "sees_money", lambda: False)
    tables.clear()
    rendered("campaigns", social="views")
    assert {"mail", "watched"} <= set(tables)
    assert "campaigns" not in tables
    rendered("business")
    board = tables["kpis"]
    assert not {"currency"} & set(board["unit"])
    assert "royalty_reconciliation" not in set(board["kpi_source"])


def test_values_in_the_url_that_are_none_are_ignored(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("overview", days="a; drop table")
    rendered("top_songs", date="yesterday", region="Atlantis", chart="decade")
    rendered("your_listening", user="nobody")


def test_hours_are_offered_only_where_they_can_be_drawn(
    full: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, pl.DataFrame]
) -> None:
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(full))
    rendered("trends", grain="hour", days="30")
    assert tables["trends"].height > 60
    rendered("trends", grain="hour", days="90")
    assert tables["trends"].height == 60


def test_a_snapshot_of_other_models_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema gold; create table gold.something_else as select 1 as n")
    publish(tmp_path / "warehouse.duckdb", tmp_path / "snapshots")
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "snapshots"))
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert list(app.exception) == []
    assert "does not fit the app" in app.error[0].value
    assert "daily_listening_stats" in app.error[0].value
