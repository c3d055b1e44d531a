"""Answers are kept within bounds, and are the same rows for everybody who asks."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from streamlit_app.database import Database

ROWS = "select i, $word as word from numbers where i < $many"


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "it's.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table numbers as select i from range(1000) as r(i)")
    return str(file)


def test_a_question_is_asked_once(path: str) -> None:
    database = Database(path)
    first = database.frame(ROWS, {"word": "a", "many": 3})
    assert first["i"].to_list() == [0, 1, 2]
    assert database.frame(ROWS, {"many": 3, "word": "a"}) is first
    assert database.frame(ROWS, {"word": "b", "many": 3}) is not first


def test_lists_are_bound(path: str) -> None:
    found = Database(path).frame("select i from numbers where i = any($these) order by i", {"these": (1, 5)})
    assert found["i"].to_list() == [1, 5]


def test_what_was_not_asked_for_longest_goes_first(path: str) -> None:
    size = Database(path).frame(ROWS, {"word": "a", "many": 100}).estimated_size()
    database = Database(path, answers=int(2.5 * size))
    first, second = (database.frame(ROWS, {"word": word, "many": 100}) for word in "ab")
    assert database.frame(ROWS, {"word": "a", "many": 100}) is first
    database.frame(ROWS, {"word": "c", "many": 100})
    assert database.frame(ROWS, {"word": "a", "many": 100}) is first
    assert database.frame(ROWS, {"word": "b", "many": 100}) is not second


def test_an_answer_beyond_the_bound_is_given_and_not_kept(path: str) -> None:
    database = Database(path, answers=10)
    asked = {"word": "a", "many": 100}
    assert database.frame(ROWS, asked).height == 100
    assert database.frame(ROWS, asked) is not database.frame(ROWS, asked)
