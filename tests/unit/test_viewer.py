"""Who may see what, by the claims of an ID token; and the app stays on this machine where nobody is asked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.errors import BackbeatError
from serving.log_in import prepare, rendered
from serving.settings import AppSettings
from streamlit_app import viewer
from streamlit_app.money import MIXED_TABLES, MONEY_TABLES, tells_money
from streamlit_app.queries import catalogue
from streamlit_app.snapshot import Snapshot
from streamlit_app.viewer import (
    BUSINESS_PAGES,
    EVERYBODY,
    MONEY_PAGES,
    OWN_PAGES,
    SHARED_PAGES,
    Viewer,
    offered,
    viewer_of,
)

NOW = 1_790_000_000.0
ASKING = AppSettings(
    oidc_issuer="https://id.example.com",
    oidc_client_id="backbeat",
    oidc_client_secret=SecretStr("a secret"),
)
ANNA = {"is_logged_in": True, "iat": NOW - 60, "sub": "1", "name": "Anna", "backbeat_user": "sim-000007"}


@dataclass(frozen=True)
class Titled:
    title: str


def seen_by(**claims: Any) -> Viewer | None:
    return viewer_of({**ANNA, **claims}, ASKING, NOW)


def test_without_a_log_in_everything_is_shown() -> None:
    assert viewer_of({}, AppSettings(oidc_issuer=""), NOW) is EVERYBODY
    assert EVERYBODY.may_see("anybody")
    assert EVERYBODY.may_open("Growth")
    assert EVERYBODY.sees_money


def test_a_listener_sees_their_own_and_what_is_of_everybody() -> None:
    anna = seen_by()
    assert anna == Viewer(name="Anna", user_id="sim-000007")
    assert anna.may_see("sim-000007")
    assert not anna.may_see("sim-000008")
    assert not anna.may_see("")
    assert all(anna.may_open(title) for title in SHARED_PAGES | OWN_PAGES)
    assert not anna.may_open("Data quality")
    assert not anna.may_open("a page of later")


@pytest.mark.parametrize("user", [None, "", 7, ["sim-000007"], {"id": "x"}])
def test_who_has_no_user_id_sees_no_history(user: object) -> None:
    somebody = seen_by(backbeat_user=user)
    assert somebody is not None
    assert somebody.user_id is None
    assert not somebody.may_see("")
    assert not somebody.may_see("None")
    assert not any(somebody.may_open(title) for title in OWN_PAGES)


@pytest.mark.parametrize(
    "claims",
    [
        {"is_logged_in": False},
        {"is_logged_in": "true"},
        {"iat": None},
        {"iat": "soon"},
        {"iat": NOW - 12 * 3600 - 1},
    ],
)
def test_who_is_asked_to_log_in(claims: dict[str, object]) -> None:
    assert seen_by(**claims) is None
    assert viewer_of({}, ASKING, NOW) is None


@pytest.mark.parametrize("roles", ["analyst", ["x", "analyst"], "x, analyst"])
def test_an_analyst_sees_everybody_but_no_money(roles: object) -> None:
    ada = seen_by(roles=roles)
    assert ada is not None
    assert (ada.sees_everybody, ada.sees_money) == (True, False)
    assert ada.may_see("sim-000008")
    assert ada.may_open("Data quality")


@pytest.mark.parametrize("roles", ["analysts", ["Analyst"], {"analyst": True}, 1, None])
def test_no_other_role_makes_an_analyst(roles: object) -> None:
    seen = seen_by(roles=roles)
    assert seen is not None
    assert not seen.sees_everybody


def test_finance_sees_money_and_no_listeners() -> None:
    fin = seen_by(roles=["finance"])
    assert fin is not None
    assert (fin.sees_everybody, fin.sees_money) == (False, True)


def test_money_is_for_finance_alone() -> None:
    fin, ada, anna = seen_by(roles=["finance"]), seen_by(roles=["analyst"]), seen_by()
    assert fin is not None
    assert ada is not None
    assert anna is not None
    opened = {
        title: [who.may_open(title) for who in (fin, ada, anna)] for title in MONEY_PAGES | BUSINESS_PAGES
    }
    assert opened == {
        "Royalties": [True, False, False],
        "Business": [True, True, False],
        "Campaigns": [True, True, False],
        "Releases": [True, True, False],
        "Audience": [True, True, False],
    }


@pytest.mark.parametrize("table", sorted(MONEY_TABLES | MIXED_TABLES))
def test_no_question_about_money_is_answered_to_others(
    table: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    snapshot = Snapshot(tmp_path / "none.duckdb")
    for looking in (Viewer("Ada", sees_everybody=True), None):
        monkeypatch.setattr(viewer, "current", lambda looking=looking: looking)
        for sql in (f"select * from gold.{table}", f"select $with_money from gold.{table}"):
            with pytest.raises(BackbeatError, match="may not see money"):
                snapshot.frame(sql, with_money=True)


def test_what_a_question_tells_of_money() -> None:
    assert not tells_money("select 1 from gold.fct_plays", {})
    assert not tells_money("select value from gold.kpi_daily where $with_money", {"with_money": False})
    assert tells_money("select value from gold.kpi_daily", {})
    assert not tells_money("select sum(views) from gold.fct_social_daily", {})
    assert tells_money("select estimated_revenue from gold.fct_social_daily", {})
    assert tells_money("select value from gold.kpi_daily, gold.fct_royalties", {"with_money": False})


def test_claims_are_found_in_objects_and_under_names_with_dots() -> None:
    nested = ASKING.model_copy(update={"oidc_role_claim": "realm_access.roles"})
    kept = {**ANNA, "realm_access": {"roles": ["analyst"]}}
    named = ASKING.model_copy(update={"oidc_role_claim": "https://example.com/roles"})
    for settings, claims in ((nested, kept), (named, {**ANNA, "https://example.com/roles": "analyst"})):
        found = viewer_of(claims, settings, NOW)
        assert found is not None
        assert found.sees_everybody


def test_sections_without_a_page_go() -> None:
    pages = {"Listening": [Titled("Overview")], "Inside": [Titled("Data quality")]}
    assert list(offered(Viewer("Anna", "sim-000007"), pages)) == ["Listening"]
    assert offered(EVERYBODY, pages) == pages


def test_no_query_about_another_listener_is_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "none.duckdb")
    for looking in (Viewer("Anna", "sim-000007"), None):
        monkeypatch.setattr(viewer, "current", lambda looking=looking: looking)
        with pytest.raises(BackbeatError, match="its own history only"):
            snapshot.frame("select $user_id", user_id="sim-000008")


def test_listeners_are_looked_for_by_those_alone_who_see_everybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    snapshot = Snapshot(tmp_path / "none.duckdb")
    for looking in (Viewer("Anna", "sim-000007"), None):
        monkeypatch.setattr(viewer, "current", lambda looking=looking: looking)
        with pytest.raises(BackbeatError, match="may not see listeners"):
            catalogue.search(snapshot, "user", "sim")


def test_other_machines_are_let_in_with_a_log_in_only() -> None:
    open_to_all = AppSettings(oidc_issuer="")
    for address in ("localhost", "127.0.0.1", "::1"):
        assert prepare(open_to_all, 8501, address) is None
    for address in ("0.0.0.0", "::", "", "192.168.1.2", "app.example.com"):  # noqa: S104 - refused
        with pytest.raises(BackbeatError, match="BACKBEAT_OIDC_ISSUER"):
            prepare(open_to_all, 8501, address)
    assert prepare(AppSettings(app_open=True), 8501, "0.0.0.0") is None  # noqa: S104 - as in a container


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"oidc_client_id": ""}, "BACKBEAT_OIDC_CLIENT_ID"),
        ({"oidc_client_secret": SecretStr("")}, "BACKBEAT_OIDC_CLIENT_SECRET"),
        ({"oidc_cookie_secret": SecretStr("short")}, "BACKBEAT_OIDC_COOKIE_SECRET"),
        ({"oidc_issuer": "http://127.0.0.1:9"}, "BACKBEAT_OIDC_ISSUER"),
        ({"app_live_socket": "wss://a.example/ws/live"}, "BACKBEAT_LIVE_KEY"),
    ],
)
def test_what_a_log_in_lacks_is_named(changed: dict[str, object], named: str) -> None:
    with pytest.raises(BackbeatError, match=named):
        prepare(ASKING.model_copy(update=changed), 8501, "localhost")


def test_streamlit_is_told_in_its_own_words() -> None:
    told = tomllib.loads(rendered(ASKING.model_copy(update={"app_url": "https://a.example/x/"}), 8501))[
        "auth"
    ]
    assert told["redirect_uri"] == "https://a.example/x/oauth2callback"
    assert told["server_metadata_url"] == "https://id.example.com/.well-known/openid-configuration"
    assert told["client_kwargs"] == {"scope": "openid profile email"}
    assert len(told["cookie_secret"]) >= 32
    again = tomllib.loads(rendered(ASKING, 8502))["auth"]
    assert again["redirect_uri"] == "http://localhost:8502/oauth2callback"
    assert again["cookie_secret"] != told["cookie_secret"]
