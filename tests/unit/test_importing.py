"""A history from the page: what the child is asked, what it told, and that nothing stays behind."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

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
        self.returncode, self._out, self._err = code, out, err
        self.seen: list[tuple[list[str], dict[str, bytes]]] = []
        self.stderr: list[str] = []

    def __call__(self, command: list[str], *, stdout: IO[bytes], **_: Any) -> Child:
        paths = [Path(part) for part in command[command.index("--") + 1 :]] if "--" in command else []
        self.seen.append((command, {str(path): path.read_bytes() for path in paths}))
        place = str(paths[0].parent.parent) if paths else ""
        stdout.write(self._out.replace("PLACE", place).encode())
        self.stderr = self._err.replace("PLACE", place).splitlines(keepends=True)
        return self

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to wait for."""


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
    monkeypatch.setattr(subprocess, "Popen", child)
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
    monkeypatch.setattr(subprocess, "Popen", child)
    importing.bring_in([Sent(name)], "", tmp_path)
    [(command, contents)] = child.seen
    assert not [part for part in command if part.startswith("--user")]
    [path] = contents
    assert Path(path).resolve().parent.parent.parent == tmp_path.resolve()


def test_a_refusal_is_the_importers_own_line_without_where_the_file_lay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "looking\nbackbeat: PLACE/0/a.json: a JSON object, but of no kind that can be imported\n"
    monkeypatch.setattr(subprocess, "Popen", Child(1, err=words))
    with pytest.raises(BackbeatError) as refused:
        importing.bring_in([Sent("a.json")], "", tmp_path)
    assert str(refused.value) == "a.json: a JSON object, but of no kind that can be imported"
    assert list(tmp_path.iterdir()) == []


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
