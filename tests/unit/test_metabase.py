"""Provisioning of Metabase: in order, once, again without change, and what it says when it cannot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.errors import BackbeatError
from infra.metabase.api import MetabaseApi
from infra.metabase.board import FOLDER, Board, read_boards
from infra.metabase.provision import Provisioner
from infra.metabase.settings import MetabaseSettings
from tests.metabase_server import FakeMetabase, serving

BOARDS = read_boards()
QUESTIONS = [question for board in BOARDS for question in board.questions]


def knows(word: str) -> Callable[[dict[str, object]], bool]:
    """A PostgreSQL that lets in whoever says `word`."""
    return lambda details: details["password"] == word


@pytest.fixture
def metabase() -> FakeMetabase:
    """One that nobody has logged in to; PostgreSQL lets in whoever says `read`."""
    return FakeMetabase(knows("read"), starting=1)


@pytest.fixture
def settings(metabase: FakeMetabase) -> Iterator[MetabaseSettings]:
    with serving(metabase) as address:
        yield MetabaseSettings(
            _env_file=None,  # type: ignore[call-arg]
            metabase_url=address,
            metabase_password=SecretStr("s3cret-enough"),
            metabase_seconds=1,
            postgres_host="postgres",
            postgres_reader_password=SecretStr("read"),
        )


def run(settings: MetabaseSettings, boards: list[Board] | None = None) -> tuple[dict[str, int], list[str]]:
    """Counts, and the lines that were told."""
    lines: list[str] = []
    with MetabaseApi(settings) as api:
        provisioner = Provisioner(api, lines.append)
        provisioner.run(settings, boards or BOARDS)
    return dict(provisioner.counts), lines


def test_everything_is_made_and_made_again_without_a_change(
    metabase: FakeMetabase, settings: MetabaseSettings
) -> None:
    things = 3 + len(QUESTIONS) + len(BOARDS)
    assert run(settings)[0] == {"made": things}
    assert {row["name"] for row in metabase.held["dashboard"].values()} == {board.title for board in BOARDS}
    for board, row in zip(BOARDS, metabase.held["dashboard"].values(), strict=True):
        names = [metabase.held["card"][card["card_id"]]["name"] for card in row["dashcards"]]
        assert names == [question.title for question in board.questions]
    (database,) = metabase.held["database"].values()
    assert database["details"]["user"] == "backbeat_reader"
    assert database["details"]["schema-filters-patterns"] == "gold"

    metabase.changes.clear()
    assert run(settings) == ({"left": things}, [])
    assert metabase.changes == []


def test_what_a_file_says_otherwise_is_changed_and_nothing_else(
    metabase: FakeMetabase, settings: MetabaseSettings
) -> None:
    run(settings)
    metabase.changes.clear()
    first, *others = BOARDS
    question, *rest = first.questions
    moved = question.model_copy(update={"sql": "select 1", "at": (0, 60, 24, 4)})
    counts, lines = run(settings, [first.model_copy(update={"questions": [moved, *rest]}), *others])
    assert lines == [f"changed question {question.title}", f"changed dashboard {first.title}"]
    assert [change.rsplit("/", 1)[0] for change in metabase.changes] == [
        "PUT /api/card",
        "PUT /api/dashboard",
    ]
    assert counts["changed"] == 2
    ids = [card["id"] for card in metabase.held["dashboard"][1]["dashcards"]]
    assert ids == list(range(1, len(first.questions) + 1)), "a card that moved is not a new one"


def test_a_new_password_of_the_reader_is_handed_on(
    metabase: FakeMetabase, settings: MetabaseSettings
) -> None:
    run(settings)
    metabase.lets_in = knows("another")
    changed = settings.model_copy(update={"postgres_reader_password": SecretStr("another")})
    assert run(changed)[1] == ["changed connection Backbeat gold"]
    assert run(changed)[1] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metabase_password": SecretStr("")}, "BACKBEAT_METABASE_PASSWORD is missing"),
        ({"metabase_password": SecretStr("no digit")}, "answered 400 to POST setup"),
        ({"postgres_reader_password": SecretStr("x")}, "400 to POST database: .*password authentication"),
        (
            {"metabase_url": "http://127.0.0.1:1", "metabase_seconds": 0.1},
            "BACKBEAT_METABASE_URL.*not answer",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(
    settings: MetabaseSettings, change: dict[str, object], message: str
) -> None:
    with pytest.raises(BackbeatError, match=message):
        run(settings.model_copy(update=change))


def test_another_password_than_the_administrators_is_told(settings: MetabaseSettings) -> None:
    run(settings)
    with pytest.raises(BackbeatError, match="answered 401 to POST session"):
        run(settings.model_copy(update={"metabase_password": SecretStr("an0ther-one")}))


def test_the_command_counts_and_an_error_is_one_line(settings: MetabaseSettings) -> None:
    environment = {
        "PYTHONPATH": str(FOLDER.parents[2]),
        "BACKBEAT_METABASE_URL": settings.metabase_url,
        "BACKBEAT_METABASE_PASSWORD": "s3cret-enough",
        "BACKBEAT_POSTGRES_READER_PASSWORD": "read",
    }
    line = [sys.executable, "-m", "infra.metabase"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    assert f"{3 + len(QUESTIONS) + len(BOARDS)} made" in done.stderr
    environment["BACKBEAT_METABASE_PASSWORD"] = ""
    failed = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert (failed.returncode, len(failed.stderr.splitlines())) == (1, 1)


def test_the_boards_are_whole_and_nothing_overlaps() -> None:
    assert {board.title for board in BOARDS} == {
        "Listening",
        "Royalties",
        "Reconciliation",
        "Campaigns",
        "KPI board",
    }
    for board in BOARDS:
        taken: set[tuple[int, int]] = set()
        for question in board.questions:
            column, row, width, height = question.at
            cells = {(x, y) for x in range(column, column + width) for y in range(row, row + height)}
            assert not cells & taken, question.title
            taken |= cells


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\nabout: y\nquestions: []\n", "at least 1"),
        (
            "title: x\nabout: y\nquestions: [{title: a, about: b, display: pie, sql: c, at: [0, 0, 1, 1]}]",
            "pie",
        ),
        (
            "title: x\nabout: y\nquestions: [{title: a, about: b, display: line, sql: c, at: [20, 0, 9, 1]}]",
            "grid",
        ),
        ("title: [", "board.yaml"),
    ],
)
def test_a_board_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "board.yaml").write_text(text)
    with pytest.raises(BackbeatError, match=message):
        read_boards(tmp_path)


def test_two_questions_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text((FOLDER / "kpis.yaml").read_text())
    with pytest.raises(BackbeatError, match="more than one question is called"):
        read_boards(tmp_path)
