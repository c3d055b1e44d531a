"""The inbox: what is dropped is imported once and archived by its bytes, whoever's and whatever it is."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from consumer.folder import FolderStore
from producer import commands
from producer.archive.entry import entries
from producer.importers import inbox_command
from producer.importers.batch import Batch
from producer.importers.inbox import waiting
from serving.folder import Folder
from serving.inputs import lake_digest
from tests.importing import Sent


def history(*tracks: str) -> str:
    rows = [{"endTime": "2024-03-01 10:00", "artistName": "One", "trackName": track, "msPlayed": 180_000}
            for track in tracks]  # fmt: skip
    return json.dumps(rows)


class Inbox:
    """A lake with an inbox; what an import publishes is kept instead."""

    def __init__(self, folder: Path) -> None:
        self.lake = folder / "lake"
        self.store = FolderStore(self.lake)
        self.sent = Sent()

    def drop(self, name: str, text: str, age_s: float = 60) -> Path:
        path = self.lake / "landing/inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written = path.stat().st_mtime - age_s
        os.utime(path, (written, written))
        return path

    def take(self, *options: str) -> Any:
        given = {"store_for": lambda _lake: self.store}
        line = ["inbox", "--json", *options]
        done = CliRunner().invoke(commands.app, line, obj=given, catch_exceptions=False)
        return json.loads(done.stdout.splitlines()[-1])

    def archived(self, kind: str) -> dict[str, str]:
        found = [one for one in entries(self.store) if one.zone == kind]
        assert all((self.lake / one.key).is_file() for one in found)
        return {one.name: one.sha256 for one in found}


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKBEAT_PSEUDONYM_KEY", "a key of the tests")
    made = Inbox(tmp_path)

    def take(batch: Batch) -> None:
        batch.land()
        batch.publish(made.sent)
        batch.settle()

    monkeypatch.setattr(inbox_command, "take", take)
    return made


def test_a_history_is_imported_for_its_listener_and_archived_by_its_bytes(inbox: Inbox) -> None:
    mine, theirs = history("a", "b"), history("c")
    inbox.drop("StreamingHistory0.json", mine)
    inbox.drop("anna/StreamingHistory0.json", theirs)
    assert inbox.take() == {"files": 2, "rows_in": 3, "accepted": 3, "rejected": 0, "refused": []}
    assert len({json.loads(value)["user_id"] for _, _, value, _ in inbox.sent}) == 2
    archived = {path.stem for path in (inbox.lake / "archive/landing").rglob("*.json")}
    assert archived == {sha256(text.encode()).hexdigest() for text in (mine, theirs)}
    assert inbox.take() == {"files": 0, "rows_in": 0, "accepted": 0, "rejected": 0, "refused": []}


def test_the_same_bytes_again_are_archived_and_count_nothing(inbox: Inbox) -> None:
    inbox.drop("StreamingHistory0.json", history("a"))
    inbox.take()
    inbox.drop("StreamingHistory1.json", history("a"))
    assert inbox.take()["rows_in"] == 0
    assert list(inbox.archived("landing")) == ["StreamingHistory0.json"]
    assert len([path for path in (inbox.lake / "archive").rglob("*") if path.is_file()]) == 1
    assert len(inbox.sent) == 1


def test_what_is_nothing_to_import_is_told_and_stops_nothing(inbox: Inbox) -> None:
    inbox.drop("holiday.txt", "just a letter")
    inbox.drop("StreamingHistory0.json", history("a"))
    taken = inbox.take()
    assert (taken["files"], taken["accepted"]) == (1, 1)
    ((name, reason),) = [(one["name"], one["reason"]) for one in taken["refused"]]
    assert name == "holiday.txt"
    assert reason.startswith("holiday.txt: ")
    assert list(inbox.archived("refused")) == ["holiday.txt"]


def test_a_file_that_is_still_written_or_hidden_waits(inbox: Inbox) -> None:
    inbox.drop("half.json", history("a"), age_s=0)
    inbox.drop(".half.json.part", history("a"))
    assert waiting(inbox.store, timedelta(seconds=10)) == []
    inbox.drop("half.json", history("a"), age_s=11)
    assert [one["name"] for one in inbox.take("--list")] == ["half.json"]


def test_what_waits_is_no_reason_to_build(inbox: Inbox) -> None:
    before = lake_digest(Folder(inbox.lake))
    inbox.drop("StreamingHistory0.json", history("a"))
    assert lake_digest(Folder(inbox.lake)) == before


def test_a_report_lands_and_is_archived(inbox: Inbox) -> None:
    told = "date,listeners,streams,followers\n2024-01-01,1,2,3\n2024-01-02,x,2,3\n"
    inbox.drop("audience.csv", told)
    assert inbox.take() == {"files": 1, "rows_in": 2, "accepted": 1, "rejected": 1, "refused": []}
    assert list(inbox.archived("landing")) == ["audience.csv"]
    assert inbox.sent == []
    assert len(list((inbox.lake / "landing/report_lines").glob("*.parquet"))) == 1
