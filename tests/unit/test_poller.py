"""Polling a Spotify of our own: nothing missed, nothing repeated, and its faults outlasted or told."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

import producer.pollers.cursor as cursor_module
from contracts.errors import BackbeatError
from producer.asking import Patience
from producer.away import AwayError
from producer.importers.context import LISTENER
from producer.importers.converted import Converted, Rejected
from producer.importers.pseudonym import Pseudonyms
from producer.pollers.cursor import Cursor, CursorFile
from producer.pollers.poller import Poller
from producer.pollers.settings import SpotifySettings
from producer.pollers.spotify import Spotify
from producer.pollers.token import TokenFile
from producer.pollers.watch import MISSING, look_once, watch
from tests.spotify_server import (
    BEGIN,
    EXPIRED,
    NOW,
    RECENT,
    SILENCE,
    TOKEN,
    Answer,
    SpotifyServer,
    logged_in,
    played,
    playing,
    settings_for,
    spotify_server,
    track,
)


class Outlet:
    """Keeps what is settled."""

    def __init__(self) -> None:
        self.sent: list[Converted] = []
        self.settled: list[Converted] = []

    def publish(self, row: Converted) -> None:
        self.sent.append(row)

    def settle(self) -> None:
        self.settled, self.sent = self.settled + self.sent, []

    @property
    def titles(self) -> list[str]:
        plays = [row for row in self.settled if row.topic == "plays" and not isinstance(row, Rejected)]
        return [orjson.loads(row.value or b"{}")["track_title"] for row in plays]


class World:
    """A server, a clock, and the waits that were made."""

    def __init__(self, server: SpotifyServer, folder: Path) -> None:
        self.server = server
        self.settings: SpotifySettings = settings_for(server, folder)
        self.now = BEGIN + timedelta(minutes=30)
        self.waits: list[float] = []
        self.out = Outlet()
        logged_in(self.settings, lambda: self.now)

    def poller(self, **changes: Any) -> Poller:
        """A poller as a new process would have it."""
        settings = self.settings.model_copy(update=changes)
        spotify = Spotify(settings, Patience(attempts=3, pause=self.waits.append), self.clock)
        self.last = spotify
        return Poller(spotify, self.out, settings, Pseudonyms(b"key"), self.clock)

    def clock(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()


@pytest.fixture(scope="module")
def running() -> Iterator[SpotifyServer]:
    with spotify_server() as server:
        yield server


@pytest.fixture
def world(running: SpotifyServer, tmp_path: Path) -> Iterator[World]:
    fresh = SpotifyServer()
    fresh.url = running.url
    running.__dict__.update(fresh.__dict__)
    world = World(running, tmp_path)
    yield world
    running.released.set()
    world.last.close()


def test_plays_are_published_once_whatever_restarts(world: World) -> None:
    world.server.history = [played(5), played(10)]
    poller = world.poller()
    assert poller.look_back()
    assert poller.look_back()
    world.server.history.append(played(15))
    assert world.poller().look_back()
    assert world.out.titles == ["T5", "T10", "T15"]
    assert len({row.value for row in world.out.settled}) == 3
    assert poller.counts["plays"] == 2


def test_a_play_that_is_listed_late_is_not_missed(world: World) -> None:
    world.server.history = [played(10)]
    poller = world.poller()
    poller.look_back()
    world.server.history.append(played(2, "Late"))
    poller.look_back()
    assert world.out.titles == ["T10", "Late"]
    assert world.server.asked(RECENT)[0] == {"limit": "50"}
    newest_ms = int((BEGIN + timedelta(minutes=10)).timestamp() * 1000)
    assert world.server.asked(RECENT)[1]["after"] == str(newest_ms - 7_200_000)


def test_more_than_spotify_lists_is_a_gap(world: World) -> None:
    world.server.history = [played(0)]
    poller = world.poller()
    assert poller.look_back()
    world.server.history += [played(minute / 2) for minute in range(1, 50)]
    assert poller.look_back()  # all fifty, and the one we know among them
    world.now += timedelta(days=1)
    world.server.history += [played(100 + minute) for minute in range(51)]
    assert not poller.look_back()
    assert poller.look_back()
    assert poller.counts["gaps"] == 1
    assert len(set(world.out.titles)) == len(world.out.titles) == 100


def test_a_death_between_acknowledgement_and_cursor_repeats_the_same_events(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    world.server.history = [played(4), played(5), played(6)]
    with monkeypatch.context() as patched:
        patched.setattr(cursor_module, "write_private", die)
        with pytest.raises(Killed):
            world.poller().look_back()
    world.server.history.append(played(7))
    world.poller().look_back()
    values = [row.value for row in world.out.settled]
    assert values[:3] == values[3:6]
    assert len(values) == 7


def test_what_is_not_acknowledged_is_published_again(world: World) -> None:
    def refuse() -> None:
        raise BackbeatError("Kafka does not answer")

    world.server.history = [played(5)]
    world.out.settle = refuse  # type: ignore[method-assign]
    with pytest.raises(BackbeatError):
        world.poller().look_back()
    world.out = Outlet()
    world.poller().look_back()
    assert world.out.titles == ["T5"]


def test_a_line_that_stands_there_twice_counts_once(world: World) -> None:
    world.server.history = [played(5), played(5)]
    poller = world.poller()
    poller.look_back()
    assert poller.counts["plays"] == len(world.out.settled) == 1


def test_a_bad_line_is_published_as_a_refusal_once(world: World) -> None:
    world.server.history = [played(5) | {"track": None}, played(6)]
    poller = world.poller()
    poller.look_back()
    poller.look_back()
    assert poller.counts == {"looks": 2, "plays": 1, "rejected": 1, "gaps": 0}


def test_a_time_ahead_of_our_clock_hides_nothing_after_it(world: World) -> None:
    world.server.history = [played(600, "Ahead")]
    poller = world.poller()
    poller.look_back()
    world.server.history.append(played(35, "Next"))
    world.now += timedelta(minutes=10)
    poller.look_back()
    assert world.out.titles == ["Ahead", "Next"]


def test_another_account_of_the_same_listener_begins_anew(world: World) -> None:
    world.server.history = [played(5)]
    world.poller().look_back()
    world.server.history = [played(-600, "Before")]
    file = TokenFile(world.settings.spotify_token_file)
    file.save(file.load().model_copy(update={"user": "listener-2"}))
    world.poller().look_back()
    assert world.out.titles == ["T5", "Before"]
    assert len({row.key for row in world.out.settled}) == 1


def test_another_listener_begins_anew(world: World) -> None:
    world.server.history = [played(5)]
    world.poller().look_back()
    world.poller(spotify_user="other").look_back()
    assert world.out.titles == ["T5", "T5"]
    assert len({row.key for row in world.out.settled}) == 2


def test_a_listener_is_who_an_import_says(world: World) -> None:
    world.server.history = [played(5)]
    world.poller().look_back()
    assert world.out.settled[0].key == Pseudonyms(b"key").of(LISTENER, "me").encode()


def test_too_many_requests_are_waited_out(world: World) -> None:
    world.server.history = [played(5)]
    world.server.faults[RECENT] += [Answer(429, Retry_After="9"), Answer(503), Answer(200, "<html>")]
    with pytest.raises(AwayError, match="cannot be read"):
        world.poller().look_back()
    assert world.waits[0] == 9
    assert len(world.waits) == 2
    world.poller().look_back()
    assert world.out.titles == ["T5"]


def test_silence_is_cut_short(world: World) -> None:
    world.server.history = [played(5)]
    world.server.faults[RECENT].append(SILENCE)
    world.poller(spotify_timeout_s=0.1).look_back()
    assert world.out.titles == ["T5"]
    assert len(world.waits) == 1


@pytest.mark.parametrize("rotates", [True, False])
def test_a_token_is_renewed_before_it_runs_out_and_when_it_is_refused(world: World, rotates: bool) -> None:
    world.server.rotates = rotates
    poller = world.poller()
    world.now += timedelta(minutes=59, seconds=30)
    poller.look_back()
    assert len(world.server.asked(TOKEN)) == 1
    world.server.faults[RECENT].append(EXPIRED)
    poller.look_back()
    forms = world.server.asked(TOKEN)
    assert forms[0] == {"grant_type": "refresh_token", "refresh_token": "refresh-0", "client_id": "app"}
    assert forms[1]["refresh_token"] == ("refresh-1" if rotates else "refresh-0")
    kept = TokenFile(world.settings.spotify_token_file).load()
    assert kept.access_token.get_secret_value() == "access-2"
    assert kept.refresh_token.get_secret_value() == ("refresh-2" if rotates else "refresh-0")
    assert kept.expires_at == world.now + timedelta(hours=1)


def test_a_log_in_that_was_ended_says_to_log_in_again(world: World) -> None:
    world.server.revoked = True
    world.server.faults[RECENT].append(EXPIRED)
    with pytest.raises(
        BackbeatError, match="has ended this log-in, or never gave it; run `backbeat poll login`"
    ):
        world.poller().look_back()
    assert len(world.server.asked(TOKEN)) == 1


def test_a_token_that_is_never_accepted_says_to_log_in_again(world: World) -> None:
    world.server.faults[RECENT] += [EXPIRED, EXPIRED]
    with pytest.raises(BackbeatError, match="accepts no token of this log-in; run `backbeat poll login`"):
        world.poller().look_back()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer(403, '{"error": {"status": 403, "message": "User not registered"}}'),
            "refuses /v1/me/player/recently-played: 403 User not registered$",
        ),
        (Answer(404, "nothing"), "refuses /v1/me/player/recently-played: 404$"),
        (Answer(400, "[1]"), ": 400$"),
    ],
)
def test_a_refusal_is_told_in_spotifys_words(world: World, answer: Answer, words: str) -> None:
    world.server.faults[RECENT].append(answer)
    with pytest.raises(BackbeatError, match=words):
        world.poller().look_back()
    assert len(world.server.asked(RECENT)) == 1


def test_an_app_that_is_refused_names_its_setting(world: World) -> None:
    world.server.faults[TOKEN].append(Answer(400, '{"error": "invalid_client"}'))
    world.server.faults[RECENT].append(EXPIRED)
    with pytest.raises(BackbeatError, match=r"\(400 invalid_client\); see BACKBEAT_SPOTIFY_CLIENT_ID"):
        world.poller().look_back()


def test_what_is_playing_is_told_once_and_remembered(world: World) -> None:
    world.server.now = playing(track("Orchard"), 10_000)
    poller = world.poller()
    poller.look_now()
    world.now += timedelta(seconds=15)
    world.server.now = playing(track("Orchard"), 25_000)
    poller.look_now()
    world.poller().look_now()
    world.server.now = None
    poller.look_now()
    assert [row.topic for row in world.out.settled] == ["playback_started"]
    assert world.server.asked(NOW)[0] == {"additional_types": "episode"}


def test_a_play_has_the_id_under_which_it_began(world: World) -> None:
    world.server.now = playing(track("Orchard"), 10_000)
    world.poller().look_now()
    world.server.history = [played(32, "Orchard"), played(36, "Orchard")]
    world.now += timedelta(minutes=10)
    world.poller().look_back()
    began, first, second = (orjson.loads(row.value or b"{}") for row in world.out.settled)
    assert first["play_id"] == began["play_id"] != second["play_id"]
    assert first["started_at"] == began["occurred_at"]
    assert Cursor.model_validate_json(world.settings.spotify_cursor_file.read_text()).starts == ()


def test_a_broken_cursor_is_named(world: World) -> None:
    path = world.settings.spotify_cursor_file
    world.poller()
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(
        BackbeatError, match=r"cursor\.json: not a cursor; remove it .*BACKBEAT_SPOTIFY_CURSOR_FILE"
    ):
        world.poller()


def test_the_cursor_is_its_owners_and_only_one_poller_has_it(world: World) -> None:
    world.server.history = [played(5)]
    world.poller().look_back()
    path = world.settings.spotify_cursor_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["cursor.json", "token.json"]
    with (
        CursorFile(path).held(),
        pytest.raises(BackbeatError, match="another poller uses it"),
        CursorFile(path).held(),
    ):
        pass


def script(world: World, rounds: int) -> tuple[Callable[[float], bool], list[float]]:
    """A wait that takes no time, and ends after so many rounds; and what it was asked to wait."""
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waited.append(seconds)
            world.now += timedelta(seconds=seconds)
        return len(waited) >= rounds

    return wait, waited


def test_watching_looks_back_at_its_interval_and_at_what_is_playing_in_between(world: World) -> None:
    poller = world.poller()
    wait, waited = script(world, 9)
    watch(poller, world.settings, wait, pytest.fail, world.seconds)
    assert waited == [15] * 9
    assert (len(world.server.asked(RECENT)), len(world.server.asked(NOW))) == (3, 9)


def test_watching_outlasts_a_spotify_that_is_away_and_waits_as_told(world: World) -> None:
    world.server.history = [played(5)]
    world.server.faults[RECENT].append(Answer(429, Retry_After="3600"))
    said: list[str] = []
    wait, waited = script(world, 2)
    settings = world.settings.model_copy(update={"spotify_now_s": 0})
    watch(world.poller(), settings, wait, said.append, world.seconds)
    assert waited == [3_600, 60]
    assert ["asks to wait 3,600 s" in sentence for sentence in said] == [True]
    assert world.out.titles == ["T5"]
    assert world.server.asked(NOW) == []


def test_a_gap_is_said(world: World) -> None:
    world.server.history = [played(0)]
    poller = world.poller()
    poller.look_back()
    world.now += timedelta(days=1)
    world.server.history += [played(100 + minute) for minute in range(51)]
    said: list[str] = []
    look_once(poller, world.settings, said.append)
    assert said == [MISSING]
