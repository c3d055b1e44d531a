"""A refresh asked for on the page: how far it is, how it ended, and that there is one at a time."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest

from contracts.errors import BackbeatError
from streamlit_app import child
from streamlit_app.refreshing import Refreshing, State, heard

SAID = [
    "building: the lake changed",
    "05:09:01  Found 67 models",
    "05:09:20  57 of 67 START sql incremental model gold.fct_plays ............... [RUN]",
    "05:09:20  56 of 67 \x1b[32mOK\x1b[0m created sql view model silver.x ... [\x1b[32mOK\x1b[0m in 0.1s]",
    "05:09:20  61 of 67 START test assert_new_plays_stand_once ................... [RUN]",
    "05:09:21  Finished running 2 incremental models, 1 test in 0 hours.",
]


def ended(refreshing: Refreshing, turn: Lock) -> State:
    assert turn.acquire(timeout=10)
    turn.release()
    return refreshing.state


def test_each_step_is_told_and_the_bar_never_goes_back() -> None:
    state, told = State(running=True), []
    for line in SAID:
        state = heard(line, state)
        told.append((state.words, round(state.share, 2)))
    assert told == [
        ("Reading the models (the lake changed)", 0.02),
        ("Reading the models (the lake changed)", 0.02),
        ("Building: 57 of 67, model gold.fct_plays", 0.78),
        ("Building: 57 of 67, model gold.fct_plays", 0.78),
        ("Building: 61 of 67, test assert_new_plays_stand_once", 0.83),
        ("Publishing", 0.92),
    ]


def test_one_at_a_time_until_it_has_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    turn, go, begun = Lock(), Event(), Event()

    def run(*asked: str, folder: Path, hear: child.Hear) -> dict[str, Any]:
        assert (asked, folder) == (("refresh", "--json"), tmp_path)
        hear(SAID[2])
        begun.set()
        assert go.wait(10)
        return {"snapshot": "snapshot-1.duckdb"}

    monkeypatch.setattr(child, "run", run)
    refreshing = Refreshing(turn)
    assert refreshing.start(tmp_path)
    assert begun.wait(10)
    assert refreshing.state.running
    assert "57 of 67" in refreshing.state.words
    assert not refreshing.start(tmp_path)
    go.set()
    assert ended(refreshing, turn) == State(share=1.0, words="Published", snapshot="snapshot-1.duckdb")


def test_a_failure_is_told_with_how_far_it_came(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(*_: str, folder: Path, hear: child.Hear) -> dict[str, Any]:
        hear(SAID[4])
        raise BackbeatError("dbt build failed at assert_new_plays_stand_once: nothing was published")

    monkeypatch.setattr(child, "run", run)
    turn = Lock()
    refreshing = Refreshing(turn)
    refreshing.start(tmp_path)
    state = ended(refreshing, turn)
    assert not state.running
    assert state.failed.startswith("dbt build failed at assert_new_plays_stand_once")
    assert "61 of 67" in state.words


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit('a\\nbackbeat: x is gone\\nb')", "x is gone"),
        ("import sys; sys.exit('Traceback')", "Traceback"),
        ("import sys; sys.exit(9)", "`backbeat refresh` failed without a word"),
    ],
)  # fmt: skip
def test_a_command_fails_in_its_own_words(
    script: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backbeat.py").write_text(script)
    with pytest.raises(BackbeatError, match=told):
        child.run("refresh", folder=tmp_path)


def test_what_a_command_says_is_heard_and_its_last_line_is_the_answer(tmp_path: Path) -> None:
    script = "import sys\nfor n in range(3): print(n, file=sys.stderr)\nprint('x')\nprint('{\"n\": 1}')"
    (tmp_path / "backbeat.py").write_text(script)
    said: list[str] = []
    assert child.run("refresh", folder=tmp_path, hear=said.append) == {"n": 1}
    assert said == ["0", "1", "2"]
