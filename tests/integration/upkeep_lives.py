"""Compactions and archivings killed, as by a power cut, at every change that they make to a lake in a folder.

usage: upkeep_lives.py LAKE compact|archive|delete|restore

For n = 1, 2, … a copy of LAKE is worked on by a process that is killed after its nth change; a reader and an
audit must find all they expect; and again, with nothing left over, after one that lives. Prints how many
kills there were. The processes are forked, so that imports happen once.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import pandas  # noqa: F401 -- Arrow imports it when it meets the first value, which takes a second

from consumer.archive.archiver import Archiver
from consumer.archive.restore import restore
from consumer.audit.auditor import Auditor
from consumer.compact.compactor import Compactor
from consumer.compact.files import list_files
from consumer.folder import FolderStore
from tests.upkeep_lake import read_rows, settings

CHANGES = ("create", "copy", "remove")


class Mortal(FolderStore):
    """A store whose user is killed after the `at`th change."""

    def __init__(self, root: Path, at: int) -> None:
        super().__init__(root)
        self._left, self._one = at, Lock()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name == "permit":
            return lambda *args: self._mortal(found(*args))
        return self._mortal(found) if name in CHANGES else found

    def _mortal(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def once(*args: Any) -> Any:
            with self._one:
                answer = change(*args)
                self._left -= 1
                if self._left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return once


def work(what: str, store: FolderStore, lake: Path) -> None:
    """One run of the command `what`."""
    chosen = settings(lake, compact_bytes=1)
    if what == "compact":
        Compactor(store, chosen).run(["plays"])
    elif what == "restore":
        restore(store, ["plays"])
    else:
        Archiver(store, chosen, keep=what == "archive").run(["plays"])


def check(store: FolderStore, expected: dict[Any, int], *, orphans: bool = False) -> None:
    """Every row is listed once, and an audit finds nothing."""
    assert read_rows(store, list_files(store, "plays")) == expected
    report = Auditor(store, None, "backbeat-sink").run()
    assert report.clean, report.findings
    assert orphans or not report.orphans


def in_a_process(task: Callable[[], None]) -> int:
    """The wait status of a process that did `task`."""
    process = os.fork()
    if process == 0:
        try:
            task()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(process, 0)[1]


def survive(what: str, lake: Path, copy: Path, at: int) -> bool:
    """Whether the `at`th change was reached; AssertionError when anything is wrong afterwards."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(lake, copy)  # with the times of its files

    def first() -> None:
        work(what, Mortal(copy, at), copy)

    def then() -> None:
        store = FolderStore(copy)
        expected = read_rows(store, list_files(FolderStore(lake), "plays"))
        assert set(expected.values()) == {1}
        check(store, expected, orphans=True)
        work(what, store, copy)
        check(store, expected)
        kept = sorted(path.relative_to(copy) for path in copy.rglob("*.parquet"))
        work(what, store, copy)  # nothing is left to do
        assert kept == sorted(path.relative_to(copy) for path in copy.rglob("*.parquet"))

    status = in_a_process(first)
    assert os.WIFSIGNALED(status) or status == 0, status
    assert in_a_process(then) == 0
    return os.WIFSIGNALED(status)


def main(lake: Path, what: str) -> None:
    """Every change, until one is not reached."""
    copy = lake.with_name("copy")
    kills = 0
    for at in count(1):
        if not survive(what, lake, copy, at):
            break
        kills = at
    print(kills)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
