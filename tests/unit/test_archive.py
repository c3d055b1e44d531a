"""The archive of landed files: kept once, by what they hold; killed at any step it loses nothing."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from consumer.folder import FolderStore
from contracts.errors import BackbeatError
from contracts.gates import GOLD_ARCHIVE, Verdict, record
from producer import commands
from producer.archive.entry import ArchiveStore, entries
from producer.archive.keep import damage, find, keep, let_go, restore
from producer.importers.inbox import Dropped, fetch, waiting


class DiesError(Exception):
    """The process is killed."""


class Mortal:
    """A store that dies before its `step`th change."""

    def __init__(self, store: FolderStore, step: int) -> None:
        self._store, self._left = store, step

    def __getattr__(self, name: str) -> Any:
        if name in ("create", "copy", "remove"):
            if self._left == 0:
                raise DiesError
            self._left -= 1
        return getattr(self._store, name)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStore:
    monkeypatch.chdir(tmp_path)
    return FolderStore(tmp_path / "lake")


def drop(store: FolderStore, tmp_path: Path, name: str = "anna/a.csv", text: str = "n\n1\n") -> Dropped:
    path = tmp_path / "lake/landing/inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (0, 0))
    return next(one for one in waiting(store, timedelta()) if one.key.endswith(name))


def take(store: ArchiveStore, dropped: Dropped, tmp_path: Path) -> str:
    _, digest = fetch(store, dropped, tmp_path)
    return keep(store, dropped, digest, imported=True, is_report=True).key


def held(tmp_path: Path) -> dict[str, str]:
    """Every file in inbox and archive, by its folder's zone."""
    zones = ("landing/inbox", "archive")
    return {
        str(path.relative_to(tmp_path / "lake")): path.read_text()
        for zone in zones
        for path in (tmp_path / "lake" / zone).rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("step", range(4))
def test_killed_at_any_step_it_loses_nothing_and_goes_on(
    store: FolderStore, tmp_path: Path, step: int
) -> None:
    dropped = drop(store, tmp_path)
    with pytest.raises(DiesError):
        take(Mortal(store, step), dropped, tmp_path)
    assert "n\n1\n" in held(tmp_path).values()
    take(store, dropped, tmp_path)
    (entry,) = entries(store)
    assert held(tmp_path) == {entry.key: "n\n1\n"}
    assert (damage(store, entry), entry.listener, entry.name) == (None, "anna", "a.csv")
    assert entry.key == f"archive/landing/{datetime.now(UTC):year=%Y/month=%m/day=%d}/{entry.sha256}.csv"


def test_the_same_content_is_kept_once_whatever_it_is_called(store: FolderStore, tmp_path: Path) -> None:
    first = take(store, drop(store, tmp_path), tmp_path)
    assert take(store, drop(store, tmp_path, "again.txt"), tmp_path) == first
    assert take(store, drop(store, tmp_path, "other.csv", "n\n2\n"), tmp_path) != first
    assert len(held(tmp_path)) == 2


def test_a_restored_file_is_the_one_that_came(store: FolderStore, tmp_path: Path) -> None:
    take(store, drop(store, tmp_path), tmp_path)
    entry = find(store, "a.csv")
    assert restore(store, entry) == "landing/inbox/anna/a.csv"
    assert held(tmp_path)["landing/inbox/anna/a.csv"] == "n\n1\n"
    with pytest.raises(BackbeatError, match="another file of that name waits there"):
        restore(store, entry)
    with pytest.raises(BackbeatError, match="zzz: no archived files are called so"):
        find(store, "zzz")


def run(store: FolderStore, *line: str) -> Result:
    return CliRunner().invoke(commands.app, ["archive", *line], obj={"store_for": lambda _lake: store})


def test_damage_is_named(store: FolderStore, tmp_path: Path) -> None:
    key = take(store, drop(store, tmp_path), tmp_path)
    assert json.loads(run(store, "verify", "--json").stdout) == {"files": 1, "faults": []}
    (tmp_path / "lake" / key).write_text("n\n2\n")
    assert "other bytes than came (a.csv)" in str(run(store, "verify").exception)
    (tmp_path / "lake" / key).unlink()
    assert f"{key}: missing (a.csv)" in str(run(store, "verify").exception)


def test_retention_lets_files_go_once_gold_has_them(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, drop(store, tmp_path), tmp_path)
    (path,) = (tmp_path / "lake/_kept/landing").glob("*.json")
    long_ago = json.loads(path.read_text()) | {"archived_at": "2020-01-01T00:00:00+00:00"}
    path.write_text(json.dumps(long_ago))
    assert run(store, "expire").stdout == ""  # for ever
    monkeypatch.setenv("BACKBEAT_ARCHIVE_LANDING_DAYS", "30")
    assert "a.csv" in run(store, "expire", "--dry-run").stdout
    assert "gate gold→archive: not passed since 2020" in str(run(store, "expire").exception)
    assert len(held(tmp_path)) == 1
    record(
        Path("var/warehouse.duckdb"), [Verdict(GOLD_ARCHIVE, "counts", "0", "2 are in none", passed=False)]
    )
    assert "2 are in none" in str(run(store, "expire").exception)
    record(Path("var/warehouse.duckdb"), [Verdict(GOLD_ARCHIVE, "counts", "0", "0", passed=True)])
    assert run(store, "expire").exception is None
    assert (held(tmp_path), json.loads(run(store, "verify", "--json").stdout)["faults"]) == ({}, [])
    assert "let go" in run(store, "list").stdout
    take(store, drop(store, tmp_path), tmp_path)  # dropped again, it is here again
    (entry,) = entries(store)
    assert held(tmp_path) == {entry.key: "n\n1\n"}
    let_go(store, entry)
    with pytest.raises(BackbeatError, match="let go by BACKBEAT_ARCHIVE_LANDING_DAYS"):
        restore(store, entry)
