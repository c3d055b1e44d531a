"""Logging in: the proof key, the way back to us, and a file for its owner only."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

import producer.pollers.login as login_module
from contracts.errors import BackbeatError
from producer.asking import Patience
from producer.pollers.command import poll
from producer.pollers.login import Attempt, wait_for_code
from producer.pollers.settings import SpotifySettings
from producer.pollers.spotify import Spotify
from producer.pollers.token import TokenFile
from tests.spotify_server import BEGIN, Answer, SpotifyServer, logged_in, settings_for, spotify_server


@pytest.fixture(scope="module")
def server() -> Iterator[SpotifyServer]:
    with spotify_server() as running:
        yield running


@pytest.fixture
def settings(server: SpotifyServer, tmp_path: Path) -> SpotifySettings:
    return settings_for(server, tmp_path, spotify_redirect_port=free_port())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def query_of(attempt: Attempt) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(attempt.link).query).items()}


def come_back(attempt: Attempt, *queries: str) -> list[int]:
    """What the browser is answered when it comes back with each of `queries`."""
    statuses: list[int] = []

    def browse() -> None:
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as browser:
            statuses.extend(browser.get(f"{attempt.redirect_uri}?{query}").status_code for query in queries)

    threading.Thread(target=browse).start()
    return statuses


def test_the_link_shows_the_challenge_and_never_the_verifier(settings: SpotifySettings) -> None:
    attempt = Attempt.of(settings)
    query = query_of(attempt)
    assert attempt.link.startswith(f"{settings.spotify_accounts_url}/authorize?")
    assert query["code_challenge"] == attempt.challenge
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == f"http://127.0.0.1:{settings.spotify_redirect_port}/callback"
    assert query["scope"] == "user-read-recently-played user-read-currently-playing"
    assert attempt.verifier not in attempt.link
    assert 43 <= len(attempt.verifier) <= 128
    assert attempt.state != Attempt.of(settings).state


def test_the_challenge_is_that_of_rfc_7636() -> None:
    attempt = Attempt("app", "http://s", 8888, "state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_log_in_is_kept_for_its_owner(settings: SpotifySettings, server: SpotifyServer) -> None:
    attempt = Attempt.of(settings)
    server.challenge = query_of(attempt)["code_challenge"]
    statuses = come_back(
        attempt, "code=evil&state=guessed", "code=evil", f"code=the-code&state={attempt.state}"
    )
    code = wait_for_code(attempt, 20)
    with Spotify(settings, Patience(), lambda: BEGIN) as spotify:
        token = spotify.log_in(code, attempt.verifier, attempt.redirect_uri)
    assert token.user == "listener-1"
    assert statuses[:2] == [400, 400]
    path = settings.spotify_token_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenFile(path).load() == token
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert token.refresh_token.get_secret_value() not in repr(token)


def test_a_verifier_that_does_not_fit_is_refused(settings: SpotifySettings, server: SpotifyServer) -> None:
    server.challenge = Attempt.of(settings).challenge
    with (
        Spotify(settings, Patience()) as spotify,
        pytest.raises(BackbeatError, match="has ended this log-in, or never"),
    ):
        spotify.log_in("the-code", Attempt.of(settings).verifier, "http://127.0.0.1:1/callback")
    assert not settings.spotify_token_file.exists()


def test_who_says_no_is_told_so(settings: SpotifySettings) -> None:
    attempt = Attempt.of(settings)
    come_back(attempt, f"error=access_denied&state={attempt.state}")
    with pytest.raises(BackbeatError, match="Spotify has not logged you in: access_denied"):
        wait_for_code(attempt, 20)


def test_nobody_is_waited_for_only_so_long(settings: SpotifySettings) -> None:
    with pytest.raises(BackbeatError, match="nobody came back from Spotify within 0 s"):
        wait_for_code(Attempt.of(settings), 0.01)


def test_a_port_in_use_names_the_setting(settings: SpotifySettings) -> None:
    taken = socket.create_server(("127.0.0.1", settings.spotify_redirect_port))
    with taken, pytest.raises(BackbeatError, match="BACKBEAT_SPOTIFY_REDIRECT_PORT"):
        wait_for_code(Attempt.of(settings), 1)


def test_a_pasted_address_is_as_good(settings: SpotifySettings) -> None:
    attempt = Attempt.of(settings)
    assert attempt.code_in(f" {attempt.redirect_uri}?code=c&state={attempt.state}\n") == "c"
    assert attempt.code_in(f"{attempt.redirect_uri}?code=c&state=ünknown") is None
    assert attempt.code_in(f"http://127.0.0.1/other?code=c&state={attempt.state}") is None
    assert attempt.code_in("") is None


def test_without_an_app_it_says_how_to_get_one() -> None:
    with pytest.raises(
        BackbeatError, match=r"BACKBEAT_SPOTIFY_CLIENT_ID is empty: .*127\.0\.0\.1:8888/callback"
    ):
        Attempt.of(SpotifySettings(_env_file=None))


def test_a_log_in_that_others_may_read_is_refused(settings: SpotifySettings) -> None:
    logged_in(settings)
    settings.spotify_token_file.chmod(0o640)
    with pytest.raises(BackbeatError, match="others may read it; `chmod 600"):
        TokenFile(settings.spotify_token_file).load()


@pytest.mark.parametrize("text", ["", "{}", '{"access_token": "secret"}'])
def test_a_broken_log_in_is_named_and_not_quoted(settings: SpotifySettings, text: str) -> None:
    settings.spotify_token_file.write_text(text)
    settings.spotify_token_file.chmod(0o600)
    with pytest.raises(
        BackbeatError, match=r"token\.json: not a log-in at Spotify; run `backbeat poll login`"
    ) as told:
        TokenFile(settings.spotify_token_file).load()
    assert "secret" not in str(told.value)


def test_a_grant_without_a_refresh_token_is_none(settings: SpotifySettings, server: SpotifyServer) -> None:
    server.faults["/api/token"].append(Answer(200, '{"access_token": "a", "expires_in": 3600}'))
    with (
        Spotify(settings, Patience()) as spotify,
        pytest.raises(BackbeatError, match="gave no refresh token"),
    ):
        spotify.log_in("the-code", "v", "http://127.0.0.1:1/callback")


def test_a_place_that_cannot_be_written_names_the_setting(settings: SpotifySettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    inside = settings.model_copy(update={"spotify_token_file": tmp_path / "file" / "token.json"})
    with pytest.raises(BackbeatError, match="BACKBEAT_SPOTIFY_TOKEN_FILE"):
        logged_in(inside)


def test_the_command_prints_the_link_and_takes_a_pasted_address(
    settings: SpotifySettings, server: SpotifyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_module, "token_urlsafe", lambda length: "s" * (4 * length // 3))
    attempt = Attempt.of(settings)
    server.challenge = attempt.challenge
    for name in ("client_id", "api_url", "accounts_url", "redirect_port", "token_file"):
        monkeypatch.setenv(f"BACKBEAT_SPOTIFY_{name.upper()}", str(getattr(settings, f"spotify_{name}")))
    address = f"{attempt.redirect_uri}?code=the-code&state={attempt.state}\n"
    result = CliRunner().invoke(poll, ["login", "--paste"], input=address, catch_exceptions=False)
    assert attempt.link in result.stdout
    assert "logged in as listener-1, until about " in result.stderr
    assert TokenFile(settings.spotify_token_file).load().user == "listener-1"
    with pytest.raises(BackbeatError, match="not of this log-in"):
        CliRunner().invoke(poll, ["login", "--paste"], input="elsewhere\n", catch_exceptions=False)
