"""A catalogue written by a model of our own: what is wrong is asked again, then filled, and it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import producer.simulator.author.endpoint as endpoint_module
from contracts.errors import BackbeatError
from producer.asking import Patience
from producer.simulator.author.command import catalogue as app
from producer.simulator.author.question import artists_in, question
from producer.simulator.written import read_written
from tests.model_server import ModelServer, artist, model_server, told


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def model(running: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKBEAT_CATALOGUE_URL", running.url)
    monkeypatch.setenv("BACKBEAT_CATALOGUE_MODEL", "stub-1")
    monkeypatch.setenv("BACKBEAT_CATALOGUE_KEY", "sk-secret")
    monkeypatch.setenv("BACKBEAT_CATALOGUE_BATCH", "4")
    monkeypatch.setattr(endpoint_module, "Patience", lambda: Patience(attempts=2, pause=lambda _: None))
    fresh = ModelServer()
    fresh.url = running.url
    running.__dict__.update(fresh.__dict__)
    return running


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["write", "music.json", *arguments], catch_exceptions=False)


def counted(*arguments: str) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return summary


def names() -> list[str]:
    return [artist.name for artist in read_written(Path("music.json")).artists]


def test_a_model_is_asked_in_batches_until_all_are_there(model: ModelServer) -> None:
    summary = counted("--artists", "10", "--tracks", "3")
    assert summary.pop("file") == "music.json"
    assert summary == {"artists": 10, "answers": 3, "filled": 0, "known": 0, "wrong": {}}
    written = read_written(Path("music.json"))
    assert written.model == "stub-1"
    assert [artist.name for artist in written.artists] == [f"Invented {number}" for number in range(1, 11)]
    assert {len(artist.tracks) for artist in written.artists} == {3}
    assert model.keys == ["Bearer sk-secret"] * 3
    assert {request["model"] for request in model.requests} == {"stub-1"}
    assert "Invent 4 artists of the genre 'pop'" in model.questions[0]
    assert "Invent 2 artists of the genre 'electronic'" not in model.questions[1]
    assert '"Invented 8"' in model.questions[2]


def test_the_second_run_asks_nothing_and_a_larger_one_only_for_the_rest(model: ModelServer) -> None:
    counted("--artists", "4")
    before = Path("music.json").read_bytes()
    assert "holds 4 artists already" in run("--artists", "4").stderr
    assert Path("music.json").read_bytes() == before
    assert counted("--artists", "6")["known"] == 4
    assert len(model.requests) == 2
    assert counted("--artists", "2", "--again")["known"] == 0
    assert names() == ["Invented 7", "Invented 8"]


def test_what_is_wrong_is_not_taken_and_asked_again(model: ModelServer) -> None:
    model.answers = [
        told(artist("Lantern"), artist("LANTERN "), artist("Short", 1), {"name": "No more"}),
        "I'd rather not.",
    ]
    summary = counted("--artists", "4", "--tracks", "2")
    assert summary["wrong"] == {"duplicate": 1, "too_few_titles": 1, "invalid": 1, "not_json": 1}
    assert (summary["answers"], summary["filled"]) == (4, 0)
    assert names() == ["Lantern", "Invented 1", "Invented 2", "Invented 3"]
    assert "Invent 2 artists" in model.questions[2]  # an answer that broke off was perhaps too long


def test_what_stays_wrong_is_filled_from_the_default_words_and_said(model: ModelServer) -> None:
    model.answers = [told(artist("Lantern")), *["no"] * 9]
    result = run("--artists", "5", "--tracks", "2")
    assert "1 artists by stub-1 in 4 answers; 4 filled from the default words;" in result.stderr
    assert "not taken: 3 not_json" in result.stderr
    written = read_written(Path("music.json"))
    assert len(written.artists) == 5
    assert {len(artist.titles) for artist in written.artists} == {2}
    first = Path("music.json").read_bytes()
    model.answers = [told(artist("Lantern")), *["no"] * 9]
    counted("--artists", "5", "--tracks", "2", "--again")
    assert Path("music.json").read_bytes() == first


def test_more_than_was_asked_for_is_left(model: ModelServer) -> None:
    model.answers = [told(*(artist(f"A{number}", 5) for number in range(9)))]
    counted("--artists", "3", "--tracks", "2")
    assert names() == ["A0", "A1", "A2"]
    assert read_written(Path("music.json")).artists[0].tracks == ("A0 0", "A0 1")


def test_a_busy_model_is_asked_again_and_one_that_is_away_leaves_what_is_there(model: ModelServer) -> None:
    model.answers = [503, told(*(artist(f"A{number}") for number in range(4))), 500, 500]
    with pytest.raises(BackbeatError, match=r"answered 500; 4 artists are there; the same command goes on"):
        run("--artists", "8", "--tracks", "2")
    assert names() == ["A0", "A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, r"refuses BACKBEAT_CATALOGUE_KEY \(401\)"),
        (404, r"knows no such path or model \(404\): stub-1 \(BACKBEAT_CATALOGUE_MODEL\)"),
        (400, r"refuses the request \(400\): .*the key … is not welcome"),
    ],
)
def test_a_refusal_names_the_setting_and_never_the_key(model: ModelServer, status: int, words: str) -> None:
    model.answers = [status]
    with pytest.raises(BackbeatError, match=words) as refused:
        run("--artists", "4")
    assert "sk-secret" not in str(refused.value)
    assert len(model.requests) == 1
    assert not Path("music.json").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("URL", "", "BACKBEAT_CATALOGUE_URL is empty"),
        ("MODEL", "", "BACKBEAT_CATALOGUE_MODEL is empty"),
        ("KEY", "sk-\nsecret", "BACKBEAT_CATALOGUE_KEY holds a character that no key has"),
        ("URL", "floppy://x", r"\(BACKBEAT_CATALOGUE_URL\) cannot be asked"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    model: ModelServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"BACKBEAT_CATALOGUE_{name}", value)
    with pytest.raises(BackbeatError, match=words):
        run()


def test_a_file_that_is_no_catalogue_is_not_overwritten(model: ModelServer) -> None:
    Path("music.json").write_text("my diary")
    with pytest.raises(BackbeatError, match=r"music\.json: not a catalogue"):
        run()
    assert Path("music.json").read_text() == "my diary"


def test_a_place_that_cannot_be_written_is_named(model: ModelServer) -> None:
    Path("file").touch()
    with pytest.raises(BackbeatError, match=r"^file/music\.json: cannot be written"):
        CliRunner().invoke(app, ["write", "file/music.json", "--artists", "1"], catch_exceptions=False)


@pytest.mark.parametrize(
    "answer",
    [
        '{"artists": [1]}',
        'Sure! Here you are:\n```json\n{"artists": [1]}\n```\nEnjoy.',
        '<think>{maybe} {"genre": "pop"}</think>{"artists": [1]} {"artists": [2]}',
    ],
)
def test_whatever_stands_around_the_object_is_passed_over(answer: str) -> None:
    assert artists_in(answer) == [1]


@pytest.mark.parametrize("answer", ["", "no", "[1]", '{"artists": 3}', '{"artists": [1, 2', "{" * 5_000])
def test_an_answer_without_artists_is_none(answer: str) -> None:
    with pytest.raises(ValueError, match="no JSON object with artists"):
        artists_in(answer)


def test_a_question_grows_no_longer_with_the_catalogue() -> None:
    known = [f"name {number}" for number in range(1_000)]
    asked = question(5, 8, "jazz", known)
    assert "name 999" in asked
    assert "name 959" not in asked
