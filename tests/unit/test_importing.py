"""A history from the page: what the child is asked, what it told, and that nothing stays behind."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import streamlit as st

from contracts.errors import BackbeatError
from serving.settings import AppSettings
from streamlit_app import importing, upload, viewer


@dataclass(frozen=True)
class Sent:
    name: str
    data: bytes = b"[]"

    def getbuffer(self) -> memoryview:
        return memoryview(self.data)


class Child:
    """Stands in for the command: remembers what it was asked, and answers."""

    def __init__(self, code: int, out: str = "", err: str = "") -> None:
        self.answer = (code, out, err)
        self.seen: list[tuple[list[str], dict[str, bytes]]] = []

    def __call__(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        code, out, err = self.answer
        paths = [Path(part) for part in command[command.index("--") + 1 :]] if "--" in command else []
        self.seen.append((command, {str(path): path.read_bytes() for path in paths}))
        place = str(paths[0].parent.parent) if paths else ""
        return subprocess.CompletedProcess(
            command, code, out.replace("PLACE", place), err.replace("PLACE", place)
        )


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def told(**more: object) -> str:
    file = {"path": "PLACE/0/a.json", "kind": "spotify_history", "rows_in": 3, "accepted": 2, "rejected": 1}
    file |= {"already_imported": False, "damage": None}
    whole = {
        "rows_in": 3,
        "accepted": 2,
        "rejected": 1,
        "by_reason": {"bad_timestamp": 1},
        "files": [file],
        "skipped": [],
    }
    return "a line before\n" + json.dumps(whole | more) + "\n"


def test_what_was_told_is_handed_on_and_no_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(0, told())
    monkeypatch.setattr(subprocess, "run", child)
    done = importing.bring_in([Sent("a.json", b"one"), Sent("a.json", b"two")], "Ada", tmp_path)
    assert (done.rows_in, done.accepted, done.rejected) == (3, 2, 1)
    assert done.by_reason == {"bad_timestamp": 1}
    assert done.files == (("a.json", "spotify_history", 3, 2, 1),)
    [(command, contents)] = child.seen
    assert command[:6] == [sys.executable, "-m", "backbeat", "import", "--json", "--user=Ada"]
    assert sorted(contents.values()) == [b"one", b"two"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "..\\..\\x", "/etc/passwd", "", "..", "a" * 4_000, "x\0y"]
)
def test_a_name_leads_nowhere(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child(0, told())
    monkeypatch.setattr(subprocess, "run", child)
    importing.bring_in([Sent(name)], "", tmp_path)
    [(command, contents)] = child.seen
    assert not [part for part in command if part.startswith("--user")]
    [path] = contents
    assert Path(path).resolve().parent.parent.parent == tmp_path.resolve()


def test_a_refusal_is_the_importers_own_line_without_where_the_file_lay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "looking\nbackbeat: PLACE/0/a.json: a JSON object, but of no kind that can be imported\n"
    monkeypatch.setattr(subprocess, "run", Child(1, err=words))
    with pytest.raises(BackbeatError) as refused:
        importing.bring_in([Sent("a.json")], "", tmp_path)
    assert str(refused.value) == "a.json: a JSON object, but of no kind that can be imported"
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_dies_without_a_word_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", Child(-9))
    with pytest.raises(BackbeatError, match="`backbeat refresh` failed without a word"):
        importing.refresh(tmp_path)


def test_a_refresh_says_which_snapshot_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", Child(0, '{"snapshot": "snapshot-1.duckdb"}\n'))
    assert importing.refresh(tmp_path) == "snapshot-1.duckdb"


@pytest.mark.parametrize(
    ("setting", "address", "sees_everybody", "offered"),
    [
        ("auto", "localhost", True, True),
        ("auto", "music.example.org", True, False),
        ("auto", "", True, False),
        ("on", "music.example.org", True, True),
        ("off", "localhost", True, False),
        ("auto", "localhost", False, False),
        ("on", "localhost", False, False),
    ],
)
def test_who_may_import_on_the_page(
    setting: Literal["auto", "on", "off"],
    address: str,
    sees_everybody: bool,
    offered: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(viewer, "current", lambda: viewer.Viewer(sees_everybody=sees_everybody))
    monkeypatch.setattr(st, "get_option", lambda _: address)
    assert upload.is_offered(AppSettings(app_import=setting)) is offered


def test_nobody_who_has_yet_to_log_in_may_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "current", lambda: None)
    assert upload.is_offered(AppSettings(app_import="on")) is False
